"""A producer that is made when first needed, and thrown away when nobody knows any more what it has written."""

import asyncio

from aiokafka import AIOKafkaProducer

from gateway.bus.kafka.cluster import SOON_SECONDS, Cluster
from gateway.bus.kafka.connecting import start
from gateway.bus.kafka.discarding import discard_producer, let_attempts_end, stop_producer
from gateway.bus.kafka.topics import FRAME_BYTES
from gateway.bus.limits import DEAD_LETTER_FACTOR, MAX_MESSAGE_BYTES
from gateway.errors import Unavailable

METADATA_SECONDS = 60
"""A producer that wrote nothing yet asks for all topics, and a process has some twenty of them.

What has moved it learns when a write is refused.
"""

BATCH_BYTES = 262_144
"""Most bytes that wait for one partition; what comes meanwhile goes in one request."""


class Outlet:
    """One idempotent producer with `acks=all`, or one transactional one, at a time."""

    def __init__(self, cluster: Cluster, *, transactional_id: str | None = None) -> None:
        """With a transactional id, every producer made fences the one before and settles its transaction."""
        self._cluster = cluster
        self._transactional_id = transactional_id
        self._producer: AIOKafkaProducer | None = None
        self._opening = asyncio.Lock()
        self._discarding: set[asyncio.Task[None]] = set()
        self._closed = False

    async def get(self) -> AIOKafkaProducer:
        """The producer, started; bounded in time by the caller."""
        async with self._opening:
            if self._closed:
                raise Unavailable("closed", "The bus is closed.")
            if self._producer is None:
                producer = self._made()
                try:
                    await start(producer, self._cluster)
                except BaseException:
                    self._discard(producer)
                    raise
                self._producer = producer
            return self._producer

    def drop(self, producer: AIOKafkaProducer) -> None:
        """Throw a producer away: whether what it was given is written is not known."""
        if self._producer is producer:
            self._producer = None
            self._discard(producer)

    async def close(self) -> None:
        """Send what is under way and release everything."""
        self._closed = True
        async with self._opening:
            producer, self._producer = self._producer, None
        if producer is not None:
            await stop_producer(producer)
        await asyncio.gather(*self._discarding)

    def _made(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            **self._cluster.connection(retry_seconds=SOON_SECONDS) | {"metadata_max_age_ms": METADATA_SECONDS * 1000},
            acks="all",
            enable_idempotence=True,
            transactional_id=self._transactional_id,
            transaction_timeout_ms=int(self._cluster.settings.transaction_seconds * 1000),
            max_batch_size=BATCH_BYTES,
            max_request_size=MAX_MESSAGE_BYTES * DEAD_LETTER_FACTOR + FRAME_BYTES,
        )
        let_attempts_end(producer)
        return producer

    def _discard(self, producer: AIOKafkaProducer) -> None:
        task = asyncio.create_task(discard_producer(producer))
        self._discarding.add(task)
        task.add_done_callback(self._discarding.discard)
