"""Brokers die, answers are lost, topics vanish and records are refused: nothing acknowledged is lost or doubled."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaTimeoutError

from gateway.bus.kafka import KafkaBus
from gateway.bus.opening import unsafe_settings
from gateway.bus.port import Handler, Record
from gateway.errors import Conflict, Invalid, Unavailable
from schemas.envelope import Message
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
from tests.kafka.conftest import Buses, Opening
from tests.kafka.proxy import Proxy
from tests.servers.kafka import KafkaBroker

Own = tuple[KafkaBroker, Proxy]
KEYS = 6

pytestmark = pytest.mark.timeout(400)


class Persistent:
    """A bus whose consumer begins again when it was fenced, as `gateway.runtime` does.

    A broker that was away longer than a transaction lasts has given it up, and with it its owner.
    """

    def __init__(self, bus: KafkaBus) -> None:
        """Consume by a bus."""
        self._bus = bus

    async def consume(self, topic: str, *, group: str, handler: Handler) -> None:
        """Consume until cancelled."""
        while True:
            with contextlib.suppress(Conflict):
                await self._bus.consume(topic, group=group, handler=handler)


async def insist(bus: KafkaBus, *messages: Message) -> None:
    """Publish until it is acknowledged, as an edge with a spool does."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await bus.publish(*messages)
            except Unavailable:
                await asyncio.sleep(0.05)
            else:
                return


async def forever(bus: KafkaBus, found: Message) -> None:
    """Publish until it is refused: a broker takes up a changed setting a moment after it acknowledged it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            await bus.publish(found)


async def untouched(bus: KafkaBus, count: int) -> None:
    """Every number came in, and each record of it went out once, in the order of its key."""
    came, went = await everything(bus), await everything(bus, "tickets")
    assert set(ids(came)) == {str(number) for number in range(count)} == set(ids(went))
    assert Counter(ids(went)) == Counter(ids(came))
    for key in range(KEYS):
        mine = [found for found in ids(went) if int(found) % KEYS == key]
        assert mine == [found for found in ids(came) if int(found) % KEYS == key]
        assert list(dict.fromkeys(mine)) == [str(number) for number in range(key, count, KEYS)]


async def further(bus: KafkaBus, before: Counter[int]) -> Counter[int]:
    """Return how many records of each key went out, as soon as each has more than before."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = Counter(int(name) % KEYS for name in ids(await everything(bus, "tickets")))
            if all(found[key] > before[key] for key in range(KEYS)):
                return found
            await asyncio.sleep(0.02)


async def numbers(bus: KafkaBus, key: int, which: range) -> None:
    for number in which[key::KEYS]:
        await insist(bus, message(number, key=str(key)))
        await asyncio.sleep(0.01)


@pytest.mark.slow
async def test_a_broker_killed_under_load_loses_and_doubles_nothing(own_broker: Own, opening: Opening) -> None:
    """Its transactions are over before it is back, so it ends them while it starts, before partitions have a leader."""
    broker, _ = own_broker
    buses = opening(broker.address)
    source, reader = buses.open("web_ingest.read"), buses.open("cli")
    await source.publish(message(0, key="0"))
    done: Counter[int] = Counter()
    async with consuming(Persistent(buses.open("normalizer")), forwarded):
        for part in range(0, 600, 300):
            publishing = asyncio.gather(*(numbers(source, key, range(part, part + 300)) for key in range(KEYS)))
            done = await further(reader, done)
            await asyncio.to_thread(broker.restart)
            await publishing
        async with asyncio.timeout(PATIENCE):
            await caught_up(reader)
    await untouched(reader, 600)


async def test_an_answer_that_is_lost_is_unavailable_and_the_message_not_torn(
    own_broker: Own, opening: Opening
) -> None:
    broker, proxy = own_broker
    buses = opening(broker.address)
    source, reader = buses.open("web_ingest.read"), buses.open("cli")
    await source.publish(message("first"))
    await source.publish(message("pair"), message("pair", topic="tickets"))
    proxy.mute()
    before = proxy.swallowed
    answers = await asyncio.gather(
        source.publish(message("single")),
        source.publish(message("both"), message("both", topic="tickets")),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [Unavailable, Unavailable]
    assert proxy.swallowed > before
    proxy.heal()
    await insist(source, message("single"))
    inbound, tickets = Counter(ids(await everything(reader))), Counter(ids(await everything(reader, "tickets")))
    assert (inbound["first"], inbound["pair"], tickets["pair"]) == (1, 1, 1)
    assert inbound["single"] in (1, 2)
    assert inbound["both"] == tickets["both"] <= 1


async def test_a_batch_whose_answer_is_lost_is_completed_once(
    own_broker: Own, opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, muted = AIOKafkaProducer.commit_transaction, asyncio.Event()

    async def unanswered(producer: AIOKafkaProducer) -> None:
        """Commit, where the broker's answer to that very request never comes and the producer is not believed."""
        if muted.is_set():
            await commit(producer)
            return
        muted.set()
        proxy.mute()
        try:
            await asyncio.wait_for(commit(producer), 1)
        except TimeoutError:
            raise KafkaTimeoutError from None
        finally:
            proxy.heal()

    broker, proxy = own_broker
    buses = opening(broker.address)
    source, reader = buses.open("web_ingest.read"), buses.open("cli")
    await source.publish(*(message(number, key=str(number % KEYS)) for number in range(60)))
    monkeypatch.setattr(AIOKafkaProducer, "commit_transaction", unanswered)
    calls: Counter[str] = Counter()

    async def counted(record: Record) -> Sequence[Message]:
        calls[record.message.id] += 1
        return await forwarded(record)

    async with consuming(buses.open("normalizer"), counted):
        await asyncio.wait_for(muted.wait(), 30)
        await insist(source, *(message(number, key=str(number % KEYS)) for number in range(60, 120)))
        await caught_up(reader)
    assert len(calls) == 120
    await untouched(reader, 120)


async def delete(buses: Buses, topic: str) -> None:
    """Delete a topic with all there is in it, as nobody should."""
    admin = AIOKafkaAdminClient(**buses.cluster.connection())
    await admin.start()
    await admin.delete_topics([buses.cluster.topic(topic)])
    await admin.close()


@pytest.mark.slow
async def test_a_topic_that_vanished_is_made_again_and_read_again(buses: Buses) -> None:
    source = buses.open("web_ingest.read")
    seen = Seen()
    async with consuming(buses.open("normalizer"), seen):
        for number in range(8):
            await source.publish(message(number, key=str(number)))
        await seen.count(8)
        await delete(buses, "inbound")
        for number in range(8, 16):
            await insist(source, message(number, key=str(number)))
        await eventually(lambda: {str(number) for number in range(8, 16)} <= set(ids(seen.records)))


@pytest.mark.slow
async def test_a_topic_made_again_and_filled_before_anybody_looked_is_read_from_its_beginning(buses: Buses) -> None:
    """Its consumer never hears that it was away, and no offset tells that it is another one."""
    seen = Seen()
    async with consuming(buses.open("normalizer"), seen):
        await buses.open("web_ingest.read").publish(*(message(number, key=str(number)) for number in range(8)))
        await seen.count(8)
        await delete(buses, "inbound")
        await insist(buses.open("email_ingest"), *(message(number, key=str(number % 8)) for number in range(8, 80)))
        await eventually(lambda: {str(number) for number in range(8, 80)} <= set(ids(seen.records)))


async def test_a_record_that_the_broker_refuses_is_invalid_and_others_go_on(buses: Buses) -> None:
    source = buses.open("web_ingest.read")
    await source.publish(message("first"))
    admin = AIOKafkaAdminClient(**buses.cluster.connection())
    await admin.start()
    topic = buses.cluster.topic("inbound")
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": "5000"})])
    await admin.close()
    large = b"x" * 20_000
    with pytest.raises(Invalid, match="message_too_large"):
        await forever(source, message("earlier", value=large))
    answers = await asyncio.gather(
        source.publish(message("a"), message("b")),
        source.publish(message("c"), message("large", value=large)),
        source.publish(message("d"), message("e")),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [type(None), Invalid, type(None)]
    await source.publish(message("last"))
    found = ids(await everything(source))
    assert sorted(name for name in found if name != "earlier") == ["a", "b", "d", "e", "first", "last"]


async def test_a_broker_of_a_trial_is_told_to_be_unsafe(buses: Buses) -> None:
    await buses.open("web_ingest.read").publish(message(1))
    found = await unsafe_settings(f"kafka://{buses.cluster.servers[0]}/{buses.cluster.prefix.rstrip('.')}")
    named = (
        "1 brokers",
        "KAFKA_SECURITY_PROTOCOL",
        "transaction.state.log.min.isr",
        "Topic inbound: min.insync.replicas",
    )
    assert [name for name in named if not any(name in sentence for sentence in found)] == []
    assert not any("retention" in sentence or "auto.create" in sentence for sentence in found)
