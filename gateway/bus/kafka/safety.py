"""Finds settings of the cluster and its topics under which acknowledged messages could be lost.

They are looked at before anything starts: production refuses to start on any, a trial warns.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from gateway.bus.kafka.cluster import Cluster
from gateway.bus.kafka.settings import Protocol
from gateway.bus.kafka.topics import FRAME_BYTES, Topics
from gateway.bus.limits import DEAD_LETTER_FACTOR, MAX_MESSAGE_BYTES
from schemas.topics import topic_for

LOOK_SECONDS = 15.0
COPIES = 3
MIN_INSYNC = 2
INTERNAL = ("offsets.topic.replication.factor", "transaction.state.log.replication.factor")

Config = Mapping[str, str]


async def unsafe(cluster: Cluster) -> list[str]:
    """One sentence per unsafe setting, empty if all is well; raises `Unavailable` when the cluster cannot be asked."""
    topics = Topics(cluster)
    try:
        existing = await topics.existing()
        async with topics.asking(LOOK_SECONDS) as admin:
            brokers = [node["node_id"] for node in (await admin.describe_cluster())["brokers"]]
            names = [cluster.topic(name) for name in existing]
            of_topics = await configs(admin, ConfigResourceType.TOPIC, names)
            of_brokers = await configs(admin, ConfigResourceType.BROKER, [str(number) for number in brokers])
            described = await admin.describe_topics(names) if names else []
        copies = {
            found["topic"]: min((len(part["replicas"]) for part in found["partitions"]), default=0)
            for found in described
        }
    finally:
        await topics.close()
    return [
        *of_deployment(cluster, len(brokers)),
        *(text for number, config in of_brokers.items() for text in of_broker(number, config)),
        *(
            text
            for name in existing
            for text in of_topic(name, of_topics[cluster.topic(name)], copies[cluster.topic(name)])
        ),
    ]


def of_deployment(cluster: Cluster, brokers: int) -> Iterator[str]:
    """What is unsafe in our own settings, and in the number of brokers."""
    settings = cluster.settings
    if brokers < COPIES:
        yield f"The cluster has {brokers} brokers; {COPIES} are needed."
    if settings.replication_factor < COPIES:
        yield f"KAFKA_REPLICATION_FACTOR is {settings.replication_factor}; {COPIES} are needed."
    if settings.min_insync < MIN_INSYNC:
        yield f"KAFKA_MIN_INSYNC is {settings.min_insync}; {MIN_INSYNC} are needed."
    if settings.min_insync >= settings.replication_factor:
        yield "KAFKA_MIN_INSYNC must be less than KAFKA_REPLICATION_FACTOR, or one broker's absence stops everything."
    if settings.security_protocol in (Protocol.PLAINTEXT, Protocol.SASL_PLAINTEXT):
        yield "KAFKA_SECURITY_PROTOCOL must be SSL or SASL_SSL, or citizens' words cross the network in clear."


def of_broker(number: str, config: Config) -> Iterator[str]:
    """What is unsafe in a broker's settings."""
    if config.get("auto.create.topics.enable") != "false":
        yield f"Broker {number}: auto.create.topics.enable must be false, or a misspelt topic comes to be."
    if config.get("unclean.leader.election.enable") == "true":
        yield f"Broker {number}: unclean.leader.election.enable must be false, or acknowledged messages may be lost."
    for name in INTERNAL:
        if int(config.get(name, COPIES)) < COPIES:
            yield f"Broker {number}: {name} is {config[name]}; {COPIES} are needed."
    if int(config.get("transaction.state.log.min.isr", MIN_INSYNC)) < MIN_INSYNC:
        yield f"Broker {number}: transaction.state.log.min.isr must be {MIN_INSYNC}."


def of_topic(name: str, config: Config, copies: int) -> Iterator[str]:
    """What is unsafe in a topic's settings, whoever made it."""
    declared = topic_for(name)
    retention = int(config.get("retention.ms", "-1"))
    room = MAX_MESSAGE_BYTES * (DEAD_LETTER_FACTOR if name == "dlq" else 1) + FRAME_BYTES
    bound = int(config.get("max.message.bytes", "0"))
    if copies < COPIES:
        yield f"Topic {name}: {copies} copies of each record; {COPIES} are needed."
    if int(config.get("min.insync.replicas", "1")) < MIN_INSYNC:
        yield f"Topic {name}: min.insync.replicas must be {MIN_INSYNC}."
    if config.get("unclean.leader.election.enable") == "true":
        yield f"Topic {name}: unclean.leader.election.enable must be false."
    if config.get("cleanup.policy") != "delete":
        yield f"Topic {name}: cleanup.policy must be delete, since compaction drops messages."
    if declared is not None and 0 <= retention < declared.retention // timedelta(milliseconds=1):
        yield f"Topic {name}: retention.ms is shorter than the declared {declared.retention.days} days."
    if declared is not None and declared.most_bytes is not None:
        if bound > declared.most_bytes or config.get("compression.type") != "uncompressed":
            yield f"Topic {name}: max.message.bytes must be {declared.most_bytes}, and compression.type uncompressed."
    elif bound < room:
        yield f"Topic {name}: max.message.bytes must be at least {room}."


async def configs(admin: AIOKafkaAdminClient, kind: ConfigResourceType, names: Sequence[str]) -> Mapping[str, Config]:
    """The settings of topics or brokers by name, those included that nobody set; bounded in time by the caller."""
    if not names:
        return {}
    answers = await admin.describe_configs([ConfigResource(kind, name) for name in names])
    found: dict[str, Config] = {}
    for answer in answers:
        for _, _, _, name, entries in answer.resources:
            found[name] = {entry[0]: entry[1] or "" for entry in entries}
    return found
