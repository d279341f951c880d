"""One partition that this copy owns: its records in hand, and their handlers at work."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from aiokafka import TopicPartition

from gateway.bus import patience
from gateway.bus.kafka.looking import Ends
from gateway.bus.kafka.ownership import Ownership
from gateway.bus.kafka.progress import another_topic
from gateway.bus.kafka.publishing import Ink
from gateway.bus.patience import SILENT_RECORDS, pause
from gateway.bus.port import Handler, Record
from gateway.bus.window import Entry, Window
from gateway.errors import Unavailable
from schemas.envelope import Message

SIDE_BY_SIDE = 16
"""Most records of one partition, each of another key, in handlers at once."""

AHEAD = 800
AHEAD_BYTES = 16_000_000
"""What a partition may have in hand before it is paused, so that one waiting key does not soon hold up the others."""

LAST_SECONDS = 5.0
"""How long the end waits for what was finished to be completed."""


@dataclass(frozen=True, slots=True)
class Duty:
    """What lanes of one consumer have in common."""

    ink: Ink
    topic: str
    topic_id: str
    group: str
    handler: Handler
    check: Callable[[Sequence[Message]], None]
    begun: Callable[["Lane"], None]
    """Called when a lane knows from where to read."""
    eased: Callable[["Lane"], None]
    """Called when a lane has fewer records in hand."""
    failed: Callable[[BaseException], None]
    ends: Callable[[], Awaitable[Mapping[TopicPartition, Ends]]] | None = None
    """Asked when progress may lie beyond them."""


class Lane:
    """A partition from the moment it is assigned until it is taken away or the consumer ends."""

    def __init__(self, duty: Duty, partition: int) -> None:
        """Begin to take the partition over; `Duty.begun` is called when that is done."""
        self.partition = partition
        self.turn = 0
        """Grows whenever reading starts at another place, so that what was read for an earlier one is recognised."""
        self._duty = duty
        self._ownership = Ownership(duty.ink, duty.topic, duty.group, partition, topic_id=duty.topic_id)
        self._window: Window | None = None
        self._resting = False
        self._ended = False
        self._handled = asyncio.Event()
        self._urgent = asyncio.Event()
        self._silent = 0
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._at_work: set[asyncio.Task[None]] = set()
        self._main = asyncio.create_task(self._guarded())

    @property
    def next_offset(self) -> int | None:
        """Where to read on; None until the partition is taken over."""
        return None if self._window is None else self._window.next_offset(str(self.partition))

    @property
    def full(self) -> bool:
        """Whether no more should be read for now."""
        window = self._window
        return window is not None and (window.records >= AHEAD or window.value_bytes >= AHEAD_BYTES)

    def take(self, records: Sequence[Record]) -> None:
        """Take records in hand, in order; raises `Unavailable` when they begin anew: the topic was made again."""
        if self._window is None:
            return
        for record in records:
            if record.offset < self._window.next_offset(str(self.partition)):
                raise another_topic()
            self._window.add(record)
        self._start_workers()

    async def rest(self, seconds: float) -> None:
        """Begin nothing more, let handlers end, and complete what they finished; then hold still until `wake`.

        A handler that takes longer is cancelled: its record may be another copy's at the next moment.
        """
        self._resting = True
        if self._at_work:
            await asyncio.wait(self._at_work, timeout=seconds)
        await self._cancel_handlers()
        self._urgent.set()
        quiet = asyncio.create_task(self._quiet.wait())
        await asyncio.wait({quiet, self._main}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        quiet.cancel()

    def wake(self) -> None:
        """Go on: the partition is still this copy's."""
        self._resting = False
        self._start_workers()

    async def end(self, *, completing: bool, settling: bool = False) -> None:
        """Stop handlers and release the producer; with `completing`, what was finished is completed before.

        With `settling`, output and progress are seen together from here on: only for whoever may still own it all.
        """
        self._resting = True
        self._ended = not completing
        await self._cancel_handlers()
        if completing:
            await self.rest(LAST_SECONDS)
        self._ended = True
        self._main.cancel()
        await asyncio.wait([self._main])
        await self._ownership.release(settling=settling)

    async def _guarded(self) -> None:
        try:
            await self._run()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - it ends the whole consumer, which raises it
            self._fail(error)

    async def _run(self) -> None:
        self._window = Window({str(self.partition): await self._ownership.take(self._duty.ends)})
        self._duty.begun(self)
        while True:
            await self._handled.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience.SILENT_SECONDS):
                    await self._urgent.wait()
            self._handled.clear()
            self._urgent.clear()
            self._silent = 0
            while (finished := self._window.take_finished()) is not None:
                await self._ownership.complete(finished)
                self._duty.eased(self)
            if not self._handled.is_set():
                self._quiet.set()

    def _start_workers(self) -> None:
        if self._window is None or self._resting or self._ended:
            return
        for _ in range(min(self._window.ready, SIDE_BY_SIDE - len(self._at_work))):
            task = asyncio.create_task(self._work(self._window))
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)

    async def _work(self, window: Window) -> None:
        while not self._resting and (entry := window.start()) is not None:
            try:
                await self._handle(window, entry)
            except asyncio.CancelledError:
                window.resume(entry)
                raise
            except Exception as error:  # noqa: BLE001 - it ends the whole consumer, which raises it
                self._fail(error)
                return
            # A handler that never waits must not keep everything else of this process waiting.
            await asyncio.sleep(0)

    async def _handle(self, window: Window, entry: Entry) -> None:
        try:
            outputs = tuple(await self._duty.handler(entry.record))
        except Unavailable as error:
            # The key waits in its place and takes no worker meanwhile; other keys go on.
            entry.attempts += 1
            asyncio.get_running_loop().call_later(pause(error, entry.attempts), self._retry, window, entry)
            return
        self._duty.check(outputs)
        window.finish(entry, outputs)
        self._quiet.clear()
        self._handled.set()
        self._silent += 1
        if window.telling or self._resting or self._silent >= SILENT_RECORDS:
            self._urgent.set()

    def _retry(self, window: Window, entry: Entry) -> None:
        if not self._ended:
            window.resume(entry)
            self._start_workers()

    async def _cancel_handlers(self) -> None:
        tasks = list(self._at_work)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _fail(self, error: BaseException) -> None:
        if not self._ended:
            self._duty.failed(error)
