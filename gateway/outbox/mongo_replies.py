"""How a reply lies in one document, and its change: the whole of it is replaced if nobody else changed it meanwhile."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from gateway.mongo.connection import Connection, Doc
from gateway.outbox.port import Act, ActKind, Part, PartState
from gateway.outbox.reply import Change, Reply
from gateway.store.rows import instant, micros
from schemas.vocabulary import ReplyKind

REPLIES = "outbox_replies"
INDEXES = {
    REPLIES: [
        IndexModel([("lane", ASCENDING), ("place", ASCENDING)], unique=True),
        IndexModel([("place", ASCENDING), ("_id", ASCENDING)]),
        *(
            IndexModel([(state.value, ASCENDING), ("place", ASCENDING)])
            for state in PartState
            if state is not PartState.WAITING
        ),
        IndexModel([("waiting", ASCENDING), ("place", ASCENDING), ("ready_at", ASCENDING), ("lane", ASCENDING)]),
        IndexModel([("unknown", ASCENDING), ("echo_until", ASCENDING)]),
        IndexModel([("channel", ASCENDING), ("states", ASCENDING)]),
        IndexModel([("untold", ASCENDING), ("ended_at", ASCENDING), ("place", ASCENDING)]),
        IndexModel([("forgettable", ASCENDING), ("ended_at", ASCENDING), ("place", ASCENDING)]),
        IndexModel([("remote_ids", ASCENDING), ("channel", ASCENDING)]),
    ]
}
"""Each state is a field that holds the channel's code while a part is in it, so that one equality finds them.

`ready_at` is when the first waiting part may go, `echo_until` until when unknown ones hold their account up, `states`
what the parts are in, all together. No question reads more than it answers with, however many replies have ended; what
waits for later is found by keys alone, among those of what waits: an index by `ready_at` would be taken for the pages
in order as well, which then sort everything that waits.
"""

NONE = ""
FORGETTABLE, KEPT = "yes", "no"


@dataclass(frozen=True, slots=True)
class Kept:
    """A reply as it lies there: `place` orders replies, `number` counts its changes."""

    reply: Reply
    place: int
    number: int


def lane(channel: str, account: str) -> str:
    """The name of the order in which one citizen is answered on a channel."""
    return json.dumps([channel, account], ensure_ascii=False, separators=(",", ":"))


def lane_of(kept: Kept) -> str:
    """The same of a reply."""
    return lane(kept.reply.parts[0].channel, kept.reply.parts[0].account)


async def insert(connection: Connection, reply: Reply, now: int) -> bool:
    """Keep a new reply behind its account's others, at `now` or later; False for one that is known.

    `now` is in microseconds, and greater at each call of one process. A clock that is behind moves nobody forward.
    """
    one = reply.parts[0]
    while True:
        own = {"lane": lane(one.channel, one.account)}
        last = await connection[REPLIES].find_one(own, sort=[("place", DESCENDING)])
        place = now if last is None else max(now, last["place"] + 1)
        try:
            await connection[REPLIES].insert_one(_doc(Kept(reply, place, 0)))
        except DuplicateKeyError:
            if await connection[REPLIES].find_one({"_id": one.reply_id.hex}) is not None:
                return False
            continue  # Another reply took the place.
        return True


async def find(connection: Connection, reply_id: UUID) -> Kept | None:
    """A reply that has parts, or None."""
    doc = await connection[REPLIES].find_one({"_id": reply_id.hex})
    return None if doc is None or not doc["parts"] else _kept(doc)


async def change(connection: Connection, reply_id: UUID, how: Change) -> Reply | None:
    """Apply a change, again when somebody else was first; the reply as it is then, or None where it does not apply."""
    while True:
        kept = await find(connection, reply_id)
        after = None if kept is None else how(kept.reply)
        if kept is None or after is None or after == kept.reply:
            return after
        unchanged = {"_id": reply_id.hex, "number": kept.number}
        changed = _doc(Kept(after, kept.place, kept.number + 1))
        if (await connection[REPLIES].replace_one(unchanged, changed)).matched_count:
            return after


async def forget(connection: Connection, reply_id: UUID) -> bool:
    """Leave of a reply that is done with nothing but that it was filed; False when it is not done with any more."""
    done = {"_id": reply_id.hex, "forgettable": FORGETTABLE}
    return (await connection[REPLIES].replace_one(done, _forgotten(reply_id))).matched_count > 0


async def put(connection: Connection, kept: Kept) -> None:
    """Keep a reply exactly so, whatever is known of it."""
    doc = _doc(kept)
    await connection[REPLIES].replace_one({"_id": doc["_id"]}, doc, upsert=True)


async def put_forgotten(connection: Connection, reply_id: UUID) -> None:
    """Keep of a reply nothing but that it was filed."""
    await connection[REPLIES].replace_one({"_id": reply_id.hex}, _forgotten(reply_id), upsert=True)


async def select(
    connection: Connection, wanted: Doc, limit: int = 0, order: Sequence[str] = ("place",)
) -> AsyncIterator[Kept]:
    """Replies that match, in order; 0 sets no limit."""
    asked = connection[REPLIES].find(wanted).sort([(name, ASCENDING) for name in order]).limit(limit)
    async with asked:
        async for doc in asked:
            yield _kept(doc)


def _forgotten(reply_id: UUID) -> Doc:
    name = reply_id.hex
    return {"_id": name, "lane": name, "place": 0, "parts": [], "forgettable": KEPT}


def _doc(kept: Kept) -> Doc:
    reply = kept.reply
    one = reply.parts[0]
    states = [part.state for part in reply.parts]
    return {
        "_id": one.reply_id.hex,
        "number": kept.number,
        "place": kept.place,
        "lane": lane(one.channel, one.account),
        "channel": one.channel,
        "account": one.account,
        "history": one.history,
        "kind": one.kind.value,
        "code": one.code,
        "filed_at": micros(one.filed_at),
        "parts": [_part_doc(part) for part in reply.parts],
        "ending": None if reply.state is None else reply.state.value,
        "reason": reply.reason,
        "by": reply.by,
        "ended_at": None if reply.ended_at is None else micros(reply.ended_at),
        "revision": reply.revision,
        "told": reply.told,
        "epoch": reply.epoch,
        "acts": [
            {"number": act.number, "by": act.by, "kind": act.kind.value, "at": micros(act.at)} for act in reply.acts
        ],
        "states": " ".join(sorted(states)),
        "ready_at": next((micros(part.due_at) for part in reply.parts if part.state is PartState.WAITING), 0),
        "echo_until": max((micros(part.due_at) for part in reply.parts if part.state is PartState.UNKNOWN), default=0),
        "untold": NONE if reply.ending is None else one.channel,
        "forgettable": FORGETTABLE if reply.done_with else KEPT,
        "remote_ids": _remote_ids(reply),
        **{state.value: one.channel if state in states else NONE for state in PartState},
    }


def _remote_ids(reply: Reply) -> str | list[str]:
    """The platform's ids of the parts, for one equality to find any: one by itself, of which there mostly is no more.

    MongoDB takes it for a list of one; FerretDB's index finds it only so, and would look at every list there is.
    """
    found = [part.remote_id for part in reply.parts if part.remote_id is not None]
    return found if len(found) > 1 else next(iter(found), NONE)


def _part_doc(part: Part) -> Doc:
    return {
        "due_at": micros(part.due_at),
        "sealed": part.sealed,
        "state": part.state.value,
        "attempts": part.attempts,
        "reason": part.reason,
        "remote_id": part.remote_id,
    }


def _kept(doc: Doc) -> Kept:
    reply_id = UUID(hex=doc["_id"])
    reply = Reply(
        parts=tuple(_part(doc, reply_id, number) for number in range(len(doc["parts"]))),
        state=None if doc["ending"] is None else PartState(doc["ending"]),
        reason=doc["reason"],
        by=doc["by"],
        ended_at=_instant(doc["ended_at"]),
        revision=doc["revision"],
        told=doc["told"],
        epoch=doc["epoch"],
        acts=tuple(
            Act(reply_id, act["number"], act["by"], ActKind(act["kind"]), instant(act["at"])) for act in doc["acts"]
        ),
    )
    return Kept(reply, doc["place"], doc["number"])


def _part(doc: Doc, reply_id: UUID, number: int) -> Part:
    part: dict[str, Any] = doc["parts"][number]
    return Part(
        reply_id=reply_id,
        number=number,
        count=len(doc["parts"]),
        channel=doc["channel"],
        account=doc["account"],
        history=doc["history"],
        kind=ReplyKind(doc["kind"]),
        code=doc["code"],
        filed_at=instant(doc["filed_at"]),
        due_at=instant(part["due_at"]),
        sealed=part["sealed"],
        state=PartState(part["state"]),
        attempts=part["attempts"],
        reason=part["reason"],
        remote_id=part["remote_id"],
    )


def _instant(count: int | None) -> datetime | None:
    return None if count is None else instant(count)
