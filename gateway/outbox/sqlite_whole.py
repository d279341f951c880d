"""Whole replies as they stand, for whoever moves an outbox or compares two; each function is one unit of work."""

from collections.abc import Sequence
from uuid import UUID

import apsw

from gateway.outbox import sqlite_queries as queries
from gateway.outbox.port import PartState
from gateway.outbox.reply import Filed, Reply
from gateway.outbox.sqlite_schema import Row
from gateway.store.rows import instant, micros

REPLIES = """
select id, reply, state, reason, settled_by, ended_at, revision, told from replies
where count > 0 and id > ? order by id limit ?
"""

KEEP = """
insert into replies
    (id, reply, channel, account, history, kind, code, filed_at, count, state, reason, settled_by, ended_at,
     revision, told)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (reply) do update set state = excluded.state, reason = excluded.reason, settled_by = excluded.settled_by,
    ended_at = excluded.ended_at, revision = excluded.revision, told = excluded.told
"""

KEEP_PART = """
insert into parts (reply, number, channel, account, due_at, sealed, state, attempts, reason, remote_id)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (reply, number) do update set due_at = excluded.due_at, state = excluded.state,
    attempts = excluded.attempts, reason = excluded.reason, remote_id = excluded.remote_id
"""

KEEP_FORGOTTEN = """
insert into replies (reply, channel, account, history, kind, filed_at, count) values (?, '', '', '', '', 0, 0)
on conflict (reply) do update set count = 0, account = '', history = '', code = null, reason = null, settled_by = null
"""


def replies(connection: apsw.Connection, after: int, limit: int) -> Sequence[Filed]:
    """Replies that have parts, by place, after a place, all of one moment."""
    found: list[Filed] = []
    with connection:
        found += [_filed(connection, row) for row in connection.execute(REPLIES, (after, limit)).fetchall()]
    return found


def forgotten(connection: apsw.Connection, after: bytes, limit: int) -> Sequence[UUID]:
    """Replies that were trimmed, by id, after an id."""
    sql = "select reply from replies where count = 0 and reply > ? order by reply limit ?"
    return [UUID(bytes=reply) for (reply,) in connection.execute(sql, (after, limit))]


def adopt(connection: apsw.Connection, filed: Sequence[Filed], trimmed: Sequence[UUID]) -> None:
    """Keep replies as they are given, whatever was known of them, and what is left of trimmed ones."""
    for one in filed:
        _keep(connection, one)
    for reply in trimmed:
        connection.execute("delete from acts where reply = ?", (reply.bytes,))
        connection.execute("delete from parts where reply = ?", (reply.bytes,))
        connection.execute(KEEP_FORGOTTEN, (reply.bytes,))


def _filed(connection: apsw.Connection, row: Row) -> Filed:
    place, name, state, reason, by, ended_at, revision, told = row
    reply = UUID(bytes=name)
    return Filed(
        place,
        Reply(
            parts=tuple(queries.parts(connection, reply)),
            state=None if state is None else PartState(state),
            reason=reason,
            by=by,
            ended_at=None if ended_at is None else instant(ended_at),
            revision=revision,
            told=told,
            acts=tuple(queries.acts(connection, reply)),
        ),
    )


def _keep(connection: apsw.Connection, filed: Filed) -> None:
    reply, first = filed.reply, filed.reply.parts[0]
    name = first.reply_id.bytes
    owned = (first.channel, first.account, first.history, first.kind.value, first.code, micros(first.filed_at))
    state = None if reply.state is None else reply.state.value
    ended_at = None if reply.ended_at is None else micros(reply.ended_at)
    ending = (state, reply.reason, reply.by, ended_at, reply.revision, reply.told)
    connection.execute(KEEP, (filed.place, name, *owned, len(reply.parts), *ending))
    for part in reply.parts:
        stands = (part.state.value, part.attempts, part.reason, part.remote_id)
        values = (name, part.number, part.channel, part.account, micros(part.due_at), part.sealed, *stands)
        connection.execute(KEEP_PART, values)
    connection.execute("delete from acts where reply = ?", (name,))
    connection.executemany(
        "insert into acts (reply, number, operator, kind, at) values (?, ?, ?, ?, ?)",
        [(name, act.number, act.by, act.kind.value, micros(act.at)) for act in reply.acts],
    )
