"""Makes topics when they are first needed, as schemas/topics.py declares them, and knows which there are."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from aiokafka.admin import NewTopic
from aiokafka.errors import NoError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from gateway.bus.kafka.asking import Asking
from gateway.bus.kafka.cluster import Cluster
from gateway.bus.kafka.topic_id import described
from gateway.bus.limits import DEAD_LETTER_FACTOR, MAX_MESSAGE_BYTES
from gateway.errors import Invalid, Unavailable
from schemas.topics import Topic, topic_for

FRAME_BYTES = 100_000
"""What headers and the batch around a record may add to the largest message."""

ADMIN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Shape:
    """How many partitions a topic has now, for they can be added to, and the id that another of its name has not."""

    partitions: int
    topic_id: str


ABSENT = Shape(0, "")


class Topics:
    """The topics of one deployment."""

    def __init__(self, cluster: Cluster) -> None:
        """Nothing is asked before it is needed."""
        self._cluster = cluster
        self._asking = Asking(cluster)
        self.asking = self._asking.within
        """The client for what is asked of the cluster itself; see there."""
        self._making = asyncio.Lock()
        self._known: set[str] = set()

    async def ensure(self, names: Collection[str]) -> None:
        """Make those of the declared topics that are missing; raises `Invalid` or `Unavailable`."""
        if self._known >= set(names):
            return
        async with self._making:
            missing = [name for name in sorted(set(names)) if await self.shape(name) == ABSENT]
            if missing:
                await self._make(missing)
            for name in missing:
                # A broker answers for a topic a moment after the controller has made it.
                while await self.shape(name) == ABSENT:  # noqa: ASYNC110 - the broker sets no event
                    await asyncio.sleep(0.02)
            self._known |= set(names)

    async def shape(self, name: str) -> Shape:
        """What there is now under a topic's name; `ABSENT` if nothing is."""
        async with self.asking(ADMIN_SECONDS) as admin:
            found = await described(admin, self._cluster.topic(name))
        error = for_code(found["error_code"])
        if error is UnknownTopicOrPartitionError:
            return ABSENT
        if error is not NoError or any(part["leader"] < 0 for part in found["partitions"]):
            raise Unavailable("kafka_topic", error.__name__)
        return Shape(len(found["partitions"]), found["topic_id"])

    async def made(self, name: str) -> Shape:
        """What there is under a topic's name, which is made if it is not there."""
        while (shape := await self.shape(name)) == ABSENT:
            self.forget([name])
            await self.ensure([name])
        return shape

    def forget(self, names: Iterable[str]) -> None:
        """Ask again whether these exist: writing to them failed."""
        self._known -= set(names)

    async def existing(self) -> Sequence[str]:
        """Names of this deployment's topics, sorted."""
        async with self.asking(ADMIN_SECONDS) as admin:
            found = await admin.list_topics()
        declared = (self._cluster.declared(topic) for topic in found)
        return sorted(name for name in declared if name is not None and topic_for(name) is not None)

    async def close(self) -> None:
        """Release the connections."""
        await self._asking.close()

    async def _make(self, names: Sequence[str]) -> None:
        async with self.asking(ADMIN_SECONDS) as admin:
            brokers = len((await admin.describe_cluster())["brokers"])
            answer = await admin.create_topics([self.declared(name, brokers) for name in names])
        for topic, code, *_ in answer.topic_errors:
            error = for_code(code)
            if error is NoError or error is TopicAlreadyExistsError:
                continue
            if not getattr(error, "retriable", False):
                raise Invalid("kafka_topic", f"{self._cluster.declared(topic)}: {error.__name__}")
            raise Unavailable("kafka_topic", error.__name__)

    def declared(self, name: str, brokers: int) -> NewTopic:
        """A topic as declared; a trial with fewer brokers has as many copies as it can (see `safety`).

        Raises `Invalid("unknown_topic")`.
        """
        topic = topic_for(name)
        if topic is None:
            raise Invalid("unknown_topic", "The topic is not declared in schemas/topics.py.")
        settings = self._cluster.settings
        copies = min(settings.replication_factor, brokers)
        return NewTopic(
            self._cluster.topic(name),
            num_partitions=1 if topic.partitions == 1 else settings.partitions,
            replication_factor=copies,
            topic_configs={
                "cleanup.policy": "delete",
                "retention.ms": str(int(topic.retention.total_seconds() * 1000)),
                "min.insync.replicas": str(min(settings.min_insync, copies)),
                "unclean.leader.election.enable": "false",
                "message.timestamp.type": "CreateTime",
                **_bounds(topic),
            },
        )


def _bounds(topic: Topic) -> Mapping[str, str]:
    """How large a batch may be: by itself where the gateway writes, unpacked where others do.

    A broker that keeps a topic uncompressed unpacks what it is given before it compares, so that nobody can send a few
    kilobytes that become hundreds of megabytes in whoever reads them.
    """
    if topic.most_bytes is None:
        return {"max.message.bytes": str(MAX_MESSAGE_BYTES * DEAD_LETTER_FACTOR + FRAME_BYTES)}
    return {"max.message.bytes": str(topic.most_bytes), "compression.type": "uncompressed"}
