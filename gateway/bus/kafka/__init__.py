"""The bus on a Kafka cluster; how output and progress become one is told in docs/decisions/0018."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from gateway.bus.kafka.bus import KafkaBus
from gateway.bus.kafka.cluster import away_seconds, cluster_of
from gateway.bus.kafka.comparing import Actual, compared
from gateway.bus.kafka.safety import unsafe
from gateway.bus.kafka.settings import kafka_settings
from gateway.bus.kafka.topics import Topics

__all__ = [
    "Actual",
    "KafkaBus",
    "actual_topics",
    "away_seconds",
    "check_settings",
    "make_topics",
    "open_kafka",
    "unsafe_settings",
]


def open_kafka(
    url: str, stage: str, *, clock: Callable[[], datetime], max_message_bytes: int, session_seconds: float
) -> KafkaBus:
    """The bus of a stage, with settings out of `KAFKA_…`; raises `Invalid`."""
    cluster = cluster_of(url, kafka_settings())
    return KafkaBus(cluster, stage, clock=clock, max_message_bytes=max_message_bytes, session_seconds=session_seconds)


def check_settings(url: str) -> None:
    """Read the deployment's settings without asking a broker; raises `Invalid`."""
    cluster_of(url, kafka_settings())


async def unsafe_settings(url: str) -> list[str]:
    """What in the cluster's or the deployment's settings could lose messages; raises `Invalid` or `Unavailable`."""
    return await unsafe(cluster_of(url, kafka_settings()))


async def actual_topics(url: str) -> Mapping[str, Actual]:
    """The deployment's topics as the cluster has them; raises `Invalid` or `Unavailable`."""
    return await compared(cluster_of(url, kafka_settings()))


async def make_topics(url: str, names: Sequence[str]) -> None:
    """Make topics as declared, those that are missing; raises `Invalid` or `Unavailable`."""
    topics = Topics(cluster_of(url, kafka_settings()))
    try:
        await topics.ensure(names)
    finally:
        await topics.close()
