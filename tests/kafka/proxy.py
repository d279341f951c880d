"""A TCP proxy in a thread of its own that can swallow what the server answers."""

import asyncio
import contextlib
import threading

from tests.ports import free_port


class Proxy:
    """Listens on `port` and hands bytes on, in both directions or, while `mute` is set, only to the server."""

    def __init__(self) -> None:
        """Nothing is opened before `start`."""
        self.port = free_port()
        self._muted = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.swallowed = 0

    def start(self, target: int) -> None:
        """Begin to listen."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(target), self._loop).result()

    def mute(self) -> None:
        """From now on answers are swallowed."""
        self._muted.set()

    def heal(self) -> None:
        """Close the connections whose answers were swallowed, and hand on everything of new ones."""
        self._muted.clear()
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result()

    def stop(self) -> None:
        """Close everything."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self, target: int) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.add(writer)
            with contextlib.suppress(OSError):
                to_server = await asyncio.open_connection("127.0.0.1", target)
                self._writers.add(to_server[1])
                await asyncio.gather(
                    self._hand_on(reader, to_server[1], answers=False),
                    self._hand_on(to_server[0], writer, answers=True),
                )
                self._writers.discard(to_server[1])
            writer.close()
            self._writers.discard(writer)

        self._server = await asyncio.start_server(serve, "127.0.0.1", self.port)

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if answers and self._muted.is_set():
                    self.swallowed += len(data)
                    continue
                writer.write(data)
                await writer.drain()
        writer.close()

    async def _cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()
        self._writers.clear()

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        await self._cut()
        # Turns in which what was cut ends by itself.
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others, timeout=1)
