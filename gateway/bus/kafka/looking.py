"""Looks at topics without belonging to a group: where partitions begin and end, and what lies before a group."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from gateway.bus.kafka.cluster import Cluster
from gateway.bus.kafka.connecting import start
from gateway.bus.kafka.discarding import stop_consumer
from gateway.bus.kafka.errors import kafka_errors
from gateway.bus.kafka.progress import progress_of
from gateway.bus.kafka.topics import Shape, Topics
from gateway.bus.kafka.wire import instant, millis
from gateway.bus.port import Lag

LOOK_SECONDS = 15.0
COUNTED = 1000
"""Up to as many offsets a group's backlog in a partition is read and counted; beyond, offsets are subtracted."""

MARKS_MS = 5
"""How often it is looked whether a position moved: past a transaction's mark it does so without a record to return.

Behind most groups lies such a mark, in every partition that they read.
"""

Found: TypeAlias = "ConsumerRecord[bytes, bytes]"


@dataclass(frozen=True, slots=True)
class Ends:
    """The first offset that is kept and the one after the last, finished transactions or not."""

    first: int
    after: int


class Looker:
    """Two group-less clients, opened when first needed: one sees all there is, one reads what is committed."""

    def __init__(self, cluster: Cluster, topics: Topics) -> None:
        """Look at this deployment's topics."""
        self._cluster = cluster
        self._topics = topics
        self._clients: tuple[AIOKafkaConsumer, AIOKafkaConsumer] | None = None
        self._lock = asyncio.Lock()

    async def ends(self, topic: str) -> Mapping[TopicPartition, Ends]:
        """Where each partition of a topic begins and ends; nothing for a topic that does not exist."""
        async with self._looking() as (all_of_it, _):
            return await self._ends(all_of_it, await self.places(topic))

    async def offsets_at(self, topic: str, instant: datetime) -> Mapping[TopicPartition, int]:
        """The first offset of each partition that was published at or after an instant; the end where there is none."""
        async with self._looking() as (all_of_it, _):
            places = await self.places(topic)
            ends = await self._ends(all_of_it, places)
            found = await all_of_it.offsets_for_times(dict.fromkeys(places, max(millis(instant), 0))) if places else {}
        return {place: found[place].offset if found[place] else ends[place].after for place in places}

    async def lag(self, topic: str, group: str, now: datetime) -> Lag:
        """How far a group is behind. Kafka's own marks between records are not counted unless it is far behind."""
        shape = await self._topics.shape(topic)
        async with self._topics.asking(LOOK_SECONDS) as admin:
            progress = await progress_of(admin, self._cluster.group(group, topic), shape.topic_id)
        messages, oldest = 0, now
        async with self._looking() as (all_of_it, committed):
            ends = await self._ends(all_of_it, self._places(topic, shape))
            begins = {place: _begin(progress.get(place, 0), end) for place, end in ends.items()}
            left = {place: (at, ends[place].after) for place, at in begins.items() if at < ends[place].after}
            for place, found in (await _read_some(committed, left)).items() if left else ():
                at, end = left[place]
                if found:
                    oldest = min(oldest, instant(found[0].timestamp))
                messages += len(found) if len(found) < COUNTED else end - at
        return Lag(messages, max((now - oldest).total_seconds(), 0.0))

    async def places(self, topic: str) -> Sequence[TopicPartition]:
        """The partitions of a topic."""
        return self._places(topic, await self._topics.shape(topic))

    async def close(self) -> None:
        """Release the connections."""
        async with self._lock:
            await self._release()

    @asynccontextmanager
    async def _looking(self) -> AsyncIterator[tuple[AIOKafkaConsumer, AIOKafkaConsumer]]:
        async with self._lock:
            try:
                async with kafka_errors(LOOK_SECONDS, self._cluster.contact):
                    if self._clients is None:
                        self._clients = (await self._client("read_uncommitted"), await self._client("read_committed"))
                    yield self._clients
            except BaseException:
                await self._release()
                raise

    async def _client(self, isolation: str) -> AIOKafkaConsumer:
        client = AIOKafkaConsumer(
            **self._cluster.connection(), isolation_level=isolation, auto_offset_reset="earliest", fetch_max_wait_ms=50
        )
        try:
            await start(client, self._cluster)
        except BaseException:
            await stop_consumer(client)
            raise
        return client

    def _places(self, topic: str, shape: Shape) -> Sequence[TopicPartition]:
        name = self._cluster.topic(topic)
        return [TopicPartition(name, number) for number in range(shape.partitions)]

    async def _release(self) -> None:
        clients, self._clients = self._clients, None
        for client in clients or ():
            await stop_consumer(client)

    async def _ends(
        self, all_of_it: AIOKafkaConsumer, places: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, Ends]:
        if not places:
            return {}
        first = await all_of_it.beginning_offsets(list(places))
        after = await all_of_it.end_offsets(list(places))
        return {place: Ends(first[place], after[place]) for place in places}


def _begin(position: int, end: Ends) -> int:
    """Where a group goes on; one that is beyond the end, as after a topic was made again, begins anew."""
    return end.first if position > end.after else max(position, end.first)


async def _read_some(
    client: AIOKafkaConsumer, left: Mapping[TopicPartition, tuple[int, int]]
) -> Mapping[TopicPartition, Sequence[Found]]:
    """The committed records of each partition between two offsets, or the first `COUNTED`."""
    client.assign(list(left))
    for place, (at, _) in left.items():
        client.seek(place, at)
    found: dict[TopicPartition, list[Found]] = {place: [] for place in left}
    while reading := [
        place for place, (_, end) in left.items() if len(found[place]) < COUNTED and await client.position(place) < end
    ]:
        for place, records in (await client.getmany(*reading, timeout_ms=MARKS_MS)).items():
            found[place] += [record for record in records if record.offset < left[place][1]]
    return found
