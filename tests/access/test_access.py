"""On a real broker with what is printed: services do all their work, agencies and subscribers reach what is theirs."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import MessageSizeTooLargeError, RecordTooLargeError
from pydantic import SecretStr

from cli.access.grants import agency_user
from cli.access.parties import Part, consumed, parts
from gateway.bus.kafka import KafkaBus
from gateway.bus.kafka.cluster import Cluster as Names
from gateway.bus.kafka.cluster import cluster_of
from gateway.bus.kafka.safety import unsafe
from gateway.bus.kafka.settings import KafkaSettings, Mechanism, Protocol
from gateway.bus.port import Beginning, Record
from schemas.envelope import Message
from schemas.topics import topic_for
from tests.access.conftest import APART, IN_CHARGE, OTHER, SUBSCRIBER, USERS, Cluster
from tests.access.reaching import may_read, may_write, producing
from tests.waiting import until

SECONDS = 90.0


def names_of(cluster: Cluster, user: str) -> Names:
    settings = KafkaSettings(
        security_protocol=Protocol.SASL_PLAINTEXT,
        sasl_mechanism=Mechanism.PLAIN,
        sasl_user=user,
        sasl_password=SecretStr(USERS[user]),
        partitions=1,
        transaction_seconds=4,
        drain_seconds=3,
        publish_seconds=20,
    )
    return cluster_of(f"{cluster.url}/{APART}", settings)


def opened(cluster: Cluster, user: str, stage: str) -> KafkaBus:
    return KafkaBus(names_of(cluster, user), stage, clock=lambda: datetime.now(UTC))


def named(topic: str) -> str:
    return topic.replace("<agency>", IN_CHARGE)


def message(topic: str) -> Message:
    return Message(topic, "key", str(uuid4()), "t", "test", datetime.now(UTC), b"{}")


async def completes(bus: KafkaBus, stage: str, topic: str) -> None:
    """Handle what lies on a topic, with an output, until nothing is left."""

    async def put_aside(_record: Record) -> Sequence[Message]:
        return (message("dlq"),)

    task = asyncio.create_task(bus.consume(topic, group=stage, handler=put_aside))

    async def nothing_left() -> bool:
        return not (await bus.lag(topic, group=stage)).messages

    await until(nothing_left)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def works(cluster: Cluster, part: Part) -> None:
    """All that the service does: settings looked at, published by each stage, consumed, watched, read."""
    buses: Mapping[str, KafkaBus] = {stage: opened(cluster, part.service, stage) for stage in part.stages}
    anyone = next(iter(buses.values()))
    writes = [message(named(topic)) for topic in sorted(part.writes)]
    try:
        # Of a topic whose settings it may not see it would say that none of them is as it must be.
        assert not [text for text in await unsafe(names_of(cluster, part.service)) if "cleanup.policy" in text]
        await asyncio.gather(*(bus.publish(*writes, message(writes[0].topic)) for bus in buses.values()))
        await anyone.publish(message(writes[0].topic))
        await asyncio.gather(*(completes(buses[stage], stage, named(topic)) for stage, topic in part.consumes))
        for group, topic in part.watches:
            await anyone.lag(named(topic), group=group)
        for topic in part.looks_at:
            assert [record async for record in anyone.read(named(topic), start=Beginning())]
    finally:
        await asyncio.gather(*(bus.close() for bus in buses.values()))


async def test_every_service_does_its_work_with_what_is_printed_for_it(cluster: Cluster) -> None:
    operators = opened(cluster, "operators", "cli")
    topics = sorted({named(topic) for _, topic in consumed()} | {"dlq"})
    async with asyncio.timeout(SECONDS):
        await operators.publish(*(message(topic) for topic in topics))
        await asyncio.gather(*(works(cluster, part) for part in parts()))
        assert set(topics) <= set(await operators.topics())
    await operators.close()


async def test_an_agency_reaches_its_own_topics_alone(cluster: Cluster) -> None:
    user, group = agency_user(IN_CHARGE), f"agency.{IN_CHARGE}.tried"
    assert await may_read(cluster, user, f"agency.{IN_CHARGE}", group)
    for topic in (f"agency.{OTHER}", f"agency.{OTHER}.commands", f"agency.{IN_CHARGE}.commands", "tickets", "raw.web"):
        assert not await may_read(cluster, user, topic, group), topic
    for topic in (f"agency.{OTHER}.commands", f"agency.{IN_CHARGE}", "ticket.commands", "dlq"):
        assert not await may_write(cluster, user, topic), topic
    assert not await may_read(cluster, user, f"agency.{IN_CHARGE}", f"dispatcher.agency.{IN_CHARGE}.commands")
    assert not await may_read(cluster, user, f"agency.{IN_CHARGE}", f"agency.{OTHER}.tried")
    # A transaction left open would hold up whoever reads the topic.
    assert not await may_write(cluster, user, f"agency.{IN_CHARGE}.commands", transactional_id=f"agency.{IN_CHARGE}.1")


async def test_a_subscriber_reads_events_and_nothing_else(cluster: Cluster) -> None:
    group = f"{SUBSCRIBER}.tried"
    assert await may_read(cluster, SUBSCRIBER, "ticket.events", group)
    for topic in ("tickets", "inbound", "raw.web", "ticket.log", f"agency.{IN_CHARGE}", "dlq"):
        assert not await may_read(cluster, SUBSCRIBER, topic, group), topic
    assert not await may_read(cluster, SUBSCRIBER, "ticket.events", "dispatcher.tickets")
    assert not await may_write(cluster, SUBSCRIBER, "ticket.events")


async def test_topics_are_as_declared_and_what_is_not_is_shown(cluster: Cluster) -> None:
    found = await asyncio.to_thread(listed, cluster)
    existing = {name: row for name, row in found.items() if row["actual"] is not None}
    assert {
        f"agency.{IN_CHARGE}",
        f"agency.{IN_CHARGE}.commands",
        "raw.web",
        "tickets",
        "ticket.log",
    } <= existing.keys()
    for name, row in existing.items():
        declared = topic_for(name)
        assert declared is not None
        assert row["actual"] == {
            "partitions": 1 if declared.partitions == 1 else 2,
            "copies": 1,
            "retention_days": declared.retention.days,
            "differs": [],
        }
    admin = AIOKafkaAdminClient(bootstrap_servers=cluster.broker.address)
    await admin.start()
    topic = f"agency.{OTHER}"
    settings = {"retention.ms": "86400000", "cleanup.policy": "delete", "unclean.leader.election.enable": "false"}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=settings)])
    await admin.close()
    changed = (await asyncio.to_thread(listed, cluster))[topic]["actual"]
    assert changed["retention_days"] == 1
    assert "retention.ms is 86400000, declared 2592000000" in changed["differs"]


def listed(cluster: Cluster) -> dict[str, dict[str, Any]]:
    rows = [json.loads(line) for line in cluster.command("topics", "--json").splitlines()]
    return {row["topic"]: row for row in rows}


@pytest.mark.parametrize("compression", [None, "gzip"])
async def test_a_broker_takes_no_record_of_an_agency_that_is_too_large_unpacked(
    cluster: Cluster, compression: str | None
) -> None:
    topic, value = f"agency.{OTHER}.commands", b"\x00" * 900_000
    async with producing(cluster, agency_user(OTHER), compression_type=compression) as producer:
        with pytest.raises((MessageSizeTooLargeError, RecordTooLargeError)):
            await producer.send_and_wait(topic, value)
