"""The bus of one stage on a Kafka cluster."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from datetime import datetime
from uuid import uuid4

from gateway.bus.consumers import Consumers
from gateway.bus.kafka import moving, retention
from gateway.bus.kafka.cluster import Cluster
from gateway.bus.kafka.consuming import Assignment, consume
from gateway.bus.kafka.discarding import stop_consumer
from gateway.bus.kafka.looking import Looker
from gateway.bus.kafka.progress import committed
from gateway.bus.kafka.publishing import Ink, Publisher
from gateway.bus.kafka.reading import Reader
from gateway.bus.kafka.topics import ABSENT, Topics
from gateway.bus.kafka.wire import read
from gateway.bus.limits import MAX_MESSAGE_BYTES, check, check_stage
from gateway.bus.port import Bus, Handler, Lag, Place, Record
from gateway.errors import Unavailable
from schemas.envelope import Message

LOOK_AGAIN_SECONDS = 0.2


class KafkaBus(Bus):
    """Several processes may open the same stage; copies that consume as one group share a topic's partitions."""

    def __init__(
        self,
        cluster: Cluster,
        stage: str,
        *,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
        clock: Callable[[], datetime],
        session_seconds: float = 10.0,
    ) -> None:
        """Work for `stage`, for example `web_ingest.read`; nothing is asked of the cluster before it is needed.

        A copy that gives no sign of life for `session_seconds` loses its partitions. Raises `Invalid("bad_stage")`.
        """
        check_stage(stage)
        self._cluster = cluster
        self._max_bytes = max_message_bytes
        self._clock = clock
        self._session_seconds = session_seconds
        self._topics = Topics(cluster)
        self._looker = Looker(cluster, self._topics)
        self._ink = Ink(cluster, self._topics, clock)
        self._publisher = Publisher(self._ink, transactional_id=cluster.publisher(stage, uuid4().hex))
        self._consumers = Consumers()
        self._readers: set[Reader] = set()
        self._closed = False

    async def publish(self, *messages: Message) -> None:
        """After `Unavailable` they may be there all the same: if they are published again, twice."""
        self._check(messages)
        if messages:
            await self._publisher.publish(messages)

    async def consume(self, topic: str, *, group: str, handler: Handler) -> None:
        """As one member of the group's, whose partitions others share."""
        self._still_open()
        assignment = Assignment(self._ink, self._looker, topic, group, handler, self._check, self._session_seconds)
        await self._consumers.run(consume(assignment))

    async def lag(self, topic: str, *, group: str) -> Lag:
        """Counted exactly up to a bound, and beyond it in offsets, of which Kafka takes some itself."""
        return await self._looker.lag(topic, group, self._clock())

    async def seek(self, topic: str, *, group: str, to: Place) -> None:
        """A copy that was killed is an owner until its session has ended."""
        shape = await self._topics.shape(topic)
        offsets = await moving.resolve(self._looker, topic, to)
        await moving.move(self._cluster, self._cluster.group(group, topic), committed(offsets, shape.topic_id))

    async def read(self, topic: str, *, start: Place, follow: bool = False) -> AsyncIterator[Record]:
        """What was still in an open transaction when it began is waited for."""
        if follow:
            await self._appeared(topic)
        ends = await self._looker.ends(topic)
        if not ends:
            return
        starts = {place: end.first for place, end in ends.items()} | dict(
            await moving.resolve(self._looker, topic, start)
        )
        reader = Reader(self._cluster, starts)
        self._readers.add(reader)
        try:
            await reader.start()
            parts = [reader.up_to({place: end.after for place, end in ends.items()}, lambda: self._closed)]
            if follow:
                parts.append(reader.onward(lambda: self._closed))
            for part in parts:
                async with aclosing(part) as records:
                    async for record in records:
                        yield read(record, topic)
        finally:
            self._readers.discard(reader)
            await stop_consumer(reader.client)

    async def topics(self) -> Sequence[str]:
        """Names of the declared topics that exist, sorted."""
        return await self._topics.existing()

    async def trim(self, topic: str, *, before: datetime) -> int:
        """Delete records of this topic, whoever published them, from before an instant; returns how many.

        Kafka's retention does so by itself; its own marks between records are counted with them.
        """
        return await retention.trim(self._looker, self._topics, topic, before)

    async def close(self) -> None:
        """See the port; nothing happens the second time."""
        if self._closed:
            return
        self._closed = True
        await self._consumers.end()
        # Together, since a broker that stands still keeps each as long as it may take.
        await asyncio.gather(
            self._publisher.close(),
            *(stop_consumer(reader.client) for reader in self._readers),
            self._looker.close(),
        )
        # Last, since a publish under way may still have to look for its topic.
        await self._topics.close()

    async def _appeared(self, topic: str) -> None:
        while not self._closed and await self._topics.shape(topic) == ABSENT:  # noqa: ASYNC110 - Kafka tells nobody
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    def _still_open(self) -> None:
        if self._closed:
            raise Unavailable("closed", "The bus is closed.")

    def _check(self, messages: Sequence[Message]) -> None:
        check(messages, max_bytes=self._max_bytes)
