"""What a user of the cluster can do there, tried with clients of their own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError

from gateway.bus.kafka.discarding import discard_producer, stop_consumer
from tests.access.conftest import USERS, Cluster

REFUSED = (GroupAuthorizationFailedError, TopicAuthorizationFailedError)


def login(cluster: Cluster, user: str) -> Mapping[str, Any]:
    """Arguments of a client that works as this user."""
    return {
        "bootstrap_servers": cluster.broker.address_of_users,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": user,
        "sasl_plain_password": USERS[user],
        "request_timeout_ms": 10_000,
    }


@asynccontextmanager
async def consuming(cluster: Cluster, user: str, topic: str, group: str | None) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of a topic from its beginning, as the user."""
    consumer = AIOKafkaConsumer(
        topic,
        group_id=group,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        enable_auto_commit=False,
        **login(cluster, user),
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await stop_consumer(consumer)


@asynccontextmanager
async def producing(cluster: Cluster, user: str, **more: object) -> AsyncIterator[AIOKafkaProducer]:
    """A producer, as the user."""
    producer = AIOKafkaProducer(**login(cluster, user), **more)
    try:
        await producer.start()
        yield producer
    finally:
        await discard_producer(producer)


async def may_read(cluster: Cluster, user: str, topic: str, group: str) -> bool:
    """Whether the user can join a group and read a topic that holds something."""
    try:
        async with consuming(cluster, user, topic, group) as consumer:
            await consumer.getmany(timeout_ms=3000)
    except REFUSED:
        return False
    return True


async def may_write(cluster: Cluster, user: str, topic: str, **more: object) -> bool:
    """Whether the user can put a record on a topic."""
    try:
        async with producing(cluster, user, **more) as producer:
            if "transactional_id" in more:
                await producer.begin_transaction()
            await producer.send_and_wait(topic, b"{}", key=b"a")
    except REFUSED:
        return False
    except KafkaError as error:
        if "Authorization" in repr(error):
            return False
        raise
    return True
