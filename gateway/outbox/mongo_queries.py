"""The outbox's questions to MongoDB: each is one bounded look-up, or a few whose order keeps them true."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from gateway.mongo.connection import Connection, Doc
from gateway.outbox import mongo_replies
from gateway.outbox.mongo_replies import REPLIES, Kept, lane, lane_of
from gateway.outbox.port import Ending, Part, PartState, named_by
from gateway.store.rows import micros

OPEN = (PartState.SENDING, PartState.UNKNOWN)

SMALLEST_PAGE = 20
"""Waiting replies that are looked at together, of which those of one account, or of one that is held up, give one part.
"""


async def due(connection: Connection, channel: str, now: datetime, limit: int) -> Sequence[Part]:
    """The first waiting part of each account that nothing holds up.

    Who is held up is asked after the waiting ones were read: a part that was begun meanwhile is seen there. Then they
    are read once more: one that held others up and waits again since, at an operator's word, comes before them.
    """
    wanted: Doc = {PartState.WAITING.value: channel, "ready_at": {"$lte": micros(now)}}
    found: list[Part] = []
    lanes: set[str] = set()
    size = max(limit, SMALLEST_PAGE)
    while page := [kept async for kept in mongo_replies.select(connection, wanted, size)]:
        blocked = await _blocked(connection, channel, now)
        first = _first([kept async for kept in mongo_replies.select(connection, wanted, size)])
        for kept in page:
            still = first.get(lane_of(kept)) == kept.place
            if still and lane_of(kept) not in lanes and not _holds_up(blocked, kept):
                found.append(next(part for part in kept.reply.parts if part.state is PartState.WAITING))
            lanes.add(lane_of(kept))
        if len(found) >= limit or len(page) < size:
            break
        # The rest of an account that was seen is passed over there, be it ever so much.
        wanted |= {"place": {"$gt": page[-1].place}, "lane": {"$nin": [*lanes]}}
    return found[:limit]


def _first(page: Sequence[Kept]) -> Mapping[str, int]:
    """The place of the first of each account on a page, which is in the order of places."""
    return {lane_of(kept): kept.place for kept in reversed(page)}


async def _blocked(connection: Connection, channel: str, now: datetime) -> dict[str, int]:
    """From which place on nothing of an account may go: what is under way or waited for holds up all of it.

    Asked in the order in which parts go: one that moves on meanwhile is seen where it is then, or was seen before.
    """
    found: dict[str, int] = {}
    async for kept in mongo_replies.select(connection, {PartState.SENDING.value: channel}):
        found[lane_of(kept)] = 0
    later = {"$gt": micros(now)}
    async for kept in mongo_replies.select(connection, {PartState.UNKNOWN.value: channel, "echo_until": later}):
        found[lane_of(kept)] = 0
    async for kept in mongo_replies.select(connection, {PartState.WAITING.value: channel, "ready_at": later}):
        found[lane_of(kept)] = min(kept.place, found.get(lane_of(kept), kept.place))
    return found


def _holds_up(blocked: Mapping[str, int], kept: Kept) -> bool:
    return blocked.get(lane_of(kept), kept.place + 1) <= kept.place


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
    own = lane(channel, account)
    found: dict[int, Kept] = {}
    for state in OPEN:
        selected = mongo_replies.select(connection, {"lane": own, state.value: channel})
        found |= {kept.place: kept async for kept in selected}
    return [one for _, kept in sorted(found.items()) for one in kept.reply.parts if one.state in OPEN]


async def open_parts(connection: Connection, channel: str, state: PartState, limit: int) -> Sequence[Part]:
    """Parts in a state, oldest first."""
    found = mongo_replies.select(connection, {state.value: channel}, limit)
    return [one async for kept in found for one in kept.reply.parts if one.state is state][:limit]


async def endings(connection: Connection, channel: str, limit: int) -> Sequence[Ending]:
    """Replies whose last ending was not told, oldest first."""
    found = mongo_replies.select(connection, {"untold": channel}, limit, ("ended_at", "place"))
    return [kept.reply.ending async for kept in found if kept.reply.ending is not None]


async def counts(connection: Connection, channel: str) -> dict[PartState, int]:
    """How many parts are in each state, of what was not forgotten yet.

    Replies are counted by the states of their parts together, of which there are few: each of them is the next entry of
    an index, and its replies are counted there.
    """
    found = dict.fromkeys(PartState, 0)
    last = ""
    while True:
        wanted = {"channel": channel, "states": {"$gt": last}}
        doc = await connection[REPLIES].find_one(wanted, {"states": True}, sort=[("states", 1)])
        if doc is None:
            return found
        last = doc["states"]
        replies = await connection[REPLIES].count_documents({"channel": channel, "states": last})
        for state in last.split():
            found[PartState(state)] += replies
