"""Owning one partition: taking it over from whoever had it, completing what was handled, and giving it back."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from aiokafka import TopicPartition

from gateway.bus.kafka.errors import kafka_errors
from gateway.bus.kafka.looking import Ends
from gateway.bus.kafka.outlet import Outlet
from gateway.bus.kafka.progress import another_topic, committed, progress_of
from gateway.bus.kafka.publishing import Ink
from gateway.bus.kafka.topics import Shape
from gateway.bus.patience import LONGEST_AWAY, pause
from gateway.bus.window import Finished
from gateway.errors import Conflict, Unavailable
from schemas.envelope import Message

log = logging.getLogger(__name__)

Found = TypeVar("Found")

STEP_SECONDS = 15.0
"""How long taking a partition over, or completing a batch, is waited for before it is tried anew."""

SETTLE_SECONDS = 5.0
"""How long a transaction's marks may take; who committed longer ago has nothing to settle, and may own nothing."""

ATTEMPTS_UNTOLD = 3
"""Fewer failures of a step are told to nobody: a leader or coordinator moved."""


class Ownership:
    """What Kafka's transaction coordinator decides: making the producer fences the owner before and settles its work.

    Only then is the group's position read, so that an owner never begins behind what is about to be committed.
    """

    def __init__(self, ink: Ink, topic: str, group: str, partition: int, *, topic_id: str) -> None:
        """Nothing is taken before `take`; a position in another topic than that of the id is none."""
        self._ink = ink
        self._topic = topic
        self._group = group
        self._topic_id = topic_id
        cluster = ink.cluster
        self._place = TopicPartition(cluster.topic(topic), partition)
        self._members = cluster.group(group, topic)
        self._outlet = Outlet(cluster, transactional_id=cluster.owner(group, topic, partition))
        self._position = -1
        self._committed_at: float | None = None

    async def take(self, ends: Callable[[], Awaitable[Mapping[TopicPartition, Ends]]] | None = None) -> int:
        """Fence the owner before, and return the offset to begin at.

        With `ends`, a position beyond the end counts for nothing: the topic was made again, or is a copy of before.
        Whatever is there is handled anew then, since what comes would otherwise be passed over.
        """
        self._position = await self._patiently(self._fence_and_look)
        if ends is not None:
            found = (await self._patiently(ends)).get(self._place)
            if found is not None and self._position > found.after:
                log.warning("progress_beyond_the_end", extra={"topic": self._topic, "group": self._group})
                return found.first
        return max(self._position, 0)

    async def complete(self, finished: Finished) -> None:
        """Write what follows and the progress, as often as it takes.

        Raises `Conflict` when another one owns this, and `Unavailable` when the topic is another one.
        """
        ((_, after),) = finished.moves.values()
        failures = 0
        while True:
            try:
                await self._write(finished.outputs, after)
            except Unavailable as error:
                failures += 1
                await self._wait_out(error, failures)
                found = await self._patiently(self._fence_and_look)
                if found == after:
                    break  # it was durable, only the answer was lost
                if found != self._position:
                    if (await self._patiently(self._look_at_topic)).topic_id != self._topic_id:
                        raise another_topic() from error  # with which Kafka has forgotten the position
                    raise Conflict("lease_lost", "Another owner has moved the group's position.") from error
            else:
                break
        self._position = after

    async def release(self, *, settling: bool) -> None:
        """Give the producer back; with `settling`, output and progress are seen together from here on.

        Only right after a commit of ours: to settle is to fence, and that would take the partition from a next owner.
        """
        just_now = self._committed_at is not None and time.monotonic() - self._committed_at < SETTLE_SECONDS
        if settling and just_now:
            await self._settle()
        await self._outlet.close()

    async def _fence_and_look(self) -> int:
        try:
            async with kafka_errors(STEP_SECONDS):  # no sign of life: where there is a producer, nothing is asked
                await self._outlet.get()
        except Unavailable as error:
            # But one of its absence: who has just been given its partitions asks nothing else yet.
            self._ink.cluster.contact.failed(error)
            raise
        async with self._ink.topics.asking(STEP_SECONDS) as admin:
            found = await progress_of(admin, self._members, self._topic_id)
        return found.get(self._place, -1)

    async def _look_at_topic(self) -> Shape:
        return await self._ink.topics.shape(self._topic)

    async def _write(self, outputs: Sequence[Message], after: int) -> None:
        self._committed_at = None
        producer = None
        try:
            async with kafka_errors(STEP_SECONDS, self._ink.cluster.contact):
                await self._ink.topics.ensure({message.topic for message in outputs})
                producer = await self._outlet.get()
                await self._ink.transact(
                    producer, outputs, offsets=committed({self._place: after}, self._topic_id), group=self._members
                )
        except BaseException:
            if producer is not None:
                self._outlet.drop(producer)
            self._ink.topics.forget({message.topic for message in outputs})
            raise
        self._committed_at = time.monotonic()

    async def _settle(self) -> None:
        with contextlib.suppress(Unavailable, Conflict):  # a next owner settles it as well
            async with kafka_errors(SETTLE_SECONDS, self._ink.cluster.contact):
                self._outlet.drop(await self._outlet.get())
                await self._outlet.get()

    async def _patiently(self, step: Callable[[], Awaitable[Found]]) -> Found:
        failures = 0
        while True:
            try:
                return await step()
            except Unavailable as error:
                failures += 1
                await self._wait_out(error, failures)

    async def _wait_out(self, error: Unavailable, failures: int) -> None:
        # An outage is told once for the process; only what fails while Kafka answers others is told here.
        told = failures < ATTEMPTS_UNTOLD or self._ink.cluster.contact.away
        log.log(
            logging.DEBUG if told else logging.WARNING,
            "bus_unavailable",
            extra={"topic": self._topic, "group": self._group, "reason": error.reason},
        )
        await asyncio.sleep(pause(error, failures, longest=LONGEST_AWAY))
