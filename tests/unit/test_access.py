"""What `gateway topics --acls kafka` gives to whom: a service what it works with, an agency its own two topics."""

from pathlib import Path

import pytest

from cli.access.grants import Resource, agency_user, grants
from cli.access.parties import parts, service_of
from gateway.bus.kafka.cluster import cluster_of
from gateway.bus.kafka.settings import KafkaSettings
from gateway.errors import Invalid
from gateway.runtime.background import projection_consumers
from gateway.runtime.deployment import open_deployment
from schemas.topics import TOPICS
from services.all_in_one import opened_channels
from services.dispatcher import wiring as dispatcher
from services.normalizer import wiring as normalizer
from tests.unit.filled import settings_of

IN_CHARGE, OTHER, SUBSCRIBER = "so_a", "so_b", "downstream"
PREFIXED = cluster_of("kafka://broker:9092/binh_phuoc", KafkaSettings())


def given(user: str, resource: Resource, operation: str) -> list[tuple[str, bool]]:
    """Names of what a user may do an operation on, each with whether it is the beginning of names."""
    every = grants(PREFIXED, agencies=[IN_CHARGE, OTHER], subscribers=[SUBSCRIBER])
    return [
        (name, grant.prefixed)
        for grant in every
        if grant.user == user and grant.resource is resource and operation in grant.operations
        for name in grant.names
    ]


def allowed(user: str, resource: Resource, operation: str, name: str) -> bool:
    return any(
        name.startswith(granted) if prefixed else name == granted
        for granted, prefixed in given(user, resource, operation)
    )


async def test_what_the_normalizer_reads_is_told_without_its_rules(tmp_path: Path) -> None:
    deployment = await open_deployment(settings_of(tmp_path / "data"))
    try:
        consumers = normalizer.consumers(deployment, normalizer.load_settings())
    finally:
        await deployment.close()
    assert tuple(consumer.topic for consumer in consumers) == normalizer.READS


async def test_every_consumer_that_a_service_has_may_read_and_complete(tmp_path: Path) -> None:
    deployment = await open_deployment(settings_of(tmp_path / "data"))
    try:
        async with opened_channels(deployment) as channels:
            consumers = [
                *(consumer for channel in channels for consumer in channel.consumers),
                *normalizer.consumers(deployment, normalizer.load_settings()),
                *dispatcher.consumers(dispatcher.service(deployment)),
                *projection_consumers(deployment),
            ]
    finally:
        await deployment.close()
    assert len(consumers) > 20
    for consumer in consumers:
        user = service_of(consumer.stage)
        topic, group = PREFIXED.topic(consumer.topic), PREFIXED.group(consumer.group, consumer.topic)
        owner = PREFIXED.owner(consumer.group, consumer.topic, 0)
        assert allowed(user, Resource.TOPIC, "Read", topic), consumer
        assert allowed(user, Resource.TOPIC, "Create", topic), consumer
        assert allowed(user, Resource.GROUP, "Read", group), consumer
        assert allowed(user, Resource.TRANSACTION, "Write", owner), consumer
        assert allowed(user, Resource.TOPIC, "Write", PREFIXED.topic("dlq")), consumer


def test_a_service_writes_what_it_produces_and_nothing_else() -> None:
    """But the dispatcher may write below `agency.`: agencies come to be without anybody giving it access anew."""
    for service in ("web_ingest", "normalizer", "dispatcher", "upkeep"):
        for topic in TOPICS:
            name = topic.name.replace("<channel>", "web").replace("<agency>", IN_CHARGE)
            stages = {stage.replace("<channel>_ingest", "web_ingest") for stage in topic.producers}
            produced = any(service_of(stage) == service for stage in stages) or name == "dlq"
            wide = service == "dispatcher" and name.startswith("agency.")
            assert allowed(service, Resource.TOPIC, "Write", PREFIXED.topic(name)) == (produced or wide), (
                service,
                name,
            )


def test_only_who_must_is_let_near_agencies() -> None:
    for part in parts():
        near = allowed(part.service, Resource.TOPIC, "Read", PREFIXED.topic(f"agency.{OTHER}"))
        assert near == (part.service in ("dispatcher", "upkeep")), part.service


@pytest.mark.parametrize("name", ["dispatcher", "web_ingest", "scheduler", "operators", "agency", "cli", "a b", ""])
def test_a_subscriber_cannot_take_the_name_of_a_part_of_the_gateway(name: str) -> None:
    """Its groups would be that part's."""
    with pytest.raises(Invalid, match="bad_subscriber"):
        list(grants(PREFIXED, agencies=[], subscribers=[name]))


def test_an_agency_is_given_its_own_topics_and_groups() -> None:
    user = agency_user(IN_CHARGE)
    assert given(user, Resource.TOPIC, "Read") == [(f"binh_phuoc.agency.{IN_CHARGE}", False)]
    assert given(user, Resource.TOPIC, "Write") == [(f"binh_phuoc.agency.{IN_CHARGE}.commands", False)]
    assert given(user, Resource.GROUP, "Read") == [(f"binh_phuoc.agency.{IN_CHARGE}.", True)]
    assert not given(user, Resource.TRANSACTION, "Write")
