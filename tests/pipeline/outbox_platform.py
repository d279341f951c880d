"""A platform that takes messages over real HTTP and misbehaves by seed: what it took, and how often, is the truth."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum


class Fate(Enum):
    """What becomes of one request."""

    TAKEN = "taken"
    TAKEN_AND_DROPPED = "taken and dropped"
    TAKEN_AND_500 = "taken, and yet answered with 500"
    DROPPED = "dropped"
    BUSY = "503, nothing taken"


WEIGHTS = {Fate.TAKEN: 87, Fate.TAKEN_AND_DROPPED: 4, Fate.TAKEN_AND_500: 3, Fate.DROPPED: 3, Fate.BUSY: 3}
"""Per cent; the three in the middle leave a sender in doubt."""


@dataclass(frozen=True)
class Taken:
    """A message that reached its citizen."""

    token: str
    account: str
    sender: int


@dataclass
class Platform:
    """The server's own books."""

    seed: int
    limited_at: frozenset[int] = frozenset()
    """Numbers of the requests that are answered with 429 for everybody."""

    taken: list[Taken] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    doubtful: int = 0
    at_once: int = 0
    most_at_once: int = 0
    echoes: asyncio.Queue[Taken] = field(default_factory=asyncio.Queue)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept alive until it is dropped."""
        try:
            while True:
                answer = await self._answer(json.loads(await _body(reader)))
                if answer is None:
                    writer.transport.abort()
                    return
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def _answer(self, message: dict[str, str]) -> bytes | None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0.005)
        finally:
            self.at_once -= 1
        token = message["token"]
        self.requests[token] += 1
        if self.requests.total() in self.limited_at:
            return _http("429 Too Many Requests", {"error": "rate"})
        chance = random.Random(f"{self.seed}/{token}/{self.requests[token]}")  # noqa: S311 - a test's seed
        (fate,) = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
        if fate in (Fate.TAKEN, Fate.TAKEN_AND_DROPPED, Fate.TAKEN_AND_500):
            taken = Taken(token, message["account"], int(message["sender"]))
            self.taken.append(taken)
            asyncio.get_running_loop().call_later(0.05, self.echoes.put_nowait, taken)
        self.doubtful += fate in (Fate.TAKEN_AND_DROPPED, Fate.TAKEN_AND_500, Fate.DROPPED)
        match fate:
            case Fate.TAKEN:
                return _http("200 OK", {"id": f"m{len(self.taken)}"})
            case Fate.TAKEN_AND_500:
                return _http("500 Internal Server Error", {"error": "unexpected"})
            case Fate.BUSY:
                return _http("503 Service Unavailable", {"error": "busy"})
            case _:
                return None


@asynccontextmanager
async def listening(platform: Platform) -> AsyncIterator[str]:
    """The platform on a free port of the loopback; yields its base address."""
    server = await asyncio.start_server(platform.serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _body(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").lower()
    length = next(line for line in head.split("\r\n") if line.startswith("content-length:"))
    return await reader.readexactly(int(length.partition(":")[2]))


def _http(status: str, body: dict[str, str]) -> bytes:
    content = json.dumps(body).encode()
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    return head.encode() + content
