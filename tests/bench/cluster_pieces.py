"""The cluster that is measured: one broker, what stands in for MongoDB, and services as processes of their own."""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from tests.bench.driving import cpu_seconds, megabytes
from tests.gateway_process import GatewayProcess
from tests.ports import free_port
from tests.servers import kafka, mongo

READY_SECONDS = 120.0

BROKER = {
    name: kafka.TESTING[name]
    for name in ("log.flush.interval.messages", "offsets.topic.num.partitions", "transaction.state.log.num.partitions")
}
"""As for tests, but given up no sooner than by default: on a busy machine a broker may be late."""

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it

PIPELINE = ("web_ingest", "normalizer", "dispatcher")
"""What a message passes from raw to an agency's queue."""


@dataclass
class Cluster:
    """Broker and store of one run; every deployment on them has a prefix and a database of its own."""

    root: Path
    broker: kafka.KafkaBroker
    store: mongo.FerretDB
    made: list["Deployed"] = field(default_factory=list)

    def deployment(self, *, partitions: int, store: bool) -> "Deployed":
        """A fresh one; without `store` histories, keys and files lie embedded in its data folder."""
        name = uuid4().hex[:12]
        settings = {
            "GATEWAY_BUS_URL": f"kafka://{self.broker.address}/{name}",
            "KAFKA_PARTITIONS": str(partitions),
            "KAFKA_REPLICATION_FACTOR": "1",
            "KAFKA_MIN_INSYNC": "1",
        }
        if store:
            settings["GATEWAY_STORE_URL"] = f"{self.store.url}/b{name}"
        self.made.append(Deployed(self, self.root / name, settings))
        return self.made[-1]

    def servers(self) -> Mapping[str, int]:
        """Process ids of broker and store."""
        return {"broker": self.broker.pid, "store": self.store.pid}


@dataclass
class Deployed:
    """One deployment and its running processes, in order of their start."""

    cluster: Cluster
    data: Path
    settings: Mapping[str, str]
    running: dict[str, GatewayProcess] = field(default_factory=dict)

    @property
    def bus_url(self) -> str:
        """Where its topics are."""
        return self.settings["GATEWAY_BUS_URL"]

    @property
    def dispatchers(self) -> Sequence[GatewayProcess]:
        """Those that count what reached an agency."""
        return [process for name, process in self.running.items() if name.startswith("dispatcher")]

    def process(self, launcher: str, name: str) -> GatewayProcess:
        """A process on this deployment, started, with a log of its own."""
        made = GatewayProcess(self.data, launcher=launcher, **self.settings)
        made.log = self.data.with_name(f"{self.data.name}.{name}.log")
        self.running[name] = made.start()
        return made

    def start(self, services: Sequence[str], copies: int = 1) -> None:
        """Run copies of services and wait until all take messages."""
        for number in range(copies):
            for service in services:
                name = service if number == 0 else f"{service}-{number + 1}"
                self.process(f"services.{service}", name)
        for process in self.running.values():
            process.ready(READY_SECONDS)

    def stop(self) -> None:
        """End all of them."""
        for process in self.running.values():
            process.stop()
        self.running.clear()

    def kill(self) -> None:
        """End what still runs when something failed."""
        for process in self.running.values():
            process.kill()

    def spent(self) -> Mapping[str, float]:
        """CPU seconds so far: of all services together, of the broker, of the store."""
        ours = sum(cpu_seconds(process.pid) for process in self.running.values())
        return {"services": ours} | {name: cpu_seconds(pid) for name, pid in self.cluster.servers().items()}

    def resident(self) -> Mapping[str, float]:
        """Megabytes that each process has resident now."""
        ours = {name: process.pid for name, process in self.running.items()}
        return {name: megabytes(pid, "VmRSS") for name, pid in {**ours, **self.cluster.servers()}.items()}


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start broker and store for one run.

    The store's files lie in memory where there is such a folder: how long a disk takes to sync each single write of
    the stand-in, one after another, says nothing of a server that syncs those of many clients at once.
    """
    memory = IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory(dir=memory) as fast:
        broker = kafka.KafkaBroker(Path(folder) / "broker", settings=BROKER, heap_mb=512).start()
        store = mongo.FerretDB(Path(fast) / "store", port=free_port(), durable=True).start()
        running = Cluster(Path(folder), broker, store)
        try:
            yield running
        finally:
            for deployed in running.made:
                deployed.kill()
            store.kill()
            broker.kill()
