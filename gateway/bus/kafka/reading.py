"""Reads a topic without a group: all partitions side by side, merged by the time of publication."""

from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import TypeAlias

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from gateway.bus.kafka.cluster import Cluster
from gateway.bus.kafka.connecting import start
from gateway.bus.kafka.errors import kafka_errors

READ_SECONDS = 30.0
"""How long an open transaction, or a broker, may keep a reader waiting before it is `Unavailable`."""

POLL_MILLIS = 200
AHEAD = 2000
"""Records of one partition that may wait for those of another; a partition ahead of the others is paused."""

Found: TypeAlias = "ConsumerRecord[bytes, bytes]"


class Reader:
    """One reader from its start to its end."""

    def __init__(self, cluster: Cluster, starts: Mapping[TopicPartition, int]) -> None:
        """Begin each partition at its offset."""
        self._cluster = cluster
        self._starts = starts
        self._waiting: dict[TopicPartition, deque[Found]] = {place: deque() for place in starts}
        self._client = AIOKafkaConsumer(
            **cluster.connection(),
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            fetch_max_wait_ms=POLL_MILLIS,
        )

    @property
    def client(self) -> AIOKafkaConsumer:
        """What the caller has to stop in the end."""
        return self._client

    async def start(self) -> None:
        """Connect and take the places."""
        async with kafka_errors(READ_SECONDS):
            await start(self._client, self._cluster)
        self._client.assign(list(self._starts))
        for place, offset in self._starts.items():
            self._client.seek(place, offset)

    async def up_to(
        self, ends: Mapping[TopicPartition, int], stopped: Callable[[], bool]
    ) -> AsyncGenerator[Found, None]:
        """Yield what lies before the ends, by time of publication; transactions still open there are waited for."""
        unread = {place for place, end in ends.items() if self._starts[place] < end}
        while not stopped():
            async with aclosing(self._merged(unread)) as merged:
                async for found in merged:
                    yield found
            if not unread:
                return
            async with kafka_errors(READ_SECONDS):
                await self._fetch()
                unread = {place for place in unread if await self._client.position(place) < ends[place]}

    async def onward(self, stopped: Callable[[], bool]) -> AsyncGenerator[Found, None]:
        """Yield what comes, until told to stop."""
        while not stopped():
            async with aclosing(self._merged(set())) as merged:
                async for found in merged:
                    yield found
            async with kafka_errors(READ_SECONDS):
                await self._fetch()

    async def _merged(self, unread: set[TopicPartition]) -> AsyncGenerator[Found, None]:
        """What is certainly next: of every partition with more before its end, one record must be here to compare."""
        while all(self._waiting[place] for place in unread):
            heads = [line for line in self._waiting.values() if line]
            if not heads:
                return
            first = min(heads, key=lambda line: (line[0].timestamp, line[0].partition))
            yield first.popleft()

    async def _fetch(self) -> None:
        for place, line in self._waiting.items():
            if len(line) >= AHEAD:
                self._client.pause(place)
            elif place in self._client.paused():
                self._client.resume(place)
        for place, records in (await self._client.getmany(timeout_ms=POLL_MILLIS)).items():
            self._waiting[place] += records
