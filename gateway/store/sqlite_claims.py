"""The statements on claims: an insert under a unique key decides, never a read followed by a write."""

from collections.abc import Sequence

import apsw

from gateway.store.port import Claim
from gateway.store.rows import instant, latest_believed

SCHEMA = """
create table if not exists claims (
    key text primary key,
    value blob not null,
    until integer
);
"""


def claim(connection: apsw.Connection, key: str, value: bytes, until: int | None, now: int) -> bytes:
    """Insert, take over what lapsed, or extend one's own; returns the value that holds (times in microseconds).

    A claim without `until` never lapses and is never given an end by repeating it. An end that was written by a clock
    that ran ahead counts as lapsed for whoever asks with one.
    """
    held = connection.execute(
        "insert into claims (key, value, until) values (?1, ?2, ?3) on conflict (key) "
        "do update set value = excluded.value, until = excluded.until where claims.until is not null and "
        "(claims.until < ?4 or (?3 is not null and claims.until > ?5) or (claims.value = excluded.value and "
        "(excluded.until is null or excluded.until > claims.until))) returning value",
        (key, value, until, now, latest_believed(until, now)),
    ).get
    if held is None:
        held = connection.execute("select value from claims where key = ?", (key,)).get
    return bytes(held)


def holder(connection: apsw.Connection, key: str) -> bytes | None:
    """The value under a key, or None."""
    held = connection.execute("select value from claims where key = ?", (key,)).get
    return None if held is None else bytes(held)


def claims(connection: apsw.Connection, after: str, limit: int) -> Sequence[Claim]:
    """Every claim by key, after a key."""
    sql = "select key, value, until from claims where key > ? order by key limit ?"
    return [
        Claim(key, bytes(value), None if until is None else instant(until))
        for key, value, until in connection.execute(sql, (after, limit))
    ]


def release(connection: apsw.Connection, key: str, value: bytes) -> bool:
    """Delete a claim that holds this value; whether there was one."""
    given_up = connection.execute("delete from claims where key = ? and value = ? returning 1", (key, value)).get
    return given_up is not None
