"""The store on one machine: histories, open timers, index and claims in one SQLite file."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from gateway.sqlite.reader import Reader
from gateway.sqlite.writer import Writer
from gateway.store import sqlite_claims, sqlite_histories
from gateway.store.port import Claim, Commit, Entry, Loaded, Timer
from gateway.store.rows import micros, row_of


def utc_now() -> datetime:
    """The machine's clock, by which claims lapse."""
    return datetime.now(UTC)


class SqliteStore:
    """`gateway.store.port.Store` on one file, shared by any number of processes of one machine."""

    def __init__(self, path: Path, *, clock: Callable[[], datetime] = utc_now) -> None:
        """Open or create the file; raises `Unavailable`. `clock` gives aware times."""
        self._clock = clock
        self._writer = Writer(path, schema=sqlite_histories.SCHEMA + sqlite_claims.SCHEMA)
        self._reader = Reader(path)

    async def load(self, history: str, *, cause: UUID | None = None) -> Loaded:
        """Read a history; with `cause`, say also what that cause recorded before."""
        return await self._reader.run(partial(sqlite_histories.load, history=history, cause=cause))

    async def commits(self, history: str, *, after: int = 0) -> Sequence[Commit]:
        """Every commit with a version above `after`, snapshots or not."""
        return await self._reader.run(partial(sqlite_histories.commits_after, history=history, after=after))

    async def record(self, commit: Commit) -> Commit:
        """Append a commit, durable on return; returns it, or what its cause recorded in this history before.

        Raises `Conflict("version_taken")`; `Invalid("foreign_timer")`, `Invalid("naive_time")` or
        `Invalid("lone_surrogate")` for a commit that could not be read back as it is.
        """
        return await self._writer.run(partial(sqlite_histories.append, commit=commit, row=row_of(commit)))

    async def snapshot(self, history: str, version: int, state: bytes) -> None:
        """Keep a fold up to `version` unless a newer one is there; raises `Invalid("snapshot_ahead")`."""
        await self._writer.run(partial(sqlite_histories.keep_snapshot, history=history, version=version, state=state))

    async def due(self, before: datetime, *, limit: int = 100) -> Sequence[Timer]:
        """Open timers due at or before this aware instant, earliest first."""
        return await self._reader.run(partial(sqlite_histories.due, before=micros(before), limit=max(limit, 0)))

    async def find(self, term: str, *, limit: int = 100) -> Sequence[str]:
        """Histories indexed under this term, in the order in which they were first indexed."""
        return await self._reader.run(partial(sqlite_histories.find, term=term, limit=max(limit, 0)))

    async def timers(self, history: str) -> Sequence[Timer]:
        """The open timers of a history, by kind."""
        return await self._reader.run(partial(sqlite_histories.timers, history=history))

    async def terms(self, *, after: Entry | None = None, limit: int = 500) -> Sequence[Entry]:
        """The whole index by term and place, after an entry."""
        return await self._reader.run(partial(sqlite_histories.terms, after=after, limit=max(limit, 0)))

    async def index(self, term: str, history: str) -> None:
        """Enter a history behind the others of a term, once; durable on return."""
        await self._writer.run(partial(sqlite_histories.index, term=term, history=history))

    async def histories(self, prefix: str, *, after: str = "", limit: int = 500) -> Sequence[str]:
        """Names of the histories that begin with `prefix`, in order, after a name."""
        work = partial(sqlite_histories.names, prefix=prefix, after=after, limit=max(limit, 0))
        return await self._reader.run(work)

    async def claim(self, key: str, value: bytes, *, until: datetime | None = None) -> bytes:
        """Insert once under a unique key and return the value that holds; durable on return.

        With `until`, others may take it over after that instant, and its holder extends it by claiming again.
        """
        end = None if until is None else micros(until)
        now = micros(self._clock())
        return await self._writer.run(partial(sqlite_claims.claim, key=key, value=value, until=end, now=now))

    async def holder(self, key: str) -> bytes | None:
        """The value that was last claimed under a key, lapsed or not; None for a free one. Changes nothing."""
        return await self._reader.run(partial(sqlite_claims.holder, key=key))

    async def claims(self, *, after: str = "", limit: int = 500) -> Sequence[Claim]:
        """Every claim, lapsed ones too, by key, after a key."""
        return await self._reader.run(partial(sqlite_claims.claims, after=after, limit=max(limit, 0)))

    async def release(self, key: str, value: bytes) -> bool:
        """Give up a claim that holds this value; False when somebody else holds it, or nobody."""
        return await self._writer.run(partial(sqlite_claims.release, key=key, value=value))

    async def close(self) -> None:
        """Finish what is under way and close the file."""
        await self._writer.close()
        await self._reader.close()
