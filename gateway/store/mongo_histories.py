"""The operations on histories: a commit is one document, and unique keys alone say who was first."""

import asyncio
import time
from collections.abc import Sequence
from uuid import UUID

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from gateway.errors import Conflict, Invalid
from gateway.mongo.connection import Connection, Doc
from gateway.store import mongo_derived
from gateway.store.known_versions import KnownVersions
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

SIDE_BY_SIDE = 8
LOOK_SECONDS = 0.1
ABOUT_TO_SECONDS = 1.0
"""So long a writer may take from its commit to the end of what follows from it, before others do it for it."""

LATEST = 64
"""So many commits are read at once; few histories have more after their snapshot."""

LAST_CHARACTER = "\U0010ffff"


async def append(connection: Connection, commit: Commit, known: KnownVersions) -> Commit:
    """Record a commit, then what follows from it, or return what its cause recorded; raises `Conflict`."""
    doc = _doc_of(commit)
    commits = connection[COMMITS]
    if await _on_top(connection, commit, known):
        try:
            await commits.insert_one(doc)
        except DuplicateKeyError:
            pass  # Its version or its cause is taken; which of them is seen below.
        else:
            known.note(commit.history, commit.version)
            await _settle_one(connection, doc)
            return _commit_of(doc)
    earlier = await commits.find_one({"history": commit.history, "cause": commit.cause.hex})
    if earlier is None:
        raise Conflict("version_taken", "The commit's version is not the next one of its history.")
    await _settle_one(connection, earlier)
    return _commit_of(earlier)


async def _on_top(connection: Connection, commit: Commit, known: KnownVersions) -> bool:
    """Whether the version before is there, which whoever loaded the history here has seen."""
    before = commit.version - 1
    return known.reaches(commit.history, before) or (
        await connection[COMMITS].find_one({"_id": named(commit.history, before)}) is not None
    )


async def settle(connection: Connection) -> None:
    """Lay down what follows from commits whose writers did not.

    Those that are about to get a moment for it: nobody was told of their commits yet, and doing all of their work again
    would only slow them down.
    """
    left = {doc["_id"]: doc for doc in await _unsettled(connection)}
    until = time.monotonic() + ABOUT_TO_SECONDS
    while left:
        if time.monotonic() < until:
            await asyncio.sleep(LOOK_SECONDS)
        else:
            await asyncio.gather(*(_settle_one(connection, doc) for doc in [*left.values()][:SIDE_BY_SIDE]))
        left = {doc["_id"]: doc for doc in await _unsettled(connection) if doc["_id"] in left}


async def _unsettled(connection: Connection) -> Sequence[Doc]:
    return await connection[COMMITS].find({"settled": UNSETTLED}).limit(SETTLED_AT_ONCE).to_list()


async def load(connection: Connection, history: str, cause: UUID | None, known: KnownVersions) -> Loaded:
    """Snapshot, later commits and the cause's answer, mostly in one round trip of two questions.

    What comes in between is read too or not, and both is true.
    """
    kept, latest = await asyncio.gather(
        connection[SNAPSHOTS].find_one({"_id": history}), _latest_commits(connection, history)
    )
    version, state = (0, None) if kept is None else (kept["version"], kept["state"])
    if not latest or latest[0].version <= version + 1:
        commits = _without_gap(latest, version)
    else:
        commits = await commits_after(connection, history, version)
    if commits:
        known.note(history, commits[-1].version)
    answer = next((commit for commit in latest if commit.cause == cause), None)
    if answer is None and cause is not None and len(latest) == LATEST:
        answer = await recorded_by(connection, history, cause)
    return Loaded(commits=commits, snapshot=state, snapshot_version=version, answer=answer)


async def _latest_commits(connection: Connection, history: str) -> Sequence[Commit]:
    """The last ones, in order."""
    asked = connection[COMMITS].find({"history": history}).sort([("version", DESCENDING)]).limit(LATEST)
    return [_commit_of(doc) async for doc in asked][::-1]


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
    return _without_gap([_commit_of(doc) async for doc in asked.sort([("version", ASCENDING)])], after)


def _without_gap(found: Sequence[Commit], after: int) -> tuple[Commit, ...]:
    """Those with a version above `after`, up to the first that is missing."""
    later = [commit for commit in found if commit.version > after]
    whole = next((place for place, one in enumerate(later) if one.version != max(after, 0) + place + 1), len(later))
    return tuple(later[:whole])


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
