"""Who owns a partition, and what becomes of one who no longer does, or whose place in it is gone."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import InvalidTimestampError

from gateway.bus.kafka import moving
from gateway.bus.kafka.lane import Lane
from gateway.bus.kafka.outlet import Outlet
from gateway.bus.kafka.progress import committed
from gateway.bus.port import End
from gateway.errors import Conflict
from tests.contract.bus_play import (
    PATIENCE,
    Seen,
    caught_up,
    consuming,
    everything,
    forwarded,
    ids,
    message,
)
from tests.kafka.conftest import Buses

pytestmark = pytest.mark.timeout(200)

PARTITIONS = 4


@contextlib.asynccontextmanager
async def administering(buses: Buses) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**buses.cluster.connection())
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def test_a_fenced_owner_leaves_the_next_one_alone(buses: Buses) -> None:
    """It has written, finds itself fenced, and ends: nothing of that may take the partition back."""
    source, bus = buses.open("web_ingest.read"), buses.open("normalizer")
    cluster = buses.cluster
    consuming_it = asyncio.create_task(bus.consume("inbound", group="normalizer", handler=forwarded))
    await source.publish(*(message(number, key=str(number)) for number in range(40)))
    await caught_up(buses.open("cli"))
    rivals = [
        Outlet(cluster, transactional_id=cluster.owner("normalizer", "inbound", number)) for number in range(PARTITIONS)
    ]
    producers = [await rival.get() for rival in rivals]
    await source.publish(message("one more"))
    with pytest.raises(Conflict, match="lease_lost"):
        await asyncio.wait_for(consuming_it, PATIENCE)
    for number, producer in enumerate(producers):
        await producer.begin_transaction()
        place = TopicPartition(cluster.topic("inbound"), number)
        await producer.send_offsets_to_transaction({place: 0}, cluster.group("normalizer", "inbound"))
        await producer.commit_transaction()
    await asyncio.gather(*(rival.close() for rival in rivals))


async def test_a_rebalance_that_goes_wrong_is_no_silent_standstill(
    buses: Buses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kafka's client only logs what a listener raises: records would be read for a partition that nobody owns."""

    def broken(_: Lane) -> None:
        raise RuntimeError("a fault of ours")

    source, bus = buses.open("web_ingest.read"), buses.open("normalizer")
    seen = Seen()
    await source.publish(message(1))
    consuming_it = asyncio.create_task(bus.consume("inbound", group="normalizer", handler=seen))
    await seen.count(1)
    with monkeypatch.context() as patched:
        patched.setattr(Lane, "wake", broken)
        async with consuming(buses.open("normalizer"), Seen()):
            with pytest.raises(RuntimeError):
                await asyncio.wait_for(asyncio.shield(consuming_it), PATIENCE)


async def test_progress_beyond_the_end_of_a_topic_begins_anew(buses: Buses) -> None:
    """As after a topic was made again, or restored from a copy; else all that comes until there is passed over."""
    source, bus, reader = buses.open("web_ingest.read"), buses.open("normalizer"), buses.open("cli")
    await source.publish(*(message(number, key=str(number)) for number in range(12)))
    places = [TopicPartition(buses.cluster.topic("inbound"), number) for number in range(PARTITIONS)]
    await moving.move(
        buses.cluster, buses.cluster.group("normalizer", "inbound"), committed(dict.fromkeys(places, 1000), "")
    )
    seen = Seen(forwarded)
    async with consuming(bus, seen):
        await seen.count(12)
        await source.publish(message("next"))
        await caught_up(reader)
    assert len(await everything(reader, "tickets")) == 13


@pytest.mark.parametrize(("topic_id", "left"), [("0" * 32, 12), ("", 0)], ids=["another topic", "topic not told"])
async def test_progress_in_another_topic_of_that_name_counts_for_nothing(
    buses: Buses, topic_id: str, left: int
) -> None:
    """It lies within this one too, so that no offset tells; progress that somebody else committed is believed."""
    source, bus, reader = buses.open("web_ingest.read"), buses.open("normalizer"), buses.open("cli")
    await source.publish(*(message(number, key=str(number)) for number in range(12)))
    ends = await moving.resolve(bus._looker, "inbound", End())
    await moving.move(buses.cluster, buses.cluster.group("normalizer", "inbound"), committed(ends, topic_id))
    assert (await reader.lag("inbound", group="normalizer")).messages == left
    seen = Seen(forwarded)
    async with consuming(bus, seen):
        await source.publish(message("next"))
        await caught_up(reader)
    assert len(seen.records) == left + 1


async def test_progress_before_what_retention_left_goes_on_where_records_begin(buses: Buses) -> None:
    source, bus, reader = buses.open("web_ingest.read"), buses.open("normalizer"), buses.open("cli")
    await source.publish(*(message(number) for number in range(5)))
    async with consuming(bus, Seen(forwarded)):
        await caught_up(reader)
    await source.publish(*(message(number) for number in range(5, 20)))
    place = next(found for found in await everything(reader))
    async with administering(buses) as admin:
        gone = TopicPartition(buses.cluster.topic("inbound"), int(place.partition))
        await admin.delete_records({gone: RecordsToDelete(place.offset + 15)})
    left = ids(await everything(reader))
    seen = Seen(forwarded)
    async with consuming(bus, seen):
        await seen.count(len(left))
        await caught_up(reader)
    assert ids(seen.records) == left


async def test_partitions_that_were_added_are_looked_at(buses: Buses) -> None:
    source, reader = buses.open("web_ingest.read"), buses.open("cli")
    await source.publish(message(0))
    assert (await reader.lag("inbound", group="normalizer")).messages == 1
    async with administering(buses) as admin:
        await admin.create_partitions({buses.cluster.topic("inbound"): NewPartitions(3 * PARTITIONS)})
    later = buses.open("web_ingest.send")
    await later.publish(*(message(number, key=str(number)) for number in range(1, 60)))
    assert (await reader.lag("inbound", group="normalizer")).messages == 60
    assert len(await everything(reader)) == 60
    async with consuming(buses.open("normalizer"), Seen(forwarded)):
        await caught_up(reader)


async def in_the_far_future(producer: AIOKafkaProducer, topic: str) -> None:
    """Write until it is taken: a broker takes up a changed setting a moment after it acknowledged it."""
    while True:
        with contextlib.suppress(InvalidTimestampError):
            await producer.send_and_wait(topic, key=b"a", value=b"{}", timestamp_ms=2**62)
            return
        await asyncio.sleep(0.05)


async def test_a_record_with_an_impossible_time_stops_nothing(buses: Buses) -> None:
    """Whoever may write to a topic may date what is written, where the topic's settings allow it."""
    source = buses.open("web_ingest.read")
    await source.publish(message("first"))
    topic = buses.cluster.topic("inbound")
    async with administering(buses) as admin:
        await admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topic, {"message.timestamp.after.max.ms": str(2**63 - 1)})]
        )
    async with AIOKafkaProducer(**buses.cluster.connection()) as producer, asyncio.timeout(PATIENCE):
        await in_the_far_future(producer, topic)
    await source.publish(message("last"))
    assert (await source.lag("inbound", group="normalizer")).messages == 3
    seen = Seen()
    async with consuming(buses.open("normalizer"), seen):
        await seen.count(3)
    assert [found for found in ids(seen.records) if found in ("first", "last")] == ["first", "last"]
