"""`make bench-cluster`: what the gateway reaches on Kafka and a store of MongoDB's kind, in ratios within one run."""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import uuid4

from tests.bench.cluster_bus import beside_a_bare_loop, copies_forward
from tests.bench.cluster_flow import flow, latency
from tests.bench.cluster_pieces import Cluster, cluster
from tests.bench.compared import requests_per_cpu_second
from tests.bench.figures import Figure, percentile
from tests.servers import kafka, mongo

PARTITIONS = 4
SHARES = (1, 2, 4)
STORES = {False: "embedded store", True: "FerretDB"}
RATE = 50.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done: the whole run takes some minutes, the quick one tells only that all of it works."""

    rounds: int = 3
    requests: int = 3000
    forwarded: int = 6000
    embedded: int = 800
    stored: int = 200
    seconds: float = 20.0
    slow_rate: float = 5.0
    warm_up: int = 40


QUICK = Sizes(rounds=1, requests=300, forwarded=1000, embedded=100, stored=40, seconds=3.0, warm_up=5)


def main() -> int:
    """Measure, and print each part as it is known."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cluster", description=main.__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run, whose figures mean little")
    sizes = QUICK if parser.parse_args().quick else Sizes()
    missing = kafka.missing() or mongo.missing()
    if missing is not None:
        sys.stderr.write(f"{missing}\n")
        return 1
    os.environ |= {"KAFKA_REPLICATION_FACTOR": "1", "KAFKA_MIN_INSYNC": "1"}
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it tries again is no figure
    with cluster() as running:
        for figure in measured(running, sizes):
            sys.stdout.write(f"{figure}\n")
            sys.stdout.flush()
    return 0


def measured(running: Cluster, sizes: Sizes) -> Iterator[object]:
    """Every part, line by line."""
    yield "One broker, acks=all, one replica, no sync of each record. The store is the embedded one, which leaves Kafka"
    yield "and the gateway itself, or FerretDB with its files in memory: it stands in for MongoDB and is far slower."
    beside = asyncio.run(beside_a_bare_loop(running.broker.address, sizes.forwarded, sizes.rounds))
    yield from beside.figures()
    yield from _ingest(running, sizes)
    yield from _flow(running, sizes.embedded, beside.bare, store=False)
    yield from _flow(running, sizes.stored, beside.bare, store=True)
    yield from _copies(running, sizes)
    yield from _latency(running, sizes, RATE, store=False, partitions=1)
    yield from _latency(running, sizes, RATE, store=False)
    yield from _latency(running, sizes, sizes.slow_rate, store=True)


def _ingest(running: Cluster, sizes: Sizes) -> Iterator[Figure]:
    settings = running.deployment(partitions=PARTITIONS, store=False).settings
    found = requests_per_cpu_second(running.root, sizes.rounds, sizes.requests, **settings)
    yield from found.figures()
    yield Figure("ingest with acks=all : no-op handler", found.ingest / found.noop, "", 0.18)


def _flow(running: Cluster, count: int, bare: float, *, store: bool) -> Iterator[object]:
    """The whole pipeline and what bounds it: who keeps the cores busy."""
    name = STORES[store]
    found = flow(running.deployment(partitions=PARTITIONS, store=store), count)
    yield Figure(f"raw to agency queue, {name}", found.rate, "messages / second")
    yield Figure(f"raw to agency queue, {name}", found.per_cpu_second, "messages / CPU-second of all processes")
    yield Figure(f"raw to agency queue, {name}, of the bare loop's rate", found.rate / bare * 100, "%")
    yield f"{_spent(found.spent)}; {found.cores:.1f} of {os.cpu_count()} cores"


def _spent(milliseconds: Mapping[str, float]) -> str:
    return "  ms of CPU a message: " + ", ".join(f"{who} {spent:.1f}" for who, spent in milliseconds.items())


def _copies(running: Cluster, sizes: Sizes) -> Iterator[Figure]:
    """The same work with as many partitions as copies of each process."""
    for number in SHARES:
        os.environ["KAFKA_PARTITIONS"] = str(number)
        url = f"kafka://{running.broker.address}/{uuid4().hex}"
        rate = asyncio.run(copies_forward(url, number, sizes.forwarded))
        yield Figure(f"forwarded by the bus alone, {number} partitions and copies", rate, "messages / second")
    for number in SHARES:
        found = flow(running.deployment(partitions=number, store=True), sizes.stored, copies=number)
        yield Figure(f"raw to agency queue, FerretDB, {number} partitions and copies", found.rate, "messages / second")


def _latency(
    running: Cluster, sizes: Sizes, rate: float, *, store: bool, partitions: int = PARTITIONS
) -> Iterator[object]:
    """With one copy of each process; as many partitions are what a province of this size needs, more are for growth."""
    name = f"at {rate:g} messages / second, {STORES[store]}, {partitions} partitions"
    found = latency(running.deployment(partitions=partitions, store=store), rate, sizes.seconds, warm_up=sizes.warm_up)
    yield Figure(f"acknowledged, p50 {name}", percentile(found.acknowledged, 50) * 1000, "ms")
    yield Figure(f"acknowledged, p99 {name}", percentile(found.acknowledged, 99) * 1000, "ms")
    yield Figure(f"in the agency's queue, p50 {name}", percentile(found.received, 50) * 1000, "ms")
    aim = 500 if rate == RATE and partitions == 1 else None
    yield Figure(f"in the agency's queue, p99 {name}", percentile(found.received, 99) * 1000, "ms", aim, smaller=True)
    yield _spent(found.spent)
    yield f"  {found.repeated} of {found.records} records on all topics came again under the same id"
    for process, size in found.resident.items():
        yield Figure(f"  memory of {process}", size, "MB resident")


if __name__ == "__main__":
    sys.exit(main())
