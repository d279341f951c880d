"""The bus of one stage on a shared folder of SQLite files."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import apsw

from gateway.bus.consumers import Consumers
from gateway.bus.limits import MAX_MESSAGE_BYTES, check, check_stage
from gateway.bus.port import Bus, Handler, Lag, Place, Record
from gateway.bus.sqlite import lease as leases
from gateway.bus.sqlite import progress
from gateway.bus.sqlite.consuming import Consumption
from gateway.bus.sqlite.folder import make_durably
from gateway.bus.sqlite.ground import Ground
from gateway.bus.sqlite.layout import SCHEMA, micros
from gateway.bus.sqlite.publishing import append
from gateway.bus.sqlite.retention import PIECE, forget_piece, shrink, trim_piece
from gateway.bus.sqlite.stages import SUFFIX, StageFiles
from gateway.bus.sqlite.tail import Tail
from gateway.bus.sqlite.waking import Waker, WakeSocket
from gateway.errors import Unavailable
from gateway.sqlite.writer import Writer
from schemas.envelope import Message


class SqliteBus(Bus):
    """What `stage` publishes and how far it has read lie in `<folder>/<stage>.db`; other stages' files are only read.

    Several processes may open the same stage. The file is made, and threads are started, when first needed.
    """

    def __init__(
        self,
        folder: Path,
        stage: str,
        *,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
        clock: Callable[[], datetime],
        batch: int = 100,
        lease_seconds: float = 10.0,
        beside: "SqliteBus | None" = None,
    ) -> None:
        """Work for `stage`, for example `web_ingest.read`; raises `Invalid("bad_stage")` or `Unavailable`.

        `beside` is another stage's bus of this process on the same folder, whose reading connections are shared.
        """
        check_stage(stage)
        self._folder = folder
        self._stage = stage
        self._max_bytes = max_message_bytes
        self._clock = clock
        self._batch = batch
        self._lease_seconds = lease_seconds
        make_durably(folder)
        self._files: StageFiles = StageFiles(folder) if beside is None else beside.files()
        self._waker = Waker(folder)
        self._writer: Writer | None = None
        self._opening = asyncio.Lock()
        self._grown: set[str] = set()
        self._consumers = Consumers()
        self._followers: set[WakeSocket] = set()
        self._closed = False

    async def publish(self, *messages: Message) -> None:
        """What this stage has published on its topic and still keeps, by its id, is not published again (0009)."""
        self._check(messages)
        if messages:
            await (await self._own()).run(partial(self._append, messages=messages))

    async def consume(self, topic: str, *, group: str, handler: Handler) -> None:
        """Raises `Conflict("group_of_other_stage")` beside what the port says.

        A group's progress lies in the file of the stage that first read for it, so no other stage can read for it.
        """
        writer = await self._own()
        await self._consumers.run(Consumption(self._ground(writer), topic, group, handler).run())

    async def lag(self, topic: str, *, group: str) -> Lag:
        """Counted in whichever stage's file its progress lies."""
        return await self._files.run(partial(progress.lag_of, topic=topic, group=group, now=micros(self._clock())))

    async def seek(self, topic: str, *, group: str, to: Place) -> None:
        """Done in whichever stage's file its progress lies; a group that never ran becomes this stage's."""
        following = await self._files.run(partial(progress.resolve, topic=topic, place=to))
        home = await self._files.run(partial(progress.home_of, topic=topic, group=group))
        work = partial(
            leases.reset,
            topic=topic,
            group=group,
            following=following,
            alive=self._waker.alive,
        )
        if home in (None, self._stage):
            await (await self._own()).run(work)
            return
        writer = await asyncio.to_thread(Writer, self._folder / f"{home}{SUFFIX}", schema=SCHEMA)
        try:
            await writer.run(work)
        finally:
            await writer.close()

    async def read(self, topic: str, *, start: Place, follow: bool = False) -> AsyncGenerator[Record, None]:
        """A partition is a stage's file."""
        wake = WakeSocket(self._folder, topic)
        self._followers.add(wake)
        try:
            tail = Tail(topic, follow=follow)
            await self._files.run(partial(tail.begin, place=start))
            while not self._closed:
                records = await self._files.run(tail.read)
                for record in records:
                    yield record
                if not records and not follow:
                    return
                if not records:
                    await wake.wait()
        finally:
            self._followers.discard(wake)
            wake.close()

    async def topics(self) -> Sequence[str]:
        """Names of the topics on which any stage has published, sorted."""
        return await self._files.run(progress.topics_of)

    async def trim(self, topic: str, *, before: datetime) -> int:
        """Delete this stage's records published before an aware instant; returns how many.

        Whether anybody still has to read them is the caller's business.
        """
        writer = await self._own()
        return await _all_pieces(writer, partial(trim_piece, topic=topic, before=micros(before)))

    async def forget(self, topic: str, *, before: int) -> int:
        """Delete this stage's records with an offset below `before`, for good; returns how many.

        Whether somebody else has them now is the caller's business.
        """
        return await _all_pieces(await self._own(), partial(forget_piece, topic=topic, before=before))

    async def shrink(self) -> None:
        """Give the space of deleted records back to the file system; publishers wait meanwhile."""
        await self._own()
        await asyncio.to_thread(shrink, self._folder / f"{self._stage}{SUFFIX}")

    async def close(self) -> None:
        """See the port; nothing happens the second time."""
        if self._closed:
            return
        self._closed = True
        for follower in self._followers:
            follower.wake()
        await self._consumers.end()
        async with self._opening:
            if self._writer is not None:
                await self._writer.close()
        await self._files.close()
        self._waker.close()

    def files(self) -> StageFiles:
        """For another bus of this process on the same folder: another look through what this one has opened."""
        return self._files.another()

    async def _own(self) -> Writer:
        """The writer of this stage's file, opened when it is first needed."""
        if self._closed:
            raise Unavailable("closed", "The bus is closed.")
        return self._writer or await self._opened()

    async def _opened(self) -> Writer:
        async with self._opening:
            if self._closed:
                raise Unavailable("closed", "The bus is closed.")
            if self._writer is None:
                path = self._folder / f"{self._stage}{SUFFIX}"
                self._writer = await asyncio.to_thread(Writer, path, schema=SCHEMA, after_commit=self._tell)
            return self._writer

    def _ground(self, writer: Writer) -> Ground:
        return Ground(
            folder=self._folder,
            stage=self._stage,
            files=self._files,
            writer=writer,
            waker=self._waker,
            batch=self._batch,
            lease_seconds=self._lease_seconds,
            check=self._check,
            append=self._append,
        )

    def _check(self, messages: Sequence[Message]) -> None:
        check(messages, max_bytes=self._max_bytes)

    def _append(self, connection: apsw.Connection, messages: Sequence[Message]) -> None:
        append(connection, messages, published_at=micros(self._clock()))
        self._grown.update(message.topic for message in messages)

    def _tell(self) -> None:
        """After a commit: readers of what was published are woken."""
        if self._grown:
            self._waker.wake(self._grown)
            self._grown.clear()


async def _all_pieces(writer: Writer, work: Callable[[apsw.Connection], int]) -> int:
    total = 0
    while True:
        deleted = await writer.run(work)
        total += deleted
        if deleted < PIECE:
            return total
