"""A tiny HTTP/1.1 client on one kept-alive connection: cheap enough to load a server from the same machine."""

import asyncio
import contextlib
from collections.abc import Mapping


class NotSent(Exception):
    """No connection: the request cannot have arrived."""


class NoAnswer(Exception):
    """The connection broke after sending: whether the request arrived is unknown."""


class Connection:
    """One connection, opened when needed and opened again after it broke."""

    def __init__(self, port: int, *, seconds: float = 30.0) -> None:
        """Talk to this port of the loopback address; an answer may take so many seconds."""
        self._port = port
        self._seconds = seconds
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and body of the answer; raises `NotSent` or `NoAnswer`."""
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        request = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n{head}\r\n"
        )
        if self._streams is not None and self._streams[0].at_eof():
            # The server ended a connection that nobody used for a while; nothing was sent on it yet.
            await self.close()
        reader, writer = self._streams or await self._open()
        try:
            writer.write(request.encode("ascii") + body)
            return await asyncio.wait_for(self._answer(reader), self._seconds)
        except (OSError, EOFError, TimeoutError) as error:
            await self.close()
            raise NoAnswer from error

    async def close(self) -> None:
        """Let go of the connection."""
        if self._streams is not None:
            _, writer = self._streams
            self._streams = None
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError as error:
            raise NotSent from error
        return self._streams

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[int, bytes]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ")[1])
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        body = await reader.readexactly(int(fields.get("content-length", "0")))
        if fields.get("connection") == "close":
            await self.close()
        return status, body
