"""One run of a consumer: read ahead, handle in order per key, complete output and progress in one transaction."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from gateway.bus import patience
from gateway.bus.patience import SILENT_RECORDS, pause
from gateway.bus.port import Handler
from gateway.bus.sqlite.ground import Ground
from gateway.bus.sqlite.intake import Intake
from gateway.bus.sqlite.ownership import Ownership
from gateway.bus.sqlite.waking import WakeSocket
from gateway.bus.window import Entry, Finished, Window
from gateway.errors import Conflict, Unavailable

log = logging.getLogger(__name__)

SIDE_BY_SIDE = 64
"""Most records of different keys in handlers at once."""

AHEAD = 4
"""Batches read ahead of the completed progress, so that one waiting key does not soon hold up the others."""

AHEAD_BYTES = 16_000_000


class Consumption:
    """A consumer from its start until it is cancelled or fails."""

    def __init__(self, ground: Ground, topic: str, group: str, handler: Handler) -> None:
        """Hand records of `topic` to `handler` for `group`."""
        self._ground = ground
        self._topic = topic
        self._group = group
        self._handler = handler
        self._window = Window({})
        self._pending: Finished | None = None
        self._handled = asyncio.Event()
        self._urgent = asyncio.Event()
        self._silent = 0
        self._room = asyncio.Event()
        self._ended = asyncio.Event()
        self._error: BaseException | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._workers = 0

    async def run(self) -> None:
        """Consume until cancelled, or until something fails other than by `Unavailable`."""
        wake = WakeSocket(self._ground.folder, self._topic)
        try:
            ownership = Ownership(self._ground, self._topic, self._group, wake)
            self._window = Window(await ownership.take())
            for part in (partial(self._read, wake), partial(self._complete, ownership), ownership.keep):
                self._spawn(part)
            try:
                await self._ended.wait()
            finally:
                await self._stop(ownership)
        finally:
            wake.close()
        if self._error is not None:
            raise self._error

    async def _read(self, wake: WakeSocket) -> None:
        intake = Intake(self._topic, self._window)
        failures = 0
        while True:
            room = min(self._ground.batch, self._ground.batch * AHEAD - self._window.records)
            if room <= 0 or self._window.value_bytes >= AHEAD_BYTES:
                self._room.clear()
                await self._room.wait()
                continue
            try:
                records = await self._ground.files.run(partial(intake.read, limit=room))
            except Unavailable as error:
                failures += 1
                await self._wait_out(error, failures)
                continue
            failures = 0
            for record in records:
                self._window.add(record)
            self._start_workers()
            if not intake.more:
                await wake.wait()

    def _start_workers(self) -> None:
        for _ in range(min(self._window.ready, SIDE_BY_SIDE - self._workers)):
            self._workers += 1
            self._spawn(self._work)

    async def _work(self) -> None:
        try:
            while (entry := self._window.start()) is not None:
                await self._handle(entry)
                # A handler that never waits must not keep everything else of this process waiting.
                await asyncio.sleep(0)
        finally:
            self._workers -= 1

    async def _handle(self, entry: Entry) -> None:
        try:
            outputs = tuple(await self._handler(entry.record))
        except Unavailable as error:
            # The key waits in its place and takes no worker meanwhile; other keys go on.
            entry.attempts += 1
            asyncio.get_running_loop().call_later(pause(error, entry.attempts), self._retry, entry)
            return
        self._ground.check(outputs)
        self._window.finish(entry, outputs)
        self._handled.set()
        self._silent += 1
        if self._window.telling or self._silent >= SILENT_RECORDS:
            self._urgent.set()

    def _retry(self, entry: Entry) -> None:
        if not self._ended.is_set():
            self._window.resume(entry)
            self._start_workers()

    async def _complete(self, ownership: Ownership) -> None:
        while True:
            await self._handled.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience.SILENT_SECONDS):
                    await self._urgent.wait()
            self._handled.clear()
            self._urgent.clear()
            self._silent = 0
            failures = 0
            while self._has_pending():
                try:
                    await self._complete_pending(ownership)
                except Unavailable as error:
                    failures += 1
                    await self._wait_out(error, failures)

    def _has_pending(self) -> bool:
        if self._pending is None:
            self._pending = self._window.take_finished()
        return self._pending is not None

    async def _complete_pending(self, ownership: Ownership) -> None:
        if self._pending is not None:
            await ownership.complete(self._pending)
            self._pending = None
            self._room.set()

    async def _wait_out(self, error: Unavailable, failures: int) -> None:
        log.warning("bus_unavailable", extra={"topic": self._topic, "group": self._group, "reason": error.reason})
        await asyncio.sleep(pause(error, failures))

    def _spawn(self, part: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(self._guarded(part))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, part: Callable[[], Awaitable[None]]) -> None:
        """Run a part; the first failure ends the consumer and is what `run` raises.

        It is begun here, so that a consumer stopped before this task ran leaves no coroutine behind.
        """
        try:
            await part()
        except BaseException as error:
            if not self._ended.is_set():
                self._error = error
                self._ended.set()
            elif isinstance(error, Exception):
                log.warning("consumer_failed_while_stopping", extra={"topic": self._topic, "error": _name(error)})
            if not isinstance(error, Exception):
                raise

    async def _stop(self, ownership: Ownership) -> None:
        """Stop all handlers and keep the progress that was finished; the lease ends with this consumer's socket."""
        self._ended.set()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if ownership.lost:
            return
        try:
            while self._has_pending():
                await self._complete_pending(ownership)
        except (Unavailable, Conflict) as error:
            # What is not completed is handled again by the next owner; nothing of it was published.
            log.warning("bus_stopped_behind", extra={"topic": self._topic, "reason": error.reason})


def _name(error: BaseException) -> str:
    return type(error).__name__
