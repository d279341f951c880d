"""The outbox's changes: each function is one unit of work on the writing connection, atomic by its caller."""

from collections.abc import Sequence
from uuid import UUID

import apsw

from gateway.errors import Conflict
from gateway.outbox.endings import ending_of
from gateway.outbox.port import (
    BY_OPERATOR,
    EARLIER_PART_FAILED,
    INTERRUPTED,
    ActKind,
    Ending,
    Part,
    PartState,
    Tenure,
)
from gateway.outbox.sqlite_queries import part
from gateway.outbox.sqlite_schema import Row
from gateway.store.rows import micros


def file(connection: apsw.Connection, parts: Sequence[Part]) -> bool:
    """Keep a reply with all its parts, unless it is known."""
    first = parts[0]
    new = connection.execute(
        "insert into replies (reply, channel, account, history, kind, code, filed_at, count) "
        "values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (reply) do nothing returning 1",
        (
            first.reply_id.bytes,
            first.channel,
            first.account,
            first.history,
            first.kind.value,
            first.code,
            micros(first.filed_at),
            len(parts),
        ),
    ).get
    if new is None:
        return False
    connection.executemany(
        "insert into parts (reply, number, channel, account, due_at, sealed, state) "
        "values (?, ?, ?, ?, ?, ?, 'waiting')",
        [(one.reply_id.bytes, one.number, one.channel, one.account, micros(one.due_at), one.sealed) for one in parts],
    )
    return True


def take_over(connection: apsw.Connection, channel: str, now: int, echo: int) -> Tenure:
    """Begin a new tenure; what is under way becomes unknown."""
    epoch: int = connection.execute(
        "insert into tenures (channel, epoch) values (?, 1) on conflict (channel) do update set epoch = epoch + 1 "
        "returning epoch",
        (channel,),
    ).get
    left: list[Row] = connection.execute(
        "update parts set state = 'unknown', reason = ?, due_at = ? where channel = ? and state = 'sending' "
        "returning reply",
        (INTERRUPTED, now + echo, channel),
    ).fetchall()
    for (reply,) in left:
        _end(connection, UUID(bytes=reply), now)
    return Tenure(epoch, len(left))


def begin(connection: apsw.Connection, waiting: Part, epoch: int) -> bool:
    """Waiting becomes sending, for the tenure that holds now and for one part of an account at a time."""
    present = connection.execute("select epoch from tenures where channel = ?", (waiting.channel,)).get
    if present is not None and present > epoch:
        raise Conflict("sender_replaced", "Another sender is in charge of the channel now.")
    begun = connection.execute(
        "update parts set state = 'sending', attempts = attempts + 1 where reply = ?1 and number = ?2 "
        "and state = 'waiting' and not exists (select 1 from parts q "
        "where q.channel = parts.channel and q.account = parts.account and q.state = 'sending') returning 1",
        (waiting.reply_id.bytes, waiting.number),
    ).get
    return begun is not None


def sent(connection: apsw.Connection, reply: UUID, number: int, remote_id: str | None, now: int) -> str | None:
    """The platform took it, whatever was thought before; returns the channel of a part that is known."""
    return _move(
        connection,
        (reply, number),
        "state = 'sent', reason = null, remote_id = coalesce(?3, remote_id)",
        "1",
        now,
        remote_id,
    )


def failed(connection: apsw.Connection, reply: UUID, number: int, reason: str, now: int) -> str | None:
    """It never will be taken, and what was to follow it is not tried; returns the channel if anything changed."""
    return _move(connection, (reply, number), "state = 'failed', reason = ?3", "state <> 'sent'", now, reason)


def put_off(connection: apsw.Connection, reply: UUID, number: int, reason: str, until: int) -> None:
    """Sending becomes waiting again."""
    connection.execute(
        "update parts set state = 'waiting', reason = ?, due_at = ? "
        "where reply = ? and number = ? and state = 'sending'",
        (reason, until, reply.bytes, number),
    )


def unknown(connection: apsw.Connection, reply: UUID, number: int, reason: str, now: int, echo: int) -> None:
    """Sending becomes unknown and holds up the account's next part for the echo's time."""
    what = "state = 'unknown', reason = ?3, due_at = ?4"
    _move(connection, (reply, number), what, "state = 'sending'", now, reason, now + echo)


def settle(connection: apsw.Connection, reply: UUID, number: int, *, sent: bool, by: str, now: int) -> str | None:
    """An operator ends an unknown part; returns the channel if it was one."""
    what, reason = ("state = 'sent', reason = ?3", None) if sent else ("state = 'failed', reason = ?3", BY_OPERATOR)
    channel = _move(connection, (reply, number), what, "state = 'unknown'", now, reason, by=by)
    if channel is not None:
        _note(connection, reply, number, by, ActKind.SETTLED_AS_SENT if sent else ActKind.SETTLED_AS_FAILED, now)
    return channel


def repeat(connection: apsw.Connection, reply: UUID, number: int, by: str, now: int) -> str | None:
    """A failed or unknown part waits again, with those that failed because of it; returns its channel."""
    what = "state = 'waiting', due_at = ?3"
    channel = _move(connection, (reply, number), what, "state in ('failed', 'unknown')", now, now)
    if channel is not None:
        connection.execute(
            "update parts set state = 'waiting', reason = null, due_at = ? "
            "where reply = ? and number > ? and state = 'failed' and reason = ?",
            (now, reply.bytes, number, EARLIER_PART_FAILED),
        )
        _note(connection, reply, number, by, ActKind.REPEATED, now)
    return channel


def echoed(connection: apsw.Connection, found: Part, remote_id: str | None, now: int) -> Part | None:
    """A part was echoed, and thereby is known to be sent; as it stands now."""
    sent(connection, found.reply_id, found.number, found.remote_id or remote_id, now)
    return part(connection, found.reply_id, found.number)


def told(connection: apsw.Connection, ending: Ending) -> None:
    """This ending, and any before it, need not be told any more."""
    connection.execute(
        "update replies set told = max(told, ?) where reply = ?", (ending.revision, ending.reply_id.bytes)
    )


TO_TRIM = """
select reply from replies r
where count > 0 and state in ('sent', 'failed') and ended_at < ? and told >= revision
and not exists (select 1 from parts p where p.reply = r.reply and p.state not in ('sent', 'failed'))
order by ended_at, id limit ?
"""


def trim(connection: apsw.Connection, before: int, limit: int) -> int:
    """Forget what ended before; of the reply its name stays, so that it is never filed anew."""
    replies: list[Row] = connection.execute(TO_TRIM, (before, limit)).fetchall()
    connection.executemany("delete from acts where reply = ?", replies)
    connection.executemany("delete from parts where reply = ?", replies)
    connection.executemany(
        "update replies set count = 0, account = '', history = '', code = null, reason = null, settled_by = null "
        "where reply = ?",
        replies,
    )
    return len(replies)


def _move(
    connection: apsw.Connection,
    name: tuple[UUID, int],
    what: str,
    where: str,
    now: int,
    *values: str | int | None,
    by: str | None = None,
) -> str | None:
    """Change one part if it is as `where` says, and with it how its reply stands; returns its channel if it was."""
    reply, number = name
    row = connection.execute(
        f"update parts set {what} where reply = ?1 and number = ?2 and {where} returning channel, state",
        (reply.bytes, number, *values),
    ).fetchone()
    if row is None:
        return None
    channel, state = row
    if state == PartState.FAILED:
        connection.execute(
            "update parts set state = 'failed', reason = ? where reply = ? and number > ? and state = 'waiting'",
            (EARLIER_PART_FAILED, reply.bytes, number),
        )
    _end(connection, reply, now, by)
    return str(channel)


def _end(connection: apsw.Connection, reply: UUID, now: int, by: str | None = None) -> None:
    """Bring the reply's own state in line with its parts; another state than before is a new ending."""
    rows = connection.execute("select state, reason from parts where reply = ? order by number", (reply.bytes,))
    ended = ending_of([(PartState(state), reason) for state, reason in rows])
    state, reason = ended if ended is not None else (None, None)
    connection.execute(
        "update replies set state = ?2, reason = ?3, settled_by = ?4, ended_at = ?5, "
        "revision = revision + (?2 is not null) where reply = ?1 and state is not ?2",
        (reply.bytes, state, reason, by, now),
    )


def _note(connection: apsw.Connection, reply: UUID, number: int, by: str, kind: ActKind, now: int) -> None:
    connection.execute(
        "insert into acts (reply, number, operator, kind, at) values (?, ?, ?, ?, ?)",
        (reply.bytes, number, by, kind.value, now),
    )
