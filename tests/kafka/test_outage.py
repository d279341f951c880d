"""A broker that is away is told in a line, costs no flood of others, and leaves nothing unhandled at the end."""

import asyncio
import contextlib
import gc
import logging
from collections import Counter
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import NodeNotReadyError, ProducerClosed, ProducerFenced
from aiokafka.protocol.metadata import MetadataRequest

from gateway.bus.kafka.cluster import cluster_of
from gateway.bus.kafka.connecting import start
from gateway.bus.kafka.contact import REPEATED
from gateway.bus.kafka.discarding import close_admin, discard_producer, stop_consumer
from gateway.bus.kafka.errors import kafka_errors
from gateway.bus.kafka.outlet import Outlet
from gateway.bus.kafka.ownership import Ownership
from gateway.bus.kafka.publishing import Ink, Sent
from gateway.bus.kafka.settings import KafkaSettings
from gateway.bus.kafka.topics import Topics
from gateway.bus.opening import bus_away_seconds
from gateway.errors import Conflict, Unavailable
from schemas.envelope import Message
from tests.contract.bus_play import PATIENCE, TIME, Seen, consuming, eventually, everything, forwarded, message
from tests.kafka.conftest import Buses, Opening
from tests.kafka.proxy import Proxy
from tests.ports import free_port
from tests.servers.kafka import KafkaBroker

pytestmark = pytest.mark.timeout(400)

LINES = sum(len(texts) for texts in REPEATED.values())


async def test_an_outage_is_two_lines_and_what_the_library_repeats_is_bounded(
    own_broker: tuple[KafkaBroker, Proxy],
    opening: Opening,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An idle process learns of it as well; it comes by an address of its own here, for what is known is kept by it."""
    monkeypatch.setattr("gateway.bus.kafka.watchdog.watch.__kwdefaults__", {"every": 1.0, "between": lambda: False})
    broker, _ = own_broker
    buses = opening(broker.address)
    stages = [buses.open(name) for name in ("web_ingest.read", "normalizer", "dispatcher")]
    idle = opening(broker.address.replace("127.0.0.1", "localhost")).open("normalizer")
    url, idle_url = f"kafka://{broker.address}/x", f"kafka://localhost:{broker.port}/y"
    seen = Seen(forwarded)
    async with (
        consuming(stages[1], seen),
        consuming(stages[2], Seen(), topic="tickets", group="dispatcher"),
        consuming(idle, Seen()),
    ):
        await stages[0].publish(message(0))
        await seen.count(1)
        caplog.clear()
        await asyncio.to_thread(broker.kill)
        failures = 0
        async with asyncio.timeout(PATIENCE):
            while bus_away_seconds(url) < 4:
                with contextlib.suppress(Unavailable):
                    await stages[0].publish(message(1))
                failures += 1
                await asyncio.sleep(0.02)
        assert failures > 5
        await eventually(lambda: bus_away_seconds(idle_url) > 0)
        await asyncio.to_thread(broker.start)
        await eventually(lambda: bus_away_seconds(url) == bus_away_seconds(idle_url) == 0)
        lines = Counter(record.msg for record in caplog.records if record.levelno >= logging.WARNING)
        assert (lines["kafka_is_away"], lines["kafka_is_back"]) == (2, 2)
        back = [record.__dict__["seconds"] for record in caplog.records if record.msg == "kafka_is_back"]
        assert max(back) > 4
        repeated = {text for texts in REPEATED.values() for text in texts}
        assert max((count for text, count in lines.items() if text in repeated), default=0) <= 2
        assert sum(lines.values()) < 2 * LINES
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(Unavailable):
                    await stages[0].publish(message("after"))
                    break
                await asyncio.sleep(0.05)
        await eventually(lambda: seen.records[-1].message.id == "after")


async def test_a_producer_that_tries_again_is_thrown_away_without_a_word(
    buses: Buses, unhandled: list[dict[str, Any]]
) -> None:
    """At the moment when its batch waits for another attempt."""
    bus = buses.open("web_ingest.read")
    await bus.publish(message("first"))
    topics = Topics(buses.cluster)
    outlet = Outlet(buses.cluster)
    producer = await outlet.get()
    waiting = asyncio.Event()

    async def refused(*_: object, **__: object) -> None:
        raise NodeNotReadyError

    async def waits() -> None:
        waiting.set()
        await asyncio.Event().wait()

    await producer.partitions_for(buses.cluster.topic("inbound"))
    producer.client.send, producer.client._maybe_wait_metadata = refused, waits
    sent = await Ink(buses.cluster, topics, lambda: TIME).put(producer, message("second"))
    await asyncio.wait_for(waiting.wait(), PATIENCE)
    outlet.drop(producer)
    await outlet.close()
    await topics.close()
    with pytest.raises(ProducerClosed):
        await sent
    del sent, producer
    gc.collect()
    await asyncio.sleep(0)
    assert unhandled == []


async def test_a_client_cancelled_while_it_connects_leaves_no_connection_open(
    buses: Buses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks by a first connection who else there is, and only that knows of it."""
    asked, opened = asyncio.Event(), []

    async def unanswered(connection: AIOKafkaConnection, *_: object) -> None:
        opened.append(connection)
        asked.set()
        await asyncio.Event().wait()

    send = AIOKafkaConnection.send
    monkeypatch.setattr(
        AIOKafkaConnection,
        "send",
        lambda connection, request, *more: (
            unanswered(connection) if isinstance(request, MetadataRequest) else send(connection, request, *more)
        ),
    )
    outlet = Outlet(buses.cluster)
    starting = asyncio.create_task(outlet.get())
    await asyncio.wait_for(asked.wait(), PATIENCE)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await outlet.close()
    assert [connection.connected() for connection in opened] == [False]


async def test_what_is_under_way_while_a_bus_ends_is_written_and_leaves_nothing_open(buses: Buses) -> None:
    """It begins by looking for its topic, and by then the bus has begun to end."""
    bus = buses.open("web_ingest.read")
    publishing = asyncio.create_task(bus.publish(message("last")))
    await asyncio.sleep(0)
    await bus.close()
    await publishing
    assert (bus._topics._asking._admin, bus._topics._asking._users) == (None, {})
    (found,) = await everything(buses.open("cli"))
    assert found.message.id == "last"


@pytest.mark.parametrize("kind", ["producer", "transactional", "consumer", "admin"])
async def test_a_broker_that_is_not_in_the_cluster_yet_is_an_outage(
    buses: Buses, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """It answers, and names no broker: one that the controller let in too late, or shut out while it stood still."""
    named: list[int] = []

    async def nobody(connection: AIOKafkaConnection, request: object, *more: object) -> object:
        answer = await send(connection, request, *more)
        if isinstance(request, MetadataRequest):
            named.append(len(answer.brokers))
            answer.brokers.clear()
        return answer

    send = AIOKafkaConnection.send
    monkeypatch.setattr(AIOKafkaConnection, "send", nobody)
    client: Any = {
        "producer": lambda: AIOKafkaProducer(**buses.cluster.connection()),
        "transactional": lambda: AIOKafkaProducer(**buses.cluster.connection(), transactional_id=buses.cluster.prefix),
        "consumer": lambda: AIOKafkaConsumer(**buses.cluster.connection()),
        "admin": lambda: AIOKafkaAdminClient(**buses.cluster.connection()),
    }[kind]()
    with pytest.raises(Unavailable):
        async with kafka_errors(PATIENCE):
            await start(client, buses.cluster)
    assert named
    monkeypatch.setattr(AIOKafkaConnection, "send", send)
    await {"consumer": stop_consumer, "admin": close_admin}.get(kind, discard_producer)(client)


async def test_who_takes_a_partition_over_while_the_broker_is_away_tells_that_and_no_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It asks nothing else by which the outage would be known, and said each time of each partition that it failed."""
    cluster = cluster_of(f"kafka://127.0.0.1:{free_port()}", KafkaSettings())
    topics = Topics(cluster)
    ownership = Ownership(Ink(cluster, topics, lambda: TIME), "inbound", "normalizer", 0, topic_id="")
    taking = asyncio.create_task(ownership.take())
    await eventually(lambda: cluster.contact.away_seconds > 3)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    await ownership.release(settling=False)
    await topics.close()
    lines = Counter(record.msg for record in caplog.records if record.name.startswith("gateway"))
    assert lines["kafka_is_away"] == 1
    assert lines["bus_unavailable"] <= 1


async def test_a_transaction_whose_sender_ended_tells_why(buses: Buses, unhandled: list[dict[str, Any]]) -> None:
    """And not that it is in no transaction, which would be a request that is never tried again."""
    bus = buses.open("web_ingest.read")
    await bus.publish(message("first"))
    topics = Topics(buses.cluster)
    outlet = Outlet(buses.cluster, transactional_id=buses.cluster.publisher("x", "y"))
    producer = await outlet.get()

    def fenced() -> None:
        raise ProducerFenced

    class Ended(Ink):
        """After the first message the sender hears that another one has taken over."""

        async def put(self, producer: AIOKafkaProducer, message: Message) -> Sent:
            sent = await super().put(producer, message)
            await asyncio.wait([sent], timeout=PATIENCE)
            producer._sender._maybe_do_transactional_request = fenced
            producer._txn_manager.notify_task_waiter()
            await asyncio.wait([producer._sender.sender_task], timeout=PATIENCE)
            return sent

    with pytest.raises(Conflict, match="lease_lost"):
        async with kafka_errors(PATIENCE):
            await Ended(buses.cluster, topics, lambda: TIME).transact(producer, [message(1), message(2)])
    outlet.drop(producer)
    await outlet.close()
    await topics.close()
    del producer
    gc.collect()
    await asyncio.sleep(0)
    assert unhandled == []


async def test_stopping_while_the_broker_is_away_leaves_nothing_unhandled(
    own_broker: tuple[KafkaBroker, Proxy], opening: Opening, unhandled: list[dict[str, Any]]
) -> None:
    broker, _ = own_broker
    buses = opening(broker.address)
    bus = buses.open("normalizer")
    seen = Seen(forwarded)
    stopping = asyncio.Event()

    async def publish(key: int) -> None:
        number = 0
        while not stopping.is_set():
            with contextlib.suppress(Unavailable):
                await bus.publish(message(f"{key}-{number}", key=str(key)))
                await bus.publish(message(f"{key}-{number}-a", key=str(key)), message(f"{key}-{number}-b"))
            number += 1
            await asyncio.sleep(0.01)

    publishing = [asyncio.create_task(publish(key)) for key in range(8)]
    async with consuming(bus, seen):
        await seen.count(20)
        await asyncio.to_thread(broker.kill)
        await asyncio.sleep(0.3)
    await bus.close()
    stopping.set()
    await asyncio.gather(*publishing)
    gc.collect()
    await asyncio.sleep(0)
    await asyncio.to_thread(broker.start)
    assert unhandled == []
