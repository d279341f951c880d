"""A TCP proxy on loopback between a client and a server, for what networks do: cut, silence, and TLS in front."""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field


@dataclass
class Proxy:
    """Passes bytes on; `cut_after` counts down the server's bytes until every connection is cut, once."""

    port: int
    target: int
    tls: ssl.SSLContext | None = None
    cut_after: int | None = None
    silent: bool = False
    """Whether what the server says is swallowed, as by a router that forgot the connection."""
    connections: int = 0
    cuts: int = 0
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self) -> "Proxy":
        """Listen."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, ssl=self.tls)
        return self

    async def stop(self) -> None:
        """Cut everything and listen no longer."""
        if self._server is not None:
            self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    def cut(self) -> None:
        """End every connection at once."""
        for writer in self._open:
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, far_writer}
        up = asyncio.create_task(self._pass(reader, far_writer, from_server=False))
        down = asyncio.create_task(self._pass(far_reader, writer, from_server=True))
        try:
            await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in (up, down):
                way.cancel()
            await asyncio.gather(up, down, return_exceptions=True)
            for one in (writer, far_writer):
                one.transport.abort()
                self._open.discard(one)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, from_server: bool) -> None:
        with contextlib.suppress(ConnectionError):
            while some := await reader.read(65_536):
                if from_server and self.silent:
                    continue
                if from_server and self.cut_after is not None:
                    if len(some) >= self.cut_after:
                        writer.write(some[: self.cut_after])
                        await writer.drain()
                        self.cut_after = None
                        self.cuts += 1
                        return
                    self.cut_after -= len(some)
                writer.write(some)
                await writer.drain()
