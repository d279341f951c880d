"""Replies as they stand: what waits keeps its order, what is unknown stays unknown, what was sent stays sent."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from gateway.outbox.reply import Filed
from gateway.runtime.deployment import Deployment
from gateway.runtime.migration.items import Item, item, paged, pages

PAGE = 50


async def copy(source: Deployment, target: Deployment) -> None:
    """Keep every reply in the target's outbox, and which were filed once."""

    async def replies(last: Filed | None) -> Sequence[Filed]:
        return await source.outbox.replies(after=last, limit=PAGE)

    async def forgotten(last: UUID | None) -> Sequence[UUID]:
        return await source.outbox.forgotten(after=last, limit=PAGE)

    async for page in pages(replies):
        await target.outbox.adopt(replies=page)
    async for trimmed in pages(forgotten):
        await target.outbox.adopt(forgotten=trimmed)


async def items(side: Deployment) -> AsyncIterator[Item]:
    """Replies in their order, then those of which only the name is left."""

    async def replies(last: Filed | None) -> Sequence[Filed]:
        return await side.outbox.replies(after=last)

    async def forgotten(last: UUID | None) -> Sequence[UUID]:
        return await side.outbox.forgotten(after=last)

    async for filed in paged(replies):
        yield item("replies", str(filed.reply.parts[0].reply_id), filed)
    async for reply_id in paged(forgotten):
        yield item("forgotten replies", str(reply_id))
