"""The store as services see it: a commit is what one message caused, recorded once under a unique cause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

CLOCKS_DIFFER = timedelta(minutes=5)
"""By how much clocks may differ before a claim's end is not believed any more."""


@dataclass(frozen=True, slots=True)
class Timer:
    """A due time of a history; `(history, kind)` is open at most once, setting it again replaces it."""

    history: str
    kind: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Commit:
    """What one message caused in one history.

    `cause` is the causing message's derived id, unique per history for ever. `version` counts from 1; the next one
    is the last one plus 1. `events` is JSON without personal values, `sealed` their sealed personal part.
    `timers_set` and `timers_cancelled` (kinds) change the history's open timers; cancelling comes first.
    `terms` are index entries, `name:value`, under which `find` knows this history from then on; no personal values
    (use keyed hashes). All times are aware UTC.
    """

    cause: UUID
    history: str
    version: int
    at: datetime
    owner: str
    events: bytes
    sealed: bytes = b""
    timers_set: tuple[Timer, ...] = ()
    timers_cancelled: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """A history as far as it must be read: the latest snapshot, if any, and the commits after it, in order.

    `answer` is the commit that the asked-for cause recorded before, if it did.
    """

    commits: tuple[Commit, ...]
    snapshot: bytes | None = None
    snapshot_version: int = 0
    answer: Commit | None = None

    @property
    def version(self) -> int:
        """Version of the last commit; 0 for a history that does not exist."""
        return self.commits[-1].version if self.commits else self.snapshot_version


@dataclass(frozen=True, slots=True)
class Entry:
    """A history under a term; `place` grows in the order in which the histories of one term were first indexed."""

    term: str
    place: int
    history: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as it lies there, lapsed or not; `until` is aware UTC, None for one that never lapses."""

    key: str
    value: bytes
    until: datetime | None


class Store(Protocol):
    """Append-only histories, their open timers, an index, and claims."""

    async def load(self, history: str, *, cause: UUID | None = None) -> Loaded:
        """Read a history; with `cause`, say also what that cause recorded before."""

    async def commits(self, history: str, *, after: int = 0) -> Sequence[Commit]:
        """Every commit with a version above `after`, snapshots or not: the whole record (Điều 7)."""

    async def record(self, commit: Commit) -> Commit:
        """Append a commit, durable on return; returns it, or what its cause recorded in this history before.

        Raises `Conflict("version_taken")` when another commit has this version or the version is not the next one.
        """

    async def snapshot(self, history: str, version: int, state: bytes) -> None:
        """Keep a discardable, sealed fold of the history up to `version`; an older one never replaces a newer."""

    async def due(self, before: datetime, *, limit: int = 100) -> Sequence[Timer]:
        """Open timers due at or before this instant, earliest first."""

    async def timers(self, history: str) -> Sequence[Timer]:
        """The open timers of a history, by kind."""

    async def find(self, term: str, *, limit: int = 100) -> Sequence[str]:
        """Histories indexed under this term, in the order in which they were first indexed."""

    async def terms(self, *, after: Entry | None = None, limit: int = 500) -> Sequence[Entry]:
        """The whole index by term, and by place within a term, after an entry."""

    async def index(self, term: str, history: str) -> None:
        """Enter a history behind the others of a term, once, as a commit with that term would; durable on return."""

    async def histories(self, prefix: str, *, after: str = "", limit: int = 500) -> Sequence[str]:
        """Names of the histories that begin with `prefix`, in order, after a name: for going through all of them."""

    async def claim(self, key: str, value: bytes, *, until: datetime | None = None) -> bytes:
        """Insert once under a unique key and return the value that holds: one's own, or the earlier winner's.

        With `until`, others may take the claim over after that instant, and its holder extends it by claiming again
        with the same value; a claim without `until` never lapses. One whose end lies farther ahead than twice what is
        asked for, and `CLOCKS_DIFFER` more, was made by a clock that was set back since: its end says nothing, and it
        gives way at once. Durable on return.
        """

    async def holder(self, key: str) -> bytes | None:
        """The value that was last claimed under a key, lapsed or not; None for a free one. Changes nothing."""

    async def claims(self, *, after: str = "", limit: int = 500) -> Sequence[Claim]:
        """Every claim, lapsed ones too, by key, after a key."""

    async def release(self, key: str, value: bytes) -> bool:
        """Give up a claim that holds this value; False when somebody else holds it."""

    async def close(self) -> None:
        """Finish what is under way and release everything."""
