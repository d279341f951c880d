"""Asks the group coordinator how far a group is, patiently: right after a start it is not there yet."""

import asyncio
from collections.abc import Mapping

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
)

SOON = (GroupCoordinatorNotAvailableError, GroupLoadInProgressError, NotCoordinatorForGroupError)
RETRY_SECONDS = 0.1


async def progress_of(admin: AIOKafkaAdminClient, group: str) -> Mapping[TopicPartition, int]:
    """The next offset of each partition where the group has been; the caller bounds it in time."""
    while True:
        try:
            found = await admin.list_consumer_group_offsets(group)
        except SOON:
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return {place: at.offset for place, at in found.items() if at.offset >= 0}
