"""Deletes what is older than an instant; Kafka's own retention does it anyway, a topic at a time."""

from datetime import datetime

from aiokafka.admin import RecordsToDelete

from gateway.bus.kafka.looking import Looker
from gateway.bus.kafka.topics import Topics

DELETE_SECONDS = 30.0


async def trim(looker: Looker, topics: Topics, topic: str, before: datetime) -> int:
    """Delete records of a topic published before an instant, of all producers; returns how many offsets went."""
    ends = await looker.ends(topic)
    until = await looker.offsets_at(topic, before)
    older = {place: offset for place, offset in until.items() if offset > ends[place].first}
    if not older:
        return 0
    async with topics.asking(DELETE_SECONDS) as admin:
        await admin.delete_records({place: RecordsToDelete(at) for place, at in older.items()})
    return sum(offset - ends[place].first for place, offset in older.items())
