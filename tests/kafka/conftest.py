"""A deployment of its own on a real broker, shared or to be killed, for what only the bus on Kafka must withstand."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import pytest

from gateway.bus.kafka import KafkaBus
from gateway.bus.kafka.cluster import Cluster, cluster_of
from gateway.bus.kafka.settings import KafkaSettings
from tests.kafka.proxy import Proxy
from tests.servers import kafka
from tests.servers.kafka import KafkaBroker

os.environ.setdefault("KAFKA_PARTITIONS", "4")
os.environ.setdefault("KAFKA_TRANSACTION_SECONDS", "4")


@dataclass
class Buses:
    """The buses of one deployment; all are closed at the end."""

    cluster: Cluster
    opened: list[KafkaBus] = field(default_factory=list)

    def open(self, stage: str) -> KafkaBus:
        """Open a stage's bus as a process of its own would."""
        bus = KafkaBus(self.cluster, stage, clock=lambda: datetime.now(UTC), session_seconds=3.0)
        self.opened.append(bus)
        return bus


@pytest.fixture(scope="session")
def broker() -> KafkaBroker:
    missing = kafka.missing()
    if missing is not None:
        pytest.skip(missing)
    return kafka.shared()


@pytest.fixture(scope="session")
def own_broker(broker: KafkaBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[KafkaBroker, Proxy]]:
    """A broker that tests may kill, and the proxy by which clients reach it."""
    data: Path = tmp_path_factory.mktemp("kafka") / "broker"
    proxy = Proxy()
    started = KafkaBroker(data, behind=proxy.port, settings=kafka.TESTING).start()
    proxy.start(started.port)
    yield started, proxy
    started.stop()
    proxy.stop()


class Opening(Protocol):
    """Makes a deployment of its own at an address."""

    def __call__(self, address: str, *, transaction_seconds: float = ...) -> Buses:
        """With buses that are closed in the end."""
        ...


@pytest.fixture
async def opening() -> AsyncIterator[Opening]:
    """Make deployments at an address, with a prefix of their own."""
    made: list[Buses] = []

    def opened(address: str, *, transaction_seconds: float = 4.0) -> Buses:
        settings = KafkaSettings(publish_seconds=3.0, drain_seconds=3.0, transaction_seconds=transaction_seconds)
        buses = Buses(cluster_of(f"kafka://{address}/{uuid4().hex}", settings))
        made.append(buses)
        return buses

    yield opened
    await asyncio.gather(*(bus.close() for buses in made for bus in buses.opened))


@pytest.fixture
def buses(broker: KafkaBroker, opening: Opening) -> Buses:
    return opening(broker.address)


@pytest.fixture
async def unhandled() -> AsyncIterator[list[dict[str, Any]]]:
    """What the loop is told because nobody else was."""
    loop = asyncio.get_running_loop()
    found: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: found.append(context))
    yield found
    loop.set_exception_handler(None)
