"""`python -m tests.bench.kafka_bus`: the bus on Kafka beside bare loops of aiokafka that do the same, in one run."""

import asyncio
import contextlib
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import median
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from gateway.bus.kafka import KafkaBus
from gateway.bus.kafka.cluster import Cluster, cluster_of
from gateway.bus.kafka.settings import KafkaSettings
from gateway.bus.port import End, Record
from schemas.envelope import Message
from tests.contract.bus_play import caught_up
from tests.servers import kafka

VALUE = b"x" * 2000
ROUNDS = 3
SEQUENTIAL = 500
CONCURRENT = 6000
BACKLOG = 6000
HOPS = 40


def message(number: int, topic: str = "inbound") -> Message:
    """Two kilobytes under one of fifty keys."""
    return Message(topic, str(number % 50), str(number), "vn.1022.test.v1", "bench", datetime.now(UTC), VALUE)


@dataclass(frozen=True)
class Rate:
    """Messages a second of the clock, and of this process's own time: the second is steadier on a busy machine."""

    clock: float
    own: float


class Watch:
    """Measures from its making on."""

    def __init__(self) -> None:
        """Begin."""
        self._clock, self._own = time.perf_counter(), time.process_time()

    def rate(self, count: int) -> Rate:
        """What was reached so far."""
        return Rate(count / (time.perf_counter() - self._clock), count / (time.process_time() - self._own))


async def in_flight(tasks: int, count: int, one: Callable[[int], Awaitable[object]]) -> None:
    """Do something `count` times, so many at once."""
    numbers = iter(range(count))

    async def run() -> None:
        for number in numbers:
            await one(number)

    await asyncio.gather(*(run() for _ in range(tasks)))


def tagged() -> bytes:
    """A value like all others, but recognisable."""
    return uuid4().hex.encode() + VALUE[32:]


class Outputs:
    """Tells when an output can be read by those who read what is committed; the same for both sides."""

    def __init__(self, bus: KafkaBus) -> None:
        """Follow `tickets` until the bus is closed."""
        self._bus = bus
        self._seen: set[bytes] = set()
        self._grown = asyncio.Condition()
        self._task = asyncio.create_task(self._follow())

    async def of(self, value: bytes) -> None:
        """Return when a record with this value was read."""
        async with self._grown:
            await self._grown.wait_for(lambda: value in self._seen)

    async def first(self, publish: Callable[[bytes], Awaitable[object]]) -> None:
        """Return when outputs come at all: whoever makes them has joined its group."""
        while True:
            value = tagged()
            await publish(value)
            with contextlib.suppress(TimeoutError):
                return await asyncio.wait_for(self.of(value), 5)

    async def _follow(self) -> None:
        async for record in self._bus.read("tickets", start=End(), follow=True):
            async with self._grown:
                self._seen.add(record.message.value)
                self._grown.notify_all()


class Bare:
    """The least that does the same: no envelope, no order per key, no recovery."""

    def __init__(self, cluster: Cluster) -> None:
        """Work on topics of this deployment, which the bus has made."""
        self._cluster = cluster
        self._source, self._target = cluster.topic("inbound"), cluster.topic("tickets")

    async def publish(self, tasks: int, count: int) -> Rate:
        """Publish with acks=all and idempotence."""
        async with AIOKafkaProducer(**self._cluster.connection(), enable_idempotence=True) as producer:
            await producer.send_and_wait(self._source, VALUE, key=b"0")
            work = in_flight(
                tasks, count, lambda number: producer.send_and_wait(self._source, VALUE, key=str(number % 50).encode())
            )
            watch = Watch()
            await work
            return watch.rate(count)

    async def forward(self, count: int, batch: int = 100) -> Rate:
        """Consume a backlog in batches of at most so many, each with its outputs in one transaction."""
        group = uuid4().hex
        watch, done = Watch(), 0
        async with self._producer(group) as producer, self._consumer(group, "earliest") as consumer:
            while done < count:
                done += await self._batch(consumer, producer, group, batch)
        return watch.rate(done)

    async def one_by_one(self, outputs: Outputs, count: int) -> Rate:
        """Publish one, wait until its output can be read, publish the next."""
        group = uuid4().hex
        feeder = AIOKafkaProducer(**self._cluster.connection(), enable_idempotence=True)
        async with self._producer(group) as producer, feeder, self._consumer(group, "latest") as consumer:
            await consumer.seek_to_end()

            async def forward() -> None:
                while True:
                    await self._batch(consumer, producer, group, 1)

            async def publish(value: bytes) -> None:
                await feeder.send_and_wait(self._source, value, key=b"0")

            task = asyncio.create_task(forward())
            await outputs.first(publish)
            watch = Watch()
            for _ in range(count):
                value = tagged()
                await publish(value)
                await outputs.of(value)
            found = watch.rate(count)
            task.cancel()
            await asyncio.wait([task])
            return found

    async def _batch(self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, group: str, size: int) -> int:
        done = 0
        for place, records in (await consumer.getmany(timeout_ms=1000, max_records=size)).items():
            async with producer.transaction():
                sent = [await producer.send(self._target, found.value, key=found.key) for found in records]
                await asyncio.gather(*sent)
                await producer.send_offsets_to_transaction({place: records[-1].offset + 1}, group)
            done += len(records)
        return done

    def _producer(self, group: str) -> AIOKafkaProducer:
        return AIOKafkaProducer(**self._cluster.connection(), transactional_id=group)

    def _consumer(self, group: str, begin: str) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            self._source,
            **self._cluster.connection(),
            group_id=group,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset=begin,
        )


async def bus_publish(bus: KafkaBus, tasks: int, count: int) -> Rate:
    """Publish through the port."""
    await bus.publish(message(0))
    watch = Watch()
    await in_flight(tasks, count, lambda number: bus.publish(message(number)))
    return watch.rate(count)


async def bus_forward(bus: KafkaBus, count: int) -> Rate:
    """Consume a backlog through the port, joining included, until nothing is left before the group."""
    group = f"bench_{uuid4().hex}"

    async def handler(record: Record) -> Sequence[Message]:
        return [message(int(record.message.id or 0), "tickets")]

    watch = Watch()
    task = asyncio.create_task(bus.consume("inbound", group=group, handler=handler))
    await caught_up(bus, group=group)
    found = watch.rate(count)
    task.cancel()
    await asyncio.wait([task])
    return found


async def bus_one_by_one(bus: KafkaBus, outputs: Outputs, count: int) -> Rate:
    """Publish one, wait until its output can be read, publish the next."""
    group = f"bench_{uuid4().hex}"

    async def handler(record: Record) -> Sequence[Message]:
        return [replace(message(0, "tickets"), value=record.message.value)]

    await bus.seek("inbound", group=group, to=End())
    task = asyncio.create_task(bus.consume("inbound", group=group, handler=handler))
    await outputs.first(lambda value: bus.publish(replace(message(0), value=value)))
    watch = Watch()
    for _ in range(count):
        value = tagged()
        await bus.publish(replace(message(0), value=value))
        await outputs.of(value)
    found = watch.rate(count)
    task.cancel()
    await asyncio.wait([task])
    return found


def say(what: str, pairs: Sequence[tuple[Rate, Rate]]) -> None:
    """One line: the medians of ours and of the bare loop, and the medians of what they are to each other."""
    ours, bare = median(pair[0].clock for pair in pairs), median(pair[1].clock for pair in pairs)
    by_clock = median(pair[0].clock / pair[1].clock for pair in pairs)
    own = median(pair[0].own / pair[1].own for pair in pairs)
    sys.stdout.write(f"{what:42s} {ours:7.0f}/s  bare {bare:7.0f}/s  ratio {by_clock:.2f}, by own time {own:.2f}\n")


def deployment(address: str) -> tuple[Cluster, KafkaBus]:
    """A fresh one, since a backlog is what lies on the topic."""
    cluster = cluster_of(f"kafka://{address}/{uuid4().hex}", KafkaSettings(partitions=4))
    return cluster, KafkaBus(cluster, "bench", clock=lambda: datetime.now(UTC))


async def main() -> None:
    """Measure and print; rounds of both sides alternate."""
    address = kafka.shared().address
    cluster, bus = deployment(address)
    await bus.publish(message(0), message(0, "tickets"))
    for tasks, count in ((1, SEQUENTIAL), (64, CONCURRENT)):
        pairs = [
            (await bus_publish(bus, tasks, count), await Bare(cluster).publish(tasks, count)) for _ in range(ROUNDS)
        ]
        say(f"publish, {tasks} in flight", pairs)
    await bus.close()
    cluster, bus = deployment(address)
    await bus.publish(message(0), message(0, "tickets"))
    await in_flight(64, BACKLOG, lambda number: bus.publish(message(number)))
    pairs = []
    for _ in range(ROUNDS):
        ours = await bus_forward(bus, BACKLOG)
        pairs.append((ours, await Bare(cluster).forward(BACKLOG)))
    say("consume-transform-produce, batches of 100", pairs)
    outputs, bare = Outputs(bus), Bare(cluster)
    pairs = [(await bus_one_by_one(bus, outputs, HOPS), await bare.one_by_one(outputs, HOPS)) for _ in range(ROUNDS)]
    say("consume-transform-produce, one by one", pairs)
    await bus.close()


if __name__ == "__main__":
    asyncio.run(main())
