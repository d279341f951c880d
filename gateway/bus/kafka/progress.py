"""How far a group is in a topic: what it commits, and how the group coordinator is asked for it.

With each position goes the id of the topic that it lies in: in another topic of that name, made after the first was
deleted, it says nothing, and who believed it would pass over what is there.
"""

import asyncio
from collections.abc import Mapping

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
)

from gateway.errors import Unavailable

BEGIN_ANEW = "offsets_begin_anew"
"""Reason for which progress may lie beyond what is there."""

SOON = (GroupCoordinatorNotAvailableError, GroupLoadInProgressError, NotCoordinatorForGroupError)
RETRY_SECONDS = 0.1


def another_topic() -> Unavailable:
    """What a consumer ends with, to begin anew."""
    return Unavailable(BEGIN_ANEW, "The topic was deleted and made again.")


def committed(offsets: Mapping[TopicPartition, int], topic_id: str) -> dict[TopicPartition, tuple[int, str]]:
    """Positions in a topic, as they are committed."""
    return {place: (offset, topic_id) for place, offset in offsets.items()}


async def progress_of(admin: AIOKafkaAdminClient, group: str, topic_id: str) -> Mapping[TopicPartition, int]:
    """The next offset of each partition of that topic where the group has been; the caller bounds it in time.

    Asks patiently: right after a start of Kafka the coordinator is not there yet. A position of which no topic is told
    was committed by somebody else, and is believed.
    """
    while True:
        try:
            found = await admin.list_consumer_group_offsets(group)
        except SOON:
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return {
                place: at.offset
                for place, at in found.items()
                if at.offset >= 0 and at.metadata in ("", None, topic_id)
            }
