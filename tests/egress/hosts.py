"""Media hosts on loopback that behave as told, and one that only counts who connects."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from ssl import SSLContext

JPEG = b"\xff\xd8\xff\xe0" + bytes(2000)

Behave = Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Asked:
    """One request as it came in."""

    line: str
    headers: dict[str, str]


@dataclass
class Host:
    """A server with the requests it was sent."""

    port: int = 0
    connections: int = 0
    asked: list[Asked] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """As a trial's policy lists it."""
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def media_host(behave: Behave, *, tls: SSLContext | None = None) -> AsyncIterator[Host]:
    """A server that reads a request's head, notes it, and lets `behave` answer until the client is gone."""
    host = Host()
    at_work: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host.connections += 1
        task = asyncio.current_task()
        assert task is not None
        at_work.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
                host.asked.append(Asked(head[0], headers))
                await behave(host.asked[-1], writer)
                await writer.drain()
        finally:
            at_work.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    host.port = server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        server.close()
        for task in at_work:
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)


def answers(status: str, *headers: str, body: bytes = b"", length: int | None = None) -> Behave:
    """One plain answer; `length` is what it says about its body."""

    async def behave(_: Asked, writer: asyncio.StreamWriter) -> None:
        size = len(body) if length is None else length
        lines = (f"HTTP/1.1 {status}", *headers, f"Content-Length: {size}", "", "")
        writer.write("\r\n".join(lines).encode("latin-1") + body)

    return behave


def resolving(*answers_in_turn: Sequence[str]) -> tuple[Callable[[str, int], Awaitable[Sequence[str]]], list[str]]:
    """A resolver with these answers, the last one for ever, and the names it was asked for."""
    names: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        names.append(host)
        return answers_in_turn[min(len(names), len(answers_in_turn)) - 1]

    return resolve, names
