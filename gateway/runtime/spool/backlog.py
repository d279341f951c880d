"""What waits on this machine for the bus: kept in order per topic, handed on oldest first, forgotten afterwards."""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from datetime import datetime
from pathlib import Path

from gateway.bus.port import Beginning, Bus, Lag, Record
from gateway.bus.sqlite import SqliteBus
from gateway.errors import Unavailable
from schemas.envelope import Message

BATCH = 100
BATCH_BYTES = 4_000_000
"""Most that is handed on at once: as much as one producer's request to the bus holds."""

NOBODY = "nobody"
"""A group that never reads: what it has before it is everything that waits."""

LOCK = "forwarder.lock"


class Backlog:
    """The waiting messages of one receiving stage, in a folder of their own; copies of a service may share it.

    A message is forgotten only after the bus confirmed it, so that a crash in between hands it on twice; every stage
    knows it by its id then.
    """

    def __init__(self, folder: Path, stage: str, clock: Callable[[], datetime]) -> None:
        """Take the folder, which is made, the stage and a clock of aware UTC; raises `Unavailable`."""
        self._lock = folder / LOCK
        self._bus = SqliteBus(folder, stage, clock=clock)

    async def add(self, messages: Sequence[Message]) -> None:
        """Keep them, all or none; durable on return. Raises what `Bus.publish` raises."""
        await self._bus.publish(*messages)

    async def size(self) -> Lag:
        """How many messages wait, and the age in seconds of the oldest."""
        found = [await self._bus.lag(topic, group=NOBODY) for topic in await self._bus.topics()]
        return Lag(sum(one.messages for one in found), max((one.oldest_seconds for one in found), default=0.0))

    async def hand_on(self, target: Bus) -> int:
        """Publish the oldest of every topic, then forget them; returns how many. Raises what publishing raises."""
        count = 0
        for topic in await self._bus.topics():
            batch = await self._oldest(topic)
            if batch:
                await target.publish(*(record.message for record in batch))
                await self._bus.forget(topic, before=batch[-1].offset + 1)
                count += len(batch)
        return count

    async def shrink(self) -> None:
        """Give the space of what was forgotten back; raises `Unavailable`."""
        await self._bus.shrink()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one to hand on, among the processes on this folder; raises `Unavailable("spool_busy")`."""
        try:
            lock = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Unavailable("spool_unavailable", type(error).__name__) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise Unavailable("spool_busy", "Another copy hands on what waits here.") from None
        finally:
            os.close(lock)

    async def close(self) -> None:
        """Finish what is under way and close the file."""
        await self._bus.close()

    async def _oldest(self, topic: str) -> Sequence[Record]:
        batch: list[Record] = []
        size = 0
        async with aclosing(self._bus.read(topic, start=Beginning())) as records:
            async for record in records:
                size += len(record.message.value)
                if batch and size > BATCH_BYTES:
                    break
                batch.append(record)
                if len(batch) == BATCH:
                    break
        return batch
