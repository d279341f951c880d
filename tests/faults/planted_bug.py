"""The gateway with one fault: it acknowledges before the message is durable. The crash test must catch it."""

import asyncio

from gateway.bus.port import Bus
from gateway.bus.sqlite import SqliteBus
from gateway.errors import GatewayError
from gateway.runtime.settings import load_settings
from schemas.envelope import Message
from services.all_in_one import run_process

ENTRANCES = frozenset({"raw.web", "raw.zalo", "raw.facebook", "raw.email"})

LATE_SECONDS = 0.3
"""As long as a slow disk takes, or a cache that is written back when there is time."""


class AcknowledgesEarly:
    """Takes the place of `publish` in the stages that answer citizens and platforms, or move on in a mailbox."""

    def __init__(self, kind: type[Bus]) -> None:
        """Remember what a kind of bus does when it is right."""
        self._right = kind.publish
        self._under_way: set[asyncio.Task[None]] = set()

    async def publish(self, bus: Bus, *messages: Message) -> None:
        """Return at once and make the messages durable a little later."""
        if ENTRANCES.issuperset(message.topic for message in messages):
            later = asyncio.create_task(self._later(bus, *messages))
            self._under_way.add(later)
            later.add_done_callback(self._under_way.discard)
        else:
            await self._right(bus, *messages)

    async def _later(self, bus: Bus, *messages: Message) -> None:
        await asyncio.sleep(LATE_SECONDS)
        await self._right(bus, *messages)


def acknowledge_early(kind: type[Bus]) -> None:
    """Plant the fault in a kind of bus."""
    early = AcknowledgesEarly(kind)

    async def publish(self: Bus, *messages: Message) -> None:
        await early.publish(self, *messages)

    kind.publish = publish  # type: ignore[method-assign]  # this is the fault


def main() -> None:
    """Run the faulty gateway."""
    acknowledge_early(SqliteBus)
    try:
        run_process(load_settings())
    except GatewayError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
