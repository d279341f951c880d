"""Dead letters: the only records that move to the new topics, since they wait for people and not for stages."""

from collections.abc import AsyncIterator

from gateway.bus.port import Beginning
from gateway.runtime.dead_letters import TOPIC
from gateway.runtime.deployment import Deployment
from gateway.runtime.migration.items import Item, item
from schemas.envelope import Message

STAGE = "migration"


async def copy(source: Deployment, target: Deployment) -> None:
    """Publish those that are not there yet, one after another; of those that are, the ids are in memory."""
    there = {message.id async for message in _letters(target)}
    async for message in _letters(source):
        if message.id not in there:
            await target.bus(STAGE).publish(message)


async def items(side: Deployment) -> AsyncIterator[Item]:
    """Every letter, in order."""
    async for message in _letters(side):
        yield item("dead letters", message.id, message)


async def _letters(side: Deployment) -> AsyncIterator[Message]:
    """Each letter once: a bus may hold a record twice whose confirmation was lost."""
    seen = set()
    async for record in side.bus(STAGE).read(TOPIC, start=Beginning()):
        if record.message.id not in seen:
            seen.add(record.message.id)
            yield record.message
