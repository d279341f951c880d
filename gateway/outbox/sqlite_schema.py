"""How parts, replies and operators' acts lie in the outbox's file, and the conversion of rows."""

from typing import Any
from uuid import UUID

from gateway.outbox.port import Part, PartState
from gateway.store.rows import instant
from schemas.vocabulary import ReplyKind

SCHEMA = """
create table if not exists replies (
    id integer primary key,
    reply blob not null unique,
    channel text not null,
    account text not null,
    history text not null,
    kind text not null,
    code text,
    filed_at integer not null,
    count integer not null,
    state text,
    reason text,
    settled_by text,
    ended_at integer,
    revision integer not null default 0,
    told integer not null default 0
);
create index if not exists replies_untold on replies (channel, ended_at, id)
    where state is not null and told < revision;
create index if not exists replies_to_trim on replies (ended_at, id)
    where count > 0 and state in ('sent', 'failed');
create table if not exists parts (
    id integer primary key,
    reply blob not null references replies (reply),
    number integer not null,
    channel text not null,
    account text not null,
    due_at integer not null,
    sealed blob not null,
    state text not null,
    attempts integer not null default 0,
    reason text,
    remote_id text,
    unique (reply, number)
);
create index if not exists parts_by_state on parts (channel, state, id, due_at);
create index if not exists parts_of_account on parts (channel, account, state, id);
create index if not exists parts_by_remote_id on parts (channel, remote_id) where remote_id is not null;
create table if not exists tallies (
    channel text not null,
    state text not null,
    parts integer not null,
    primary key (channel, state)
) without rowid;
create trigger if not exists parts_filed after insert on parts begin
    insert into tallies (channel, state, parts) values (new.channel, new.state, 1)
        on conflict (channel, state) do update set parts = parts + 1;
end;
create trigger if not exists parts_moved after update of state on parts when old.state <> new.state begin
    update tallies set parts = parts - 1 where channel = old.channel and state = old.state;
    insert into tallies (channel, state, parts) values (new.channel, new.state, 1)
        on conflict (channel, state) do update set parts = parts + 1;
end;
create trigger if not exists parts_trimmed after delete on parts begin
    update tallies set parts = parts - 1 where channel = old.channel and state = old.state;
end;
create table if not exists tenures (
    channel text primary key,
    epoch integer not null
) without rowid;
create table if not exists acts (
    id integer primary key,
    reply blob not null,
    number integer not null,
    operator text not null,
    kind text not null,
    at integer not null
);
create index if not exists acts_of on acts (reply, id);
"""
"""`tallies` counts by trigger: counting ended parts anew would take longer every month.

A trimmed reply is a row with `count` 0 that names nobody.
"""

PART_COLUMNS = (
    "p.reply, p.number, r.count, p.channel, p.account, r.history, r.kind, r.code, r.filed_at, p.due_at, p.sealed, "
    "p.state, p.attempts, p.reason, p.remote_id"
)
PARTS = "parts p join replies r on r.reply = p.reply"

Row = tuple[Any, ...]


def part_of(row: Row) -> Part:
    """The part that a row of `PART_COLUMNS` holds; times come back as aware UTC."""
    reply, number, count, channel, account, history, kind, code, filed_at, due_at, sealed, *rest = row
    state, attempts, reason, remote_id = rest
    return Part(
        reply_id=UUID(bytes=reply),
        number=number,
        count=count,
        channel=channel,
        account=account,
        history=history,
        kind=ReplyKind(kind),
        code=code,
        filed_at=instant(filed_at),
        due_at=instant(due_at),
        sealed=sealed,
        state=PartState(state),
        attempts=attempts,
        reason=reason,
        remote_id=remote_id,
    )
