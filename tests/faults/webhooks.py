"""A platform's webhooks under load: the same request until it is answered with 200, and some of them once more."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.faults.ledger import Ledger, Result
from tests.faults.world import World
from tests.http_client import Connection, NoAnswer, NotSent

AGAIN_SECONDS = 0.05
REPEATED = 0.1
"""Share of requests that the platform sends again though they were answered."""


@dataclass(frozen=True, slots=True)
class Request:
    """One signed request, and the messages of the ledger that are in it."""

    path: str
    body: bytes = field(repr=False)
    headers: dict[str, str]
    messages: Sequence[tuple[int, int]]


class Deliveries:
    """One connection of a platform's."""

    def __init__(self, world: World, channel: str, ledger: Ledger, chance: random.Random) -> None:
        """Take the run, the channel, what is told, and what decides on repeats."""
        self._connection = Connection(world.ports[channel])
        self._pause = world.pause
        self._ledger = ledger
        self._chance = chance

    async def deliver(self, *requests: Request) -> None:
        """Deliver some requests in order; afterwards some of them come again, in another order."""
        for request in requests:
            await self._until_acked(request)
            await asyncio.sleep(self._pause)
        again = [request for request in requests if self._chance.random() < REPEATED]
        self._chance.shuffle(again)
        for request in again:
            await self._attempted(request)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._connection.close()

    async def _until_acked(self, request: Request) -> None:
        result: Result = "refused"
        while result != "acked":
            result = await self._attempted(request)
            if result != "acked":
                await asyncio.sleep(AGAIN_SECONDS)

    async def _attempted(self, request: Request) -> Result:
        self._ledger.intends(*request.messages)
        result = await self._result(request)
        self._ledger.ended(*request.messages, result=result)
        return result

    async def _result(self, request: Request) -> Result:
        try:
            status, answer = await self._connection.post(request.path, request.body, request.headers)
        except NotSent:
            return "refused"
        except NoAnswer:
            return "unknown"
        if status == 200:
            return "acked"
        if status < 500:
            raise RuntimeError(f"the gateway finds fault with the test's webhook: {status} {answer!r}")
        return "refused"
