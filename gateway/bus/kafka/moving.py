"""Moves a group's progress, and says where a place is in offsets."""

from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError

from gateway.bus.kafka.cluster import Cluster
from gateway.bus.kafka.connecting import start
from gateway.bus.kafka.discarding import stop_consumer
from gateway.bus.kafka.errors import kafka_errors
from gateway.bus.kafka.looking import Looker
from gateway.bus.port import At, Beginning, End, Place, Positions
from gateway.errors import Conflict, Invalid

MOVE_SECONDS = 15.0

REFUSED = (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)
"""What a broker answers to a commit from outside while the group has members."""


async def resolve(looker: Looker, topic: str, place: Place) -> Mapping[TopicPartition, int]:
    """The next offset of each partition that the place names; raises `Invalid` for one that cannot be."""
    match place:
        case Beginning():
            return {found: ends.first for found, ends in (await looker.ends(topic)).items()}
        case End():
            return {found: ends.after for found, ends in (await looker.ends(topic)).items()}
        case At(time):
            if time.tzinfo is None:
                raise Invalid("naive_time", "An instant must name its zone.")
            return await looker.offsets_at(topic, time)
        case Positions(next=wanted):
            ends = await looker.ends(topic)
            places = {str(found.partition): found for found in ends}
            if not wanted.keys() <= places.keys():
                raise Invalid("unknown_partition", "The topic has no partition of that name.")
            if any(not 0 <= offset <= ends[places[name]].after for name, offset in wanted.items()):
                raise Invalid("bad_position", "A position lies between 0 and the end of its partition.")
            return {places[name]: offset for name, offset in wanted.items()}


async def move(cluster: Cluster, group: str, offsets: Mapping[TopicPartition, tuple[int, str]]) -> None:
    """Commit a group's progress (see there) from outside; raises `Conflict("group_running")` while it has members."""
    if not offsets:
        return
    client = AIOKafkaConsumer(**cluster.connection(), group_id=group, enable_auto_commit=False)
    try:
        async with kafka_errors(MOVE_SECONDS):
            await start(client, cluster)
            client.assign(list(offsets))
            try:
                await client.commit(dict(offsets))
            except REFUSED:
                raise Conflict("group_running", "The group has members, who would go on from elsewhere.") from None
    finally:
        await stop_consumer(client)
