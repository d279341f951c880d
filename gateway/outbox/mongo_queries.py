"""The outbox's questions to MongoDB: each is one bounded look-up, or a few whose order keeps them true."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gateway.mongo.connection import Connection, Doc
from gateway.outbox import mongo_replies
from gateway.outbox.mongo_replies import REPLIES, lane
from gateway.outbox.port import Ending, Part, PartState, named_by

OPEN = (PartState.SENDING, PartState.UNKNOWN)


async def due(connection: Connection, channel: str, now: datetime, limit: int) -> Sequence[Part]:
    """The first waiting part of each account that nothing holds up.

    Who is held up is asked again after the waiting ones were read: a part that was begun meanwhile is then seen there.
    """
    held = await _held(connection, channel, now)
    firsts: dict[str, Part] = {}
    wanted = {PartState.WAITING.value: channel}
    ready = 0
    async for kept in mongo_replies.select(connection, wanted):
        part = next(one for one in kept.reply.parts if one.state is PartState.WAITING)
        if part.account not in firsts:
            firsts[part.account] = part
            ready += part.due_at <= now and part.account not in held
        if ready == limit:
            break
    if ready == 0:
        return []
    held |= await _held(connection, channel, now)
    return [part for account, part in firsts.items() if part.due_at <= now and account not in held]


async def _held(connection: Connection, channel: str, now: datetime) -> set[str]:
    """Accounts with a part under way, or with one whose echo is waited for; asked in the order in which parts go."""
    held = set()
    async for kept in mongo_replies.select(connection, {PartState.SENDING.value: channel}):
        held.add(kept.reply.parts[0].account)
    async for kept in mongo_replies.select(connection, {PartState.UNKNOWN.value: channel}):
        if any(part.state is PartState.UNKNOWN and part.due_at > now for part in kept.reply.parts):
            held.add(kept.reply.parts[0].account)
    return held


async def echoing(
    connection: Connection, channel: str, token: str | None, remote_id: str | None, account: str | None
) -> Part | None:
    """The part that an echo names: by our token, else by the platform's id."""
    named = named_by(token) if token is not None else None
    found = None
    if named is not None:
        found = await part(connection, *named)
        found = found if found is not None and found.channel == channel else None
    if found is None and remote_id is not None:
        wanted = {"channel": channel, "remote_ids": remote_id}
        async for kept in mongo_replies.select(connection, wanted, 1):
            found = next((one for one in kept.reply.parts if one.remote_id == remote_id), None)
    return None if found is None or account not in (None, found.account) else found


async def part(connection: Connection, reply_id: UUID, number: int) -> Part | None:
    """One part, or None."""
    kept = await mongo_replies.find(connection, reply_id)
    return kept.reply.parts[number] if kept is not None and 0 <= number < len(kept.reply.parts) else None


async def unproven(connection: Connection, channel: str, account: str) -> Sequence[Part]:
    """An account's parts that were begun and whose end is not known, oldest first."""
    found = mongo_replies.select(connection, {"lane": lane(channel, account)})
    return [one async for kept in found for one in kept.reply.parts if one.state in OPEN]


async def open_parts(connection: Connection, channel: str, state: PartState, limit: int) -> Sequence[Part]:
    """Parts in a state, oldest first."""
    found = mongo_replies.select(connection, {state.value: channel}, limit)
    return [one async for kept in found for one in kept.reply.parts if one.state is state][:limit]


async def endings(connection: Connection, channel: str, limit: int) -> Sequence[Ending]:
    """Replies whose last ending was not told, oldest first."""
    found = mongo_replies.select(connection, {"untold": channel}, limit, ("ended_at", "place"))
    return [kept.reply.ending async for kept in found if kept.reply.ending is not None]


async def counts(connection: Connection, channel: str) -> dict[PartState, int]:
    """How many parts are in each state; summed over what was not forgotten yet.

    Replies are counted by the states of their parts together, of which there are few; FerretDB makes one sum a group.
    """
    steps: list[Doc] = [{"$match": {"channel": channel}}, {"$group": {"_id": "$states", "replies": {"$sum": 1}}}]
    summed = await connection[REPLIES].aggregate(steps)
    found = dict.fromkeys(PartState, 0)
    for doc in await summed.to_list():
        for state in doc["_id"].split():
            found[PartState(state)] += doc["replies"]
    return found
