"""The outbox's questions: each function is one bounded look-up on a reading connection."""

from collections.abc import Sequence
from uuid import UUID

import apsw

from gateway.outbox.port import Act, ActKind, Ending, Part, PartState, named_by
from gateway.outbox.sqlite_schema import PART_COLUMNS, PARTS, Row, part_of
from gateway.store.rows import instant

DUE = f"""
select {PART_COLUMNS} from {PARTS}
where p.channel = ?1 and p.state = 'waiting' and p.due_at <= ?2
and not exists (
    select 1 from parts q
    where q.channel = ?1 and q.account = p.account and q.state = 'waiting' and q.id < p.id
) and not exists (
    select 1 from parts q where q.channel = ?1 and q.account = p.account and q.state = 'sending'
) and not exists (
    select 1 from parts q
    where q.channel = ?1 and q.account = p.account and q.state = 'unknown' and q.due_at > ?2
) order by p.id limit ?3
"""


def due(connection: apsw.Connection, channel: str, now: int, limit: int) -> Sequence[Part]:
    """The first waiting part of each account that nothing holds up."""
    return [part_of(row) for row in connection.execute(DUE, (channel, now, limit))]


def part(connection: apsw.Connection, reply: UUID, number: int) -> Part | None:
    """One part, or None."""
    return _first(connection, "p.reply = ? and p.number = ?", (reply.bytes, number))


def parts(connection: apsw.Connection, reply: UUID) -> Sequence[Part]:
    """All parts of a reply, in order."""
    sql = f"select {PART_COLUMNS} from {PARTS} where p.reply = ? order by p.number"
    return [part_of(row) for row in connection.execute(sql, (reply.bytes,))]


def echoing(
    connection: apsw.Connection, channel: str, token: str | None, remote_id: str | None, account: str | None
) -> Part | None:
    """The part that an echo names: by our token, else by the platform's id."""
    named = named_by(token) if token is not None else None
    found = None
    if named is not None:
        found = _first(
            connection, "p.channel = ? and p.reply = ? and p.number = ?", (channel, named[0].bytes, named[1])
        )
    if found is None and remote_id is not None:
        found = _first(connection, "p.channel = ? and p.remote_id = ?", (channel, remote_id))
    return None if found is None or account not in (None, found.account) else found


def unproven(connection: apsw.Connection, channel: str, account: str) -> Sequence[Part]:
    """An account's parts that were begun and whose end is not known, oldest first."""
    sql = (
        f"select {PART_COLUMNS} from {PARTS} where p.channel = ? and p.account = ? "
        "and p.state in ('sending', 'unknown') order by p.id"
    )
    return [part_of(row) for row in connection.execute(sql, (channel, account))]


def open_parts(connection: apsw.Connection, channel: str, state: PartState, limit: int) -> Sequence[Part]:
    """Parts in a state, oldest first."""
    sql = f"select {PART_COLUMNS} from {PARTS} where p.channel = ? and p.state = ? order by p.id limit ?"
    return [part_of(row) for row in connection.execute(sql, (channel, state.value, limit))]


def endings(connection: apsw.Connection, channel: str, limit: int) -> Sequence[Ending]:
    """Replies whose last ending was not told, oldest first."""
    sql = (
        "select reply, channel, account, history, state, reason, revision, settled_by from replies "
        "where channel = ? and state is not null and told < revision order by ended_at, id limit ?"
    )
    return [
        Ending(UUID(bytes=reply), name, account, history, PartState(state), reason, revision, by)
        for reply, name, account, history, state, reason, revision, by in connection.execute(sql, (channel, limit))
    ]


def counts(connection: apsw.Connection, channel: str) -> dict[PartState, int]:
    """How many parts are in each state."""
    found = dict(connection.execute("select state, parts from tallies where channel = ?", (channel,)))
    return {state: found.get(state.value, 0) for state in PartState}


def acts(connection: apsw.Connection, reply: UUID) -> Sequence[Act]:
    """What operators did about a reply, in order."""
    sql = "select number, operator, kind, at from acts where reply = ? order by id"
    return [
        Act(reply, number, operator, ActKind(kind), instant(at))
        for number, operator, kind, at in connection.execute(sql, (reply.bytes,))
    ]


def _first(connection: apsw.Connection, where: str, bindings: tuple[str | int | bytes, ...]) -> Part | None:
    row: Row | None = connection.execute(f"select {PART_COLUMNS} from {PARTS} where {where} limit 1", bindings).get
    return None if row is None else part_of(row)
