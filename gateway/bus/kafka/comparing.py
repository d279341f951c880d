"""Compares the topics of a cluster with what schemas/topics.py and the settings say of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiokafka.admin.config_resource import ConfigResourceType

from gateway.bus.kafka.cluster import Cluster
from gateway.bus.kafka.safety import LOOK_SECONDS, configs
from gateway.bus.kafka.topics import Topics


@dataclass(frozen=True, slots=True)
class Actual:
    """A topic as the cluster has it; `differs` says what is otherwise than declared, a few words each.

    A `retention` of None keeps everything.
    """

    partitions: int
    copies: int
    retention: timedelta | None
    differs: Sequence[str]


async def compared(cluster: Cluster) -> Mapping[str, Actual]:
    """Every topic of the deployment by its declared name; raises `Unavailable`."""
    topics = Topics(cluster)
    try:
        existing = await topics.existing()
        if not existing:
            return {}
        async with topics.asking(LOOK_SECONDS) as admin:
            brokers = len((await admin.describe_cluster())["brokers"])
            names = [cluster.topic(name) for name in existing]
            settings = await configs(admin, ConfigResourceType.TOPIC, names)
            shapes = {found["topic"]: found["partitions"] for found in await admin.describe_topics(names)}
    finally:
        await topics.close()
    return {
        name: _actual(topics, name, brokers, shapes[cluster.topic(name)], settings[cluster.topic(name)])
        for name in existing
    }


def _actual(
    topics: Topics,
    name: str,
    brokers: int,
    partitions: Sequence[Mapping[str, Sequence[int]]],
    config: Mapping[str, str],
) -> Actual:
    declared = topics.declared(name, brokers)
    copies = min((len(part["replicas"]) for part in partitions), default=0)
    found = {"partitions": str(len(partitions)), "copies": str(copies), **config}
    wanted = {
        "partitions": str(declared.num_partitions),
        "copies": str(declared.replication_factor),
        **declared.topic_configs,
    }
    kept = int(config.get("retention.ms", "-1"))
    return Actual(
        partitions=len(partitions),
        copies=copies,
        retention=None if kept < 0 else timedelta(milliseconds=kept),
        differs=[
            f"{key} is {found.get(key, 'not set')}, declared {value}"
            for key, value in wanted.items()
            if found.get(key) != value
        ],
    )
