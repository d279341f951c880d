"""How a commit lies in a row: pure conversions, so that what is read back equals what was recorded."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from gateway.errors import Invalid
from gateway.store.port import CLOCKS_DIFFER, Commit, Timer

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

COMMIT_COLUMNS = "cause, history, version, at, owner, events, sealed, detail"

Row = tuple[Any, ...]


def micros(at: datetime) -> int:
    """An aware instant as whole microseconds since 1970, UTC; raises `Invalid("naive_time")`."""
    if at.tzinfo is None:
        raise Invalid("naive_time", "A time without a zone is ambiguous.")
    return (at - EPOCH) // MICROSECOND


def latest_believed(until: int | None, now: int) -> int:
    """The latest end of a held claim that is believed when one until `until` is asked for, all in microseconds."""
    asked = 0 if until is None else max(until - now, 0)
    return now + 2 * asked + CLOCKS_DIFFER // MICROSECOND


def instant(count: int) -> datetime:
    """The aware UTC instant of `micros`, exactly."""
    return EPOCH + timedelta(microseconds=count)


def row_of(commit: Commit) -> Row:
    """The values of `COMMIT_COLUMNS`; raises `Invalid` for what could not be read back as it is."""
    if any(timer.history != commit.history for timer in commit.timers_set):
        raise Invalid("foreign_timer", "A commit sets timers of its own history only.")
    detail = {
        "set": [[timer.kind, micros(timer.due_at)] for timer in commit.timers_set],
        "cancelled": list(commit.timers_cancelled),
        "terms": list(commit.terms),
    }
    kinds = (timer.kind for timer in commit.timers_set)
    try:
        "".join((commit.history, commit.owner, *kinds, *commit.timers_cancelled, *commit.terms)).encode()
    except UnicodeEncodeError as error:
        raise Invalid("lone_surrogate", "A name holds half of a surrogate pair.") from error
    return (
        commit.cause.bytes,
        commit.history,
        commit.version,
        micros(commit.at),
        commit.owner,
        commit.events,
        commit.sealed,
        json.dumps(detail, separators=(",", ":")) if any(detail.values()) else "",
    )


def commit_of(row: Row) -> Commit:
    """The commit that a row of `COMMIT_COLUMNS` holds; all times come back as aware UTC."""
    cause, history, version, at, owner, events, sealed, detail = row
    more: dict[str, Any] = json.loads(detail) if detail else {}
    return Commit(
        cause=UUID(bytes=cause),
        history=history,
        version=version,
        at=instant(at),
        owner=owner,
        events=events,
        sealed=sealed,
        timers_set=tuple(Timer(history, kind, instant(due)) for kind, due in more.get("set", ())),
        timers_cancelled=tuple(more.get("cancelled", ())),
        terms=tuple(more.get("terms", ())),
    )
