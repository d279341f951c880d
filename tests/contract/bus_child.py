"""A process that publishes or consumes until it is killed: `bus_child.py COMMAND URL STAGE …`."""

import asyncio
import itertools
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime

from gateway.bus.opening import open_bus
from gateway.bus.port import Bus, Record
from gateway.errors import Conflict
from schemas.envelope import Message

LEASE_SECONDS = 2.0
"""As long a killed or stopped child may hold up whoever takes over from it."""


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def made(number: str, topic: str, key: str, value: bytes) -> Message:
    return Message(topic, key, number, "vn.1022.test.v1", "child", datetime.now(UTC), value)


async def publish_one(bus: Bus, number: str) -> None:
    """Publish once, say so, and wait to be killed."""
    await bus.publish(made(number, "inbound", "a", b"{}"))
    say(number)
    await asyncio.Event().wait()


async def publish_on(bus: Bus, name: str, limit: str) -> None:
    """Publish pairs from four tasks at once, up to a number or on and on; say each pair once it is acknowledged."""
    numbers = iter(range(int(limit))) if int(limit) else itertools.count()

    async def run(key: str) -> None:
        for number in numbers:
            pair = f"{name}-{number}"
            halves = [made(f"{pair}.{half}", "inbound", f"{name}{key}", pair.encode()) for half in (1, 2)]
            await bus.publish(*halves)
            say(pair)

    await asyncio.gather(*(run(str(task)) for task in range(4)))


async def forward(bus: Bus) -> None:
    """Consume `inbound` into `tickets` until killed."""

    async def handler(record: Record) -> Sequence[Message]:
        found = record.message
        return [made(found.id, "tickets", found.key, found.value)]

    say("ready")
    await bus.consume("inbound", group="normalizer", handler=handler)


async def hang(bus: Bus) -> None:
    """Take a record in hand, say so, go on when told to, and say how it ended."""

    async def handler(record: Record) -> Sequence[Message]:
        say("handling")
        await asyncio.to_thread(sys.stdin.readline)
        return [made(record.message.id, "tickets", "child", b"{}")]

    try:
        await bus.consume("inbound", group="normalizer", handler=handler)
    except Conflict as error:
        say(error.reason)


COMMANDS: Mapping[str, Callable[..., Awaitable[None]]] = {
    "publish-one": publish_one,
    "publish-on": publish_on,
    "forward": forward,
    "hang": hang,
}


async def main(command: str, url: str, stage: str, *rest: str) -> None:
    bus = open_bus(url, stage, clock=lambda: datetime.now(UTC), lease_seconds=LEASE_SECONDS)
    try:
        await COMMANDS[command](bus, *rest)
    finally:
        await bus.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
