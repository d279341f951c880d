"""The operations on histories: a commit is one document, and unique keys alone say who was first."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from gateway.errors import Conflict, Invalid
from gateway.mongo.connection import Connection, Doc
from gateway.store import mongo_derived
from gateway.store.mongo_derived import named
from gateway.store.port import Commit, Loaded
from gateway.store.rows import commit_of, row_of

COMMITS = "commits"
SNAPSHOTS = "snapshots"

INDEXES = {
    COMMITS: [
        IndexModel([("history", ASCENDING), ("version", ASCENDING)], unique=True),
        IndexModel([("history", ASCENDING), ("cause", ASCENDING)], unique=True),
        IndexModel([("settled", ASCENDING)]),
    ],
    SNAPSHOTS: [],
}

SETTLED, UNSETTLED = "yes", "no"
SETTLED_AT_ONCE = 500

LAST_CHARACTER = "\U0010ffff"


async def append(connection: Connection, commit: Commit) -> Commit:
    """Record a commit, then what follows from it, or return what its cause recorded; raises `Conflict`."""
    doc = _doc_of(commit)
    commits = connection[COMMITS]
    if commit.version == 1 or await commits.find_one({"_id": named(commit.history, commit.version - 1)}) is not None:
        try:
            await commits.insert_one(doc)
        except DuplicateKeyError:
            pass  # Its version or its cause is taken; which of them is seen below.
        else:
            await _settle_one(connection, doc)
            return _commit_of(doc)
    earlier = await commits.find_one({"history": commit.history, "cause": commit.cause.hex})
    if earlier is None:
        raise Conflict("version_taken", "The commit's version is not the next one of its history.")
    await _settle_one(connection, earlier)
    return _commit_of(earlier)


async def settle(connection: Connection) -> None:
    """Lay down what follows from commits whose writers did not, or have not yet."""
    left = connection[COMMITS].find({"settled": UNSETTLED}).limit(SETTLED_AT_ONCE)
    for doc in await left.to_list():
        await _settle_one(connection, doc)


async def load(connection: Connection, history: str, cause: UUID | None) -> Loaded:
    """Snapshot, later commits and the cause's answer; what comes in between is read too or not, and both is true."""
    kept = await connection[SNAPSHOTS].find_one({"_id": history})
    version, state = (0, None) if kept is None else (kept["version"], kept["state"])
    if cause is None:
        commits, answer = await commits_after(connection, history, version), None
    else:
        commits, answer = await asyncio.gather(
            commits_after(connection, history, version), recorded_by(connection, history, cause)
        )
    return Loaded(commits=commits, snapshot=state, snapshot_version=version, answer=answer)


async def recorded_by(connection: Connection, history: str, cause: UUID) -> Commit | None:
    """What a cause recorded in a history."""
    found = await connection[COMMITS].find_one({"history": history, "cause": cause.hex})
    return None if found is None else _commit_of(found)


async def commits_after(connection: Connection, history: str, after: int) -> tuple[Commit, ...]:
    """Commits with a version above `after`, in order and without a gap.

    A commit recorded while the cursor passes may be missed where the next one is not; what comes after a gap is left
    out, which gives the history as it was a moment ago.
    """
    asked = connection[COMMITS].find({"history": history, "version": {"$gt": after}})
    found = [_commit_of(doc) async for doc in asked.sort([("version", ASCENDING)])]
    whole = next((place for place, one in enumerate(found) if one.version != max(after, 0) + place + 1), len(found))
    return tuple(found[:whole])


async def keep_snapshot(connection: Connection, history: str, version: int, state: bytes) -> None:
    """Keep a fold unless a newer one is there; raises `Invalid("snapshot_ahead")` for a version not recorded."""
    recorded = version > 0 and await connection[COMMITS].find_one({"_id": named(history, version)})
    if not recorded:
        raise Invalid("snapshot_ahead", "A snapshot folds recorded commits only.")
    older = {"_id": history, "version": {"$lt": version}}
    try:
        await connection[SNAPSHOTS].update_one(older, {"$set": {"version": version, "state": state}}, upsert=True)
    except DuplicateKeyError:
        return  # One as new or newer is there.


async def names(connection: Connection, prefix: str, after: str, limit: int) -> Sequence[str]:
    """Names of histories that begin with `prefix` and come after `after`; each has one first commit."""
    between = {"$gte": prefix, "$lt": prefix + LAST_CHARACTER, "$gt": after}
    asked = connection[COMMITS].find({"history": between, "version": 1}).sort([("history", ASCENDING)]).limit(limit)
    return [doc["history"] async for doc in asked]


async def _settle_one(connection: Connection, doc: Doc) -> None:
    if doc["settled"] == SETTLED:
        return
    await mongo_derived.lay_down(connection, _commit_of(doc))
    await connection[COMMITS].update_one({"_id": doc["_id"]}, {"$set": {"settled": SETTLED}})


def _doc_of(commit: Commit) -> Doc:
    """The document of a commit; raises `Invalid` for what could not be read back as it is."""
    _, history, version, at, owner, events, sealed, detail = row_of(commit)
    return {
        "_id": named(history, version),
        "history": history,
        "version": version,
        "cause": commit.cause.hex,
        "at": at,
        "owner": owner,
        "events": events,
        "sealed": sealed,
        "detail": detail,
        "settled": UNSETTLED if commit.timers_set or commit.timers_cancelled or commit.terms else SETTLED,
    }


def _commit_of(doc: Doc) -> Commit:
    cause = UUID(hex=doc["cause"]).bytes
    names = ("history", "version", "at", "owner", "events", "sealed", "detail")
    return commit_of((cause, *(doc[name] for name in names)))
