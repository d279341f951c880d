"""The bus on Kafka by itself: beside a bare loop with the same transactions and batches, and with several copies."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from gateway.bus.kafka import KafkaBus
from gateway.bus.kafka.cluster import Cluster
from gateway.bus.port import Bus
from tests.bench.arrivals import bench_bus, everything
from tests.bench.figures import Figure
from tests.bench.forwarder import GROUP
from tests.bench.kafka_bus import Bare, Rate, bus_forward, deployment, in_flight, message
from tests.gateway_process import ROOT

AT_ONCE = 64
LOOK_SECONDS = 0.1
JOIN_SECONDS = 120.0
DRAIN_SECONDS = 900.0
"""Far more than either takes; what did not come to pass by then never will."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Medians of interleaved rounds: messages a second of ours and of the bare loop, their ratios, and the batch."""

    ours: float
    bare: float
    by_clock: float
    by_own_time: float
    batch: int

    def figures(self) -> list[Figure]:
        """A line each."""
        unit = f"messages / second, {self.batch} in a transaction"
        return [
            Figure("bus: consume, transform, produce", self.ours, unit),
            Figure("bare aiokafka loop, same transactions and batches", self.bare, unit),
            Figure("bus : bare loop, by the clock", self.by_clock, "", 0.4),
            Figure("bus : bare loop, by CPU of the process", self.by_own_time, "", 0.4),
        ]


async def beside_a_bare_loop(address: str, count: int, rounds: int) -> Beside:
    """Forward one backlog by turns; the bare loop takes batches of the size that ours came to on the average."""
    cluster, bus = deployment(address)
    await bus.publish(message(0), message(0, "tickets"))
    await in_flight(AT_ONCE, count, lambda number: bus.publish(message(number)))
    pairs: list[tuple[Rate, Rate]] = []
    batches: list[int] = []
    for _ in range(rounds):
        ours, batch = await _forward(cluster, bus, count)
        batches.append(batch)
        pairs.append((ours, await Bare(cluster).forward(count, batch)))
    await bus.close()
    return Beside(
        median(ours.clock for ours, _ in pairs),
        median(bare.clock for _, bare in pairs),
        median(ours.clock / bare.clock for ours, bare in pairs),
        median(ours.own / bare.own for ours, bare in pairs),
        int(median(batches)),
    )


async def _forward(cluster: Cluster, bus: KafkaBus, count: int) -> tuple[Rate, int]:
    """How fast ours forwarded, and how many messages a transaction had.

    Keys keep their partition from topic to topic, so each transaction ends in one mark on one partition of the target.
    """
    before = await _offsets(cluster)
    rate = await bus_forward(bus, count)
    return rate, max(1, round(count / (await _offsets(cluster) - before - count)))


async def _offsets(cluster: Cluster) -> int:
    """How many offsets the target has given out, records and marks."""
    places = [TopicPartition(cluster.topic("tickets"), number) for number in range(cluster.settings.partitions)]
    async with AIOKafkaConsumer(bootstrap_servers=list(cluster.servers)) as consumer:
        return sum((await consumer.end_offsets(places)).values())


async def copies_forward(url: str, copies: int, count: int) -> float:
    """Messages a second that so many processes forward together, once they share the partitions."""
    bus = bench_bus(url)
    await bus.publish(message(0), message(0, "tickets"))
    with _running(url, copies):
        await _all_joined(url, copies)
        await in_flight(AT_ONCE, count, lambda number: bus.publish(message(number)))
        async with asyncio.timeout(DRAIN_SECONDS):
            while (await bus.lag("inbound", group=GROUP)).messages:  # noqa: ASYNC110 - other processes' progress
                await asyncio.sleep(LOOK_SECONDS)
    rate = count / await _seconds(bus, count)
    await bus.close()
    return rate


async def _seconds(bus: Bus, count: int) -> float:
    """From the first to the last of the last so many that were forwarded."""
    times = sorted(record.published_at for record in await everything(bus, "tickets"))[-count:]
    return (times[-1] - times[0]).total_seconds()


@contextmanager
def _running(url: str, copies: int) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.bench.forwarder", url]
    processes = [subprocess.Popen(command, cwd=ROOT) for _ in range(copies)]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


async def _all_joined(url: str, copies: int) -> None:
    address, _, prefix = url.removeprefix("kafka://").partition("/")
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        async with asyncio.timeout(JOIN_SECONDS):
            while True:
                (answer,) = await admin.describe_consumer_groups([f"{prefix}.{GROUP}.inbound"])
                ((_, _, state, _, _, members, *_),) = answer.groups
                if state == "Stable" and len(members) == copies:
                    return
                await asyncio.sleep(LOOK_SECONDS)
    finally:
        await admin.close()
