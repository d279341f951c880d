"""Who reads for a group, and how far it is: rows that are checked and moved in the transaction of the outputs.

A lease holds no time: its owner is dead when its wake-up socket is gone, and hung when a waiting copy has asked for a
sign of life and none came. So an idle owner writes nothing, and a step of the machine's clock changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import apsw

from gateway.errors import Conflict

NOBODY = ""
"""The owner's name after a group was moved by hand."""


@dataclass(frozen=True, slots=True)
class Lease:
    """An owner's right to read a topic for a group; a later owner's epoch is greater and ends it."""

    topic: str
    group: str
    owner: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Taken:
    """The lease is ours; `positions` are the next offsets per producing stage."""

    lease: Lease
    positions: dict[str, int]


@dataclass(frozen=True, slots=True)
class Held:
    """The lease is another's; while `beats` grows, that owner lives."""

    owner: str
    epoch: int
    beats: int


Alive = Callable[[str], bool]
"""Whether the process of an owner is still there."""


def take(
    connection: apsw.Connection, topic: str, group: str, *, owner: str, alive: Alive, hung: Held | None = None
) -> Taken | Held:
    """Become the owner, unless another is alive; `hung` is one that gave no sign of life for too long."""
    held = holder(connection, topic, group, alive=alive)
    if held is not None and held != hung:
        return held
    lease = Lease(topic, group, owner, _seize(connection, topic, group, owner))
    return Taken(lease, positions(connection, topic, group))


def holder(connection: apsw.Connection, topic: str, group: str, *, alive: Alive) -> Held | None:
    """The live owner of a group."""
    row = connection.execute("select owner, epoch, beats from lease where topic = ? and reader = ?", (topic, group)).get
    if row is None:
        return None
    owner, epoch, beats = row
    return Held(owner, epoch, beats) if owner != NOBODY and alive(owner) else None


def beat(connection: apsw.Connection, lease: Lease) -> None:
    """Give a sign of life; raises `Conflict("lease_lost")` when somebody else has taken over."""
    connection.execute(
        "update lease set beats = beats + 1 where topic = ? and reader = ? and owner = ? and epoch = ?",
        (lease.topic, lease.group, lease.owner, lease.epoch),
    )
    if connection.changes() == 0:
        raise Conflict("lease_lost", "Another owner reads for this group now.")


def advance(connection: apsw.Connection, lease: Lease, moves: Mapping[str, tuple[int, int]]) -> bool:
    """Move positions from where this owner knows them to be, per producing stage `(from, to)`.

    False when they had been moved so already: an earlier attempt was durable though its answer was lost. Raises
    `Conflict("lease_lost")` for a stale owner.
    """
    beat(connection, lease)
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


def reset(connection: apsw.Connection, topic: str, group: str, following: Mapping[str, int], *, alive: Alive) -> None:
    """Move a group that nobody reads for, and fence whoever did; raises `Conflict("group_running")`."""
    if holder(connection, topic, group, alive=alive) is not None:
        raise Conflict("group_running", "Stop the group's consumer before moving it.")
    _seize(connection, topic, group, NOBODY)
    place(connection, topic, group, following)


def _seize(connection: apsw.Connection, topic: str, group: str, owner: str) -> int:
    epoch: int = connection.execute(
        "insert into lease values (?, ?, ?, 1, 0) on conflict (topic, reader) do update set"
        " owner = excluded.owner, epoch = epoch + 1, beats = 0 returning epoch",
        (topic, group, owner),
    ).get
    return epoch
