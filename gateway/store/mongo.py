"""The store for many machines: histories, open timers, index and claims in one MongoDB database."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from gateway.mongo.connection import Connection
from gateway.mongo.errors import as_ours
from gateway.store import mongo_claims, mongo_derived, mongo_histories
from gateway.store.known_versions import KnownVersions
from gateway.store.port import Claim, Commit, Entry, Loaded, Timer
from gateway.store.rows import micros


class MongoStore:
    """`gateway.store.port.Store` on one database, shared by any number of processes on any number of machines."""

    def __init__(self, url: str, *, clock: Callable[[], datetime]) -> None:
        """Make the indexes; raises `Unavailable`. `clock` gives aware times and should agree between machines."""
        self._clock = clock
        self._known = KnownVersions()
        self._connection = Connection(url, mongo_histories.INDEXES | mongo_derived.INDEXES)

    async def load(self, history: str, *, cause: UUID | None = None) -> Loaded:
        """Read a history; with `cause`, say also what that cause recorded before."""
        with as_ours():
            return await mongo_histories.load(self._connection, history, cause, self._known)

    async def commits(self, history: str, *, after: int = 0) -> Sequence[Commit]:
        """Every commit with a version above `after`, snapshots or not."""
        with as_ours():
            return await mongo_histories.commits_after(self._connection, history, after)

    async def record(self, commit: Commit) -> Commit:
        """Append a commit, durable on return; returns it, or what its cause recorded in this history before.

        Raises `Conflict("version_taken")`; `Invalid("foreign_timer")`, `Invalid("naive_time")` or
        `Invalid("lone_surrogate")` for a commit that could not be read back as it is, and `Invalid` for one that is
        too large for a document (16 MB). After `Unavailable` it may be recorded: the same cause gets its answer.
        """
        with as_ours():
            return await mongo_histories.append(self._connection, commit, self._known)

    async def snapshot(self, history: str, version: int, state: bytes) -> None:
        """Keep a fold up to `version` unless a newer one is there; raises `Invalid("snapshot_ahead")`."""
        with as_ours():
            await mongo_histories.keep_snapshot(self._connection, history, version, state)

    async def due(self, before: datetime, *, limit: int = 100) -> Sequence[Timer]:
        """Open timers due at or before this aware instant, earliest first, also those of writers that died."""
        count = micros(before)
        if limit <= 0:
            return []
        with as_ours():
            await mongo_histories.settle(self._connection)
            return await mongo_derived.due(self._connection, count, limit)

    async def find(self, term: str, *, limit: int = 100) -> Sequence[str]:
        """Histories indexed under this term, in the order in which they were first indexed."""
        if limit <= 0:
            return []
        with as_ours():
            await mongo_histories.settle(self._connection)
            return await mongo_derived.find(self._connection, term, limit)

    async def timers(self, history: str) -> Sequence[Timer]:
        """The open timers of a history, by kind, also those of writers that died."""
        with as_ours():
            await mongo_histories.settle(self._connection)
            return await mongo_derived.timers(self._connection, history)

    async def terms(self, *, after: Entry | None = None, limit: int = 500) -> Sequence[Entry]:
        """The whole index by term and place, after an entry."""
        if limit <= 0:
            return []
        with as_ours():
            await mongo_histories.settle(self._connection)
            return await mongo_derived.terms(self._connection, after, limit)

    async def index(self, term: str, history: str) -> None:
        """Enter a history behind the others of a term, once; durable on return."""
        with as_ours():
            await mongo_derived.index(self._connection, term, history)

    async def histories(self, prefix: str, *, after: str = "", limit: int = 500) -> Sequence[str]:
        """Names of the histories that begin with `prefix`, in order, after a name."""
        if limit <= 0:
            return []
        with as_ours():
            return await mongo_histories.names(self._connection, prefix, after, limit)

    async def claim(self, key: str, value: bytes, *, until: datetime | None = None) -> bytes:
        """Insert once under a unique key and return the value that holds; durable on return.

        With `until`, others may take it over after that instant, and its holder extends it by claiming again.
        """
        end = None if until is None else micros(until)
        with as_ours():
            return await mongo_claims.claim(self._connection, key, value, end, micros(self._clock()))

    async def holder(self, key: str) -> bytes | None:
        """The value that was last claimed under a key, lapsed or not; None for a free one. Changes nothing."""
        with as_ours():
            return await mongo_claims.holder(self._connection, key)

    async def claims(self, *, after: str = "", limit: int = 500) -> Sequence[Claim]:
        """Every claim, lapsed ones too, by key, after a key."""
        if limit <= 0:
            return []
        with as_ours():
            return await mongo_claims.claims(self._connection, after, limit)

    async def release(self, key: str, value: bytes) -> bool:
        """Give up a claim that holds this value; False when somebody else holds it, or nobody."""
        with as_ours():
            return await mongo_claims.release(self._connection, key, value)

    async def close(self) -> None:
        """Give up the connection; what is under way fails with `Unavailable`."""
        await self._connection.close()
