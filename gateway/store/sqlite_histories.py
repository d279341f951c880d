"""The statements on histories: each function is one unit of work on a connection, atomic by its caller."""

from collections.abc import Sequence
from uuid import UUID

import apsw

from gateway.errors import Conflict, Invalid
from gateway.store.port import Commit, Entry, Loaded, Timer
from gateway.store.rows import COMMIT_COLUMNS, Row, commit_of, instant, micros

SCHEMA = """
create table if not exists commits (
    id integer primary key,
    cause blob not null,
    history text not null,
    version integer not null,
    at integer not null,
    owner text not null,
    events blob not null,
    sealed blob not null,
    detail text not null,
    unique (history, version),
    unique (history, cause)
);
create table if not exists timers (
    history text not null,
    kind text not null,
    due_at integer not null,
    primary key (history, kind)
);
create index if not exists timers_due on timers (due_at, history, kind);
create table if not exists terms (
    id integer primary key,
    term text not null,
    history text not null,
    unique (term, history)
);
create index if not exists terms_in_order on terms (term, id);
create table if not exists snapshots (
    history text primary key,
    version integer not null,
    state blob not null
);
"""


def append(connection: apsw.Connection, commit: Commit, row: Row) -> Commit:
    """Record a commit with its timers and terms, or return what its cause recorded; raises `Conflict`."""
    earlier = recorded_by(connection, commit.history, commit.cause)
    if earlier is not None:
        return earlier
    if commit.version != last_version(connection, commit.history) + 1:
        raise Conflict("version_taken", "The commit's version is not the next one of its history.")
    connection.execute(f"insert into commits ({COMMIT_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?)", row)
    for kind in commit.timers_cancelled:
        connection.execute("delete from timers where history = ? and kind = ?", (commit.history, kind))
    for timer in commit.timers_set:
        connection.execute(
            "insert into timers (history, kind, due_at) values (?, ?, ?) "
            "on conflict (history, kind) do update set due_at = excluded.due_at",
            (commit.history, timer.kind, micros(timer.due_at)),
        )
    for term in commit.terms:
        index(connection, term, commit.history)
    return commit_of(row)


def index(connection: apsw.Connection, term: str, history: str) -> None:
    """Enter a history under a term, behind the others, once."""
    connection.execute("insert or ignore into terms (term, history) values (?, ?)", (term, history))


def recorded_by(connection: apsw.Connection, history: str, cause: UUID) -> Commit | None:
    """What a cause recorded in a history."""
    sql = f"select {COMMIT_COLUMNS} from commits where history = ? and cause = ?"
    row = connection.execute(sql, (history, cause.bytes)).get
    return None if row is None else commit_of(row)


def last_version(connection: apsw.Connection, history: str) -> int:
    """Version of the last commit; 0 if there is none."""
    found = connection.execute("select max(version) from commits where history = ?", (history,)).get
    return int(found or 0)


def commits_after(connection: apsw.Connection, history: str, after: int) -> tuple[Commit, ...]:
    """Commits with a version above `after`, in order."""
    sql = f"select {COMMIT_COLUMNS} from commits where history = ? and version > ? order by version"
    return tuple(commit_of(row) for row in connection.execute(sql, (history, after)))


def load(connection: apsw.Connection, history: str, cause: UUID | None) -> Loaded:
    """Snapshot, later commits and the cause's answer, all of one moment."""
    with connection:
        kept = connection.execute("select version, state from snapshots where history = ?", (history,)).get
        version, state = kept if kept is not None else (0, None)
        commits = commits_after(connection, history, version)
        answer = None if cause is None else recorded_by(connection, history, cause)
    return Loaded(commits=commits, snapshot=state, snapshot_version=version, answer=answer)


def keep_snapshot(connection: apsw.Connection, history: str, version: int, state: bytes) -> None:
    """Keep a fold unless a newer one is there; raises `Invalid("snapshot_ahead")` for a version not recorded."""
    if not 0 < version <= last_version(connection, history):
        raise Invalid("snapshot_ahead", "A snapshot folds recorded commits only.")
    connection.execute(
        "insert into snapshots (history, version, state) values (?, ?, ?) on conflict (history) "
        "do update set version = excluded.version, state = excluded.state where excluded.version > version",
        (history, version, state),
    )


def due(connection: apsw.Connection, before: int, limit: int) -> Sequence[Timer]:
    """Open timers due at or before `before` microseconds, earliest first."""
    sql = "select history, kind, due_at from timers where due_at <= ? order by due_at, history, kind limit ?"
    return [Timer(history, kind, instant(at)) for history, kind, at in connection.execute(sql, (before, limit))]


def timers(connection: apsw.Connection, history: str) -> Sequence[Timer]:
    """Open timers of a history, by kind."""
    sql = "select kind, due_at from timers where history = ? order by kind"
    return [Timer(history, kind, instant(at)) for kind, at in connection.execute(sql, (history,))]


def terms(connection: apsw.Connection, after: Entry | None, limit: int) -> Sequence[Entry]:
    """Index entries by term, then in the order of indexing, after an entry."""
    sql = "select term, id, history from terms where (term, id) > (?, ?) order by term, id limit ?"
    begin = ("", 0) if after is None else (after.term, after.place)
    return [Entry(term, place, history) for term, place, history in connection.execute(sql, (*begin, limit))]


def find(connection: apsw.Connection, term: str, limit: int) -> Sequence[str]:
    """Histories under a term, in the order in which they were first indexed."""
    sql = "select history from terms where term = ? order by id limit ?"
    return [history for (history,) in connection.execute(sql, (term, limit))]


def names(connection: apsw.Connection, prefix: str, after: str, limit: int) -> Sequence[str]:
    """Names of histories that begin with `prefix` and come after `after`; the unique index is read in order."""
    sql = (
        "select distinct history from commits"
        " where history >= ?1 and history < ?1 || char(0x10ffff) and history > ?2 order by history limit ?3"
    )
    return [name for (name,) in connection.execute(sql, (prefix, after, limit))]
