"""Three brokers with three copies: one may die at any moment, with two gone nothing is acknowledged, and it resumes."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest

from gateway.bus.kafka.cluster import cluster_of
from gateway.bus.kafka.settings import KafkaSettings
from gateway.bus.opening import unsafe_settings
from gateway.errors import Unavailable
from tests.contract.bus_play import (
    PATIENCE,
    Seen,
    caught_up,
    consuming,
    eventually,
    everything,
    forwarded,
    ids,
    message,
)
from tests.kafka.conftest import Buses
from tests.kafka.test_bad_days import KEYS, Persistent, insist, numbers, untouched
from tests.servers import kafka
from tests.servers.kafka_cluster import NODES, KafkaCluster

pytestmark = pytest.mark.timeout(400)

COUNT = 600


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    missing = kafka.missing()
    if missing is not None:
        pytest.skip(missing)
    made = KafkaCluster(tmp_path_factory.mktemp("brokers"))
    yield made.start()
    made.stop()


@pytest.fixture
async def deployed(cluster: KafkaCluster) -> AsyncIterator[Buses]:
    await asyncio.to_thread(cluster.start)
    settings = KafkaSettings(partitions=3, publish_seconds=3.0, drain_seconds=3.0)
    buses = Buses(cluster_of(f"kafka://{cluster.address}/{uuid4().hex}", settings))
    yield buses
    await asyncio.gather(*(bus.close() for bus in buses.opened))


async def test_the_leader_dies_under_load_and_nothing_is_lost_doubled_or_reordered(
    cluster: KafkaCluster, deployed: Buses
) -> None:
    source, reader = deployed.open("web_ingest.read"), deployed.open("cli")
    await insist(source, message(0, key="0"))
    handler = Seen(forwarded)
    async with consuming(Persistent(deployed.open("normalizer")), handler):
        publishing = asyncio.gather(*(numbers(source, key, range(COUNT)) for key in range(KEYS)))
        await handler.count(60)
        await cluster.kill(await cluster.leader(deployed.cluster.topic("inbound"), 0))
        killed = time.monotonic()
        before = len(handler.records)
        await handler.count(before + 60)
        # No more than it takes to find out that it is dead, and to find who leads instead.
        assert time.monotonic() - killed < 60
        await publishing
        async with asyncio.timeout(PATIENCE):
            await caught_up(reader)
    await untouched(reader, COUNT)


async def test_what_three_brokers_hold_is_safe_but_for_the_network(cluster: KafkaCluster, deployed: Buses) -> None:
    await insist(deployed.open("web_ingest.read"), message(1))
    (found,) = await unsafe_settings(f"kafka://{cluster.address}/{deployed.cluster.prefix.rstrip('.')}")
    assert "KAFKA_SECURITY_PROTOCOL" in found


async def test_with_two_of_three_gone_nothing_is_acknowledged_and_then_it_resumes(
    cluster: KafkaCluster, deployed: Buses
) -> None:
    source, reader = deployed.open("web_ingest.read"), deployed.open("cli")
    handler = Seen(forwarded)
    async with consuming(Persistent(deployed.open("normalizer")), handler):
        for number in range(KEYS):
            await insist(source, message(number, key=str(number)))
        await handler.count(KEYS)
        await asyncio.gather(*(cluster.kill(node) for node in NODES[:2]))
        for asked in ([message("lost")], [message("pair"), message("pair", topic="tickets")]):
            with pytest.raises(Unavailable):
                await source.publish(*asked)
        await asyncio.to_thread(cluster.start)
        for number in range(KEYS, 4 * KEYS):
            await insist(source, message(number, key=str(number % KEYS)))
        await eventually(lambda: any(found.message.id == str(4 * KEYS - 1) for found in handler.records))
        async with asyncio.timeout(PATIENCE):
            await caught_up(reader)
    # What was not acknowledged may be there all the same; what came in went out once.
    came, went = ids(await everything(reader)), ids(await everything(reader, "tickets"))
    assert Counter(found for found in went if found != "pair") == Counter(found for found in came if found != "pair")
    assert ("pair" in came) == ("pair" in went)
    for key in range(KEYS):
        mine = [found for found in went if found.isdigit() and int(found) % KEYS == key]
        assert list(dict.fromkeys(mine)) == [str(number) for number in range(key, 4 * KEYS, KEYS)]
