"""Copies of one stage share a topic: whoever joins and leaves, each message is handed on once and in order."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from gateway.bus.kafka import KafkaBus, watchdog
from gateway.bus.kafka.cluster import Cluster
from gateway.bus.kafka.watchdog import watch
from gateway.bus.port import Record
from gateway.errors import Unavailable
from schemas.envelope import Message
from tests.contract.bus_play import PATIENCE, Seen, caught_up, consuming, everything, forwarded, message
from tests.kafka.conftest import Buses
from tests.waiting import until

KEYS = 12


class Load:
    """Messages published one after another until told to stop, over several keys."""

    def __init__(self, bus: KafkaBus) -> None:
        """Publish by a bus."""
        self._bus = bus
        self.count = 0
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Publish."""
        while not self._stopping.is_set():
            await self._bus.publish(message(self.count, key=str(self.count % KEYS)))
            self.count += 1
            await asyncio.sleep(0.001)

    def stop(self) -> None:
        """End `run` after the message under way."""
        self._stopping.set()

    async def more(self, wanted: int) -> None:
        """Return when so many more were published."""
        goal = self.count + wanted
        async with asyncio.timeout(PATIENCE):
            while self.count < goal:  # noqa: ASYNC110 - a counter sets no event
                await asyncio.sleep(0.01)


async def whole_and_in_order(bus: KafkaBus, count: int) -> None:
    outputs = await everything(bus, "tickets")
    assert Counter(int(found.message.id) for found in outputs) == Counter(range(count))
    for key in range(KEYS):
        mine = [int(found.message.id) for found in outputs if found.message.key == str(key)]
        assert mine == list(range(key, count, KEYS))


async def test_copies_that_come_and_go_lose_double_and_reorder_nothing(buses: Buses) -> None:
    load = Load(buses.open("web_ingest.read"))
    handlers = [Seen(forwarded) for _ in range(3)]
    publishing = asyncio.create_task(load.run())
    await load.more(20)
    async with consuming(buses.open("normalizer"), handlers[0]):
        await handlers[0].count(20)
        async with consuming(buses.open("normalizer"), handlers[1]):
            await handlers[1].count(20)
            async with consuming(buses.open("normalizer"), handlers[2]):
                await handlers[2].count(20)
            await load.more(50)
        async with consuming(buses.open("normalizer"), handlers[1]):
            await load.more(50)
        await load.more(50)
        load.stop()
        await publishing
        await caught_up(buses.open("cli"))
    await whole_and_in_order(buses.open("cli"), load.count)


async def rebalancing(buses: Buses) -> bool:
    """Whether two consumers are known and the partitions are being shared out anew."""
    admin = AIOKafkaAdminClient(**buses.cluster.connection())
    await admin.start()
    try:
        (answer,) = await admin.describe_consumer_groups([buses.cluster.group("normalizer", "inbound")])
    finally:
        await admin.close()
    ((_, _, state, _, _, members, *_),) = answer.groups
    return state == "PreparingRebalance" and len(members) == 2


async def test_a_rebalance_lets_handlers_end_and_repeats_none(buses: Buses) -> None:
    calls: Counter[str] = Counter()
    gate = asyncio.Event()

    async def slow(record: Record) -> Sequence[Message]:
        calls[record.message.id] += 1
        await gate.wait()
        return await forwarded(record)

    await buses.open("web_ingest.read").publish(*(message(number, key=str(number)) for number in range(20)))
    reader = buses.open("cli")
    async with consuming(buses.open("normalizer"), slow):
        async with asyncio.timeout(PATIENCE):
            while sum(calls.values()) < 20:  # noqa: ASYNC110 - a counter sets no event
                await asyncio.sleep(0.01)
        async with consuming(buses.open("normalizer"), slow):
            # The other one wants its share, and the first is asked to let go of it.
            await until(lambda: rebalancing(buses))
            gate.set()
            await caught_up(reader)
    assert set(calls.values()) == {1}
    assert len(await everything(reader, "tickets")) == 20


async def test_a_consumer_that_stops_reading_is_noticed(buses: Buses, monkeypatch: pytest.MonkeyPatch) -> None:
    await buses.open("web_ingest.read").publish(message(1))
    place = [TopicPartition(buses.cluster.topic("inbound"), number) for number in range(4)]
    stalled = AIOKafkaConsumer(**buses.cluster.connection())
    await stalled.start()
    stalled.assign(place)
    for one in place:
        stalled.seek(one, 0)
    with pytest.raises(Unavailable, match="consumer_stalled"):
        await asyncio.wait_for(watch(stalled, buses.cluster, every=0.05), 30)
    for one in place:
        stalled.seek(one, 10)
    looks = []
    look = watchdog._behind

    async def looked(consumer: AIOKafkaConsumer, cluster: Cluster) -> dict[object, int]:
        looks.append(await look(consumer, cluster))
        return looks[-1]

    monkeypatch.setattr(watchdog, "_behind", looked)
    watching = asyncio.create_task(watch(stalled, buses.cluster, every=0.05))
    await until(lambda: len(looks) >= 5 or watching.done())
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching
    await stalled.stop()
