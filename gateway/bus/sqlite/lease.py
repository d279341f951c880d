"""Who reads for a group, and how far it is: rows that are checked and moved in the transaction of the outputs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import apsw

from gateway.errors import Conflict

NOBODY = ""
"""The owner's name after a group was left in order or moved by hand."""


@dataclass(frozen=True, slots=True)
class Lease:
    """An owner's right to read a topic for a group; a later owner's epoch is greater and ends it."""

    topic: str
    group: str
    owner: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Term:
    """Until when a lease holds; microseconds, `now` since 1970."""

    now: int
    length: int


Alive = Callable[[str], bool]
"""Whether an owner's process is still there; a dead one's lease need not be waited for."""


def take(
    connection: apsw.Connection, topic: str, group: str, *, owner: str, term: Term, alive: Alive
) -> tuple[Lease, dict[str, int]] | None:
    """Become the owner and learn the group's positions; None while somebody else is."""
    if running(connection, topic, group, now=term.now, alive=alive):
        return None
    lease = Lease(topic, group, owner, _seize(connection, topic, group, owner, term))
    return lease, positions(connection, topic, group)


def running(connection: apsw.Connection, topic: str, group: str, *, now: int, alive: Alive) -> bool:
    """Whether a group has a live owner.

    A lease that ends later than its own term allows was written before the machine's clock was set back: it is over.
    """
    row = connection.execute(
        "select owner, expires_at, term from lease where topic = ? and reader = ?", (topic, group)
    ).get
    if row is None:
        return False
    owner, expires_at, length = row
    return owner != NOBODY and now < expires_at <= now + length and alive(owner)


def renew(connection: apsw.Connection, lease: Lease, term: Term) -> None:
    """Go on being the owner; raises `Conflict("lease_lost")` when somebody else has taken over."""
    connection.execute(
        "update lease set expires_at = ?, term = ? where topic = ? and reader = ? and owner = ? and epoch = ?",
        (term.now + term.length, term.length, lease.topic, lease.group, lease.owner, lease.epoch),
    )
    if connection.changes() == 0:
        raise Conflict("lease_lost", "Another owner reads for this group now.")


def leave(connection: apsw.Connection, lease: Lease) -> None:
    """Stop being the owner, if one still is, so that the next one need not wait."""
    connection.execute(
        "update lease set owner = ?, expires_at = 0 where topic = ? and reader = ? and owner = ? and epoch = ?",
        (NOBODY, lease.topic, lease.group, lease.owner, lease.epoch),
    )


def advance(connection: apsw.Connection, lease: Lease, moves: Mapping[str, tuple[int, int]], term: Term) -> bool:
    """Move positions from where this owner knows them to be, per producing stage `(from, to)`.

    False when they had been moved so already: an earlier attempt was durable though its answer was lost. Raises
    `Conflict("lease_lost")` for a stale owner.
    """
    renew(connection, lease, term)
    known = positions(connection, lease.topic, lease.group)
    if all(known.get(producer, 0) == after for producer, (_, after) in moves.items()):
        return False
    if any(known.get(producer, 0) != before for producer, (before, _) in moves.items()):
        raise Conflict("lease_lost", "The group's positions were moved by somebody else.")
    place(connection, lease.topic, lease.group, {producer: after for producer, (_, after) in moves.items()})
    return True


def positions(connection: apsw.Connection, topic: str, group: str) -> dict[str, int]:
    """Next offset to read per producing stage; a stage that is not named is at its beginning."""
    return dict(
        connection.execute("select producer, next from position where topic = ? and reader = ?", (topic, group))
    )


def place(connection: apsw.Connection, topic: str, group: str, following: Mapping[str, int]) -> None:
    """Set positions."""
    connection.executemany(
        "insert into position values (?, ?, ?, ?)"
        " on conflict (topic, reader, producer) do update set next = excluded.next",
        [(topic, group, producer, offset) for producer, offset in following.items()],
    )


def reset(
    connection: apsw.Connection, topic: str, group: str, following: Mapping[str, int], *, now: int, alive: Alive
) -> None:
    """Move a group that nobody reads for, and fence whoever did; raises `Conflict("group_running")`."""
    if running(connection, topic, group, now=now, alive=alive):
        raise Conflict("group_running", "Stop the group's consumer before moving it.")
    _seize(connection, topic, group, NOBODY, Term(now=0, length=0))
    place(connection, topic, group, following)


def _seize(connection: apsw.Connection, topic: str, group: str, owner: str, term: Term) -> int:
    epoch: int = connection.execute(
        "insert into lease values (?, ?, ?, 1, ?, ?) on conflict (topic, reader) do update set"
        " owner = excluded.owner, epoch = epoch + 1, expires_at = excluded.expires_at, term = excluded.term"
        " returning epoch",
        (topic, group, owner, term.now + term.length, term.length),
    ).get
    return epoch
