"""Whole replies as they stand in MongoDB, for whoever moves an outbox or compares two."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from gateway.mongo.connection import Connection, Doc
from gateway.outbox import mongo_replies
from gateway.outbox.mongo_replies import REPLIES, Kept
from gateway.outbox.reply import Filed


async def replies(connection: Connection, after: Filed | None, limit: int) -> Sequence[Filed]:
    """Replies that have parts, by place, after one; at one place there may be one of each account."""
    rest: list[Doc] = [{"place": {"$gt": 0}}]
    if after is not None:
        name = after.reply.parts[0].reply_id.hex
        rest = [{"place": after.place, "_id": {"$gt": name}}, {"place": {"$gt": after.place}}]
    found: list[Filed] = []
    for wanted in rest:
        if len(found) < limit:
            selected = mongo_replies.select(connection, wanted, limit - len(found), ("place", "_id"))
            found += [Filed(kept.place, replace(kept.reply, epoch=0)) async for kept in selected]
    return found


async def forgotten(connection: Connection, after: UUID | None, limit: int) -> Sequence[UUID]:
    """Replies that were trimmed, by id, after an id."""
    wanted = {"place": 0, "_id": {"$gt": "" if after is None else after.hex}}
    asked = connection[REPLIES].find(wanted).sort([("_id", 1)]).limit(limit)
    return [UUID(hex=doc["_id"]) async for doc in asked]


async def adopt(connection: Connection, filed: Sequence[Filed], trimmed: Sequence[UUID]) -> None:
    """Keep replies as they are given, whatever was known of them, and what is left of trimmed ones."""
    await asyncio.gather(*(mongo_replies.put(connection, Kept(one.reply, one.place, 0)) for one in filed))
    await asyncio.gather(*(mongo_replies.put_forgotten(connection, reply) for reply in trimmed))
