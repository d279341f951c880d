"""What follows from a commit, its timers and index entries: laid down after it, in any order, any number of times.

A commit is one document, and what follows from it lies in others. It says itself whether that was done (`settled`), so
whoever comes next does it for a writer that died in between. Doing it twice, or for an older commit after a newer one,
changes nothing: a timer knows the version that last touched it, and an index entry is unique.
"""

import asyncio
import json
from collections.abc import Sequence

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from gateway.mongo.connection import Connection, Doc
from gateway.store.port import Commit, Entry, Timer
from gateway.store.rows import instant, micros

TIMERS = "timers"
TERMS = "terms"

INDEXES = {
    TIMERS: [
        IndexModel([("state", ASCENDING), ("due_at", ASCENDING), ("history", ASCENDING), ("kind", ASCENDING)]),
        IndexModel([("history", ASCENDING), ("kind", ASCENDING)]),
    ],
    TERMS: [
        IndexModel([("term", ASCENDING), ("number", ASCENDING)], unique=True),
        IndexModel([("term", ASCENDING), ("history", ASCENDING)], unique=True),
    ],
}

OPEN, CLOSED = "open", "closed"


def named(*parts: str | int) -> str:
    """One key for several parts, a different one for every different list of them."""
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


async def lay_down(connection: Connection, commit: Commit) -> None:
    """Bring timers and index in line with a recorded commit, unless a later one of its history did already."""
    kinds: dict[str, int | None] = dict.fromkeys(commit.timers_cancelled)
    kinds.update((timer.kind, micros(timer.due_at)) for timer in commit.timers_set)
    await asyncio.gather(
        *(_touch_timer(connection, commit, kind, due_at) for kind, due_at in kinds.items()),
        *(index(connection, term, commit.history) for term in dict.fromkeys(commit.terms)),
    )


async def _touch_timer(connection: Connection, commit: Commit, kind: str, due_at: int | None) -> None:
    """Open or close a timer; a closed one stays, so that an older commit laid down late does not open it again."""
    touched = {
        "history": commit.history,
        "kind": kind,
        "state": CLOSED if due_at is None else OPEN,
        "due_at": due_at or 0,
        "version": commit.version,
    }
    older = {"_id": named(commit.history, kind), "version": {"$lt": commit.version}}
    try:
        await connection[TIMERS].update_one(older, {"$set": touched}, upsert=True)
    except DuplicateKeyError:
        return  # It is there, and not older: what a later commit said of it holds.


async def index(connection: Connection, term: str, history: str) -> None:
    """Enter a history under a term, with the next number of the term, once."""
    while True:
        last = await connection[TERMS].find_one({"term": term}, sort=[("number", DESCENDING)])
        entry = {"term": term, "number": 1 if last is None else last["number"] + 1, "history": history}
        try:
            await connection[TERMS].insert_one(entry)
        except DuplicateKeyError:
            if await connection[TERMS].find_one({"term": term, "history": history}) is None:
                continue  # Another history took the number, and the next round takes the next one.
        return


async def due(connection: Connection, before: int, limit: int) -> Sequence[Timer]:
    """Open timers due at or before `before` microseconds, earliest first."""
    asked = connection[TIMERS].find({"state": OPEN, "due_at": {"$lte": before}})
    order = [("due_at", ASCENDING), ("history", ASCENDING), ("kind", ASCENDING)]
    return [timer_of(doc) async for doc in asked.sort(order).limit(limit)]


async def timers(connection: Connection, history: str) -> Sequence[Timer]:
    """Open timers of a history, by kind."""
    asked = connection[TIMERS].find({"history": history, "state": OPEN}).sort([("kind", ASCENDING)])
    return [timer_of(doc) async for doc in asked]


async def terms(connection: Connection, after: Entry | None, limit: int) -> Sequence[Entry]:
    """Index entries by term and number, after an entry: what is left of its term, then the following terms."""
    found: list[Entry] = []
    rest: list[Doc] = [{"term": {"$gt": ""}}]
    if after is not None:
        rest = [{"term": after.term, "number": {"$gt": after.place}}, {"term": {"$gt": after.term}}]
    for wanted in rest:
        if len(found) < limit:
            asked = connection[TERMS].find(wanted).sort([("term", ASCENDING), ("number", ASCENDING)])
            found += [_entry(doc) async for doc in asked.limit(limit - len(found))]
    return found


def _entry(doc: Doc) -> Entry:
    return Entry(doc["term"], doc["number"], doc["history"])


async def find(connection: Connection, term: str, limit: int) -> Sequence[str]:
    """Histories under a term, in the order in which they were first indexed."""
    asked = connection[TERMS].find({"term": term}).sort([("number", ASCENDING)]).limit(limit)
    return [doc["history"] async for doc in asked]


def timer_of(doc: Doc) -> Timer:
    """The timer that a document holds."""
    return Timer(doc["history"], doc["kind"], instant(doc["due_at"]))
