"""The statements on wrapped keys and tombstones: each function is one unit of work on a connection."""

from collections.abc import Mapping, Sequence

import apsw

from gateway.errors import Conflict, Invalid
from gateway.vault.wrapping import WrappedKey

# The pragma comes last because it yields a row, at which a list of statements would halt.
SCHEMA = """
create table if not exists keys (
    id integer primary key,
    owner text not null unique,
    key_id blob not null,
    master_id text not null,
    wrapped blob not null
);
create index if not exists keys_by_master on keys (master_id, id);
create table if not exists masters (
    id text primary key,
    proof blob not null
);
create table if not exists tombstones (
    owner text primary key
);
pragma secure_delete=on;
"""

COLUMNS = "owner, key_id, master_id, wrapped"


def find(connection: apsw.Connection, owner: str) -> WrappedKey | None:
    """An owner's wrapped key, if there is one."""
    row = connection.execute(f"select {COLUMNS} from keys where owner = ?", (owner,)).get
    return None if row is None else WrappedKey(*row)


def has_tombstone(connection: apsw.Connection, owner: str) -> bool:
    """Whether an owner has a tombstone."""
    return connection.execute("select 1 from tombstones where owner = ?", (owner,)).get is not None


def keep_first(connection: apsw.Connection, key: WrappedKey, proof: bytes) -> WrappedKey:
    """Keep a new key unless the owner has one; returns the one that holds. Raises `Invalid("erased")`."""
    if has_tombstone(connection, key.owner):
        raise Invalid("erased", "The owner's data was erased.")
    connection.execute("insert or ignore into masters (id, proof) values (?, ?)", (key.master_id, proof))
    connection.execute(
        f"insert or ignore into keys ({COLUMNS}) values (?, ?, ?, ?)",
        (key.owner, key.key_id, key.master_id, key.wrapped),
    )
    return find(connection, key.owner) or key


def erase(connection: apsw.Connection, owner: str) -> None:
    """Replace an owner's key by a tombstone, whether or not there was a key."""
    connection.execute("insert or ignore into tombstones (owner) values (?)", (owner,))
    connection.execute("delete from keys where owner = ?", (owner,))


def wrapped(connection: apsw.Connection, after: str, limit: int) -> Sequence[WrappedKey]:
    """Every wrapped key by owner, after an owner."""
    sql = f"select {COLUMNS} from keys where owner > ? order by owner limit ?"
    return [WrappedKey(*row) for row in connection.execute(sql, (after, limit))]


def owners_erased(connection: apsw.Connection, after: str, limit: int) -> Sequence[str]:
    """Every owner with a tombstone, in order, after an owner."""
    sql = "select owner from tombstones where owner > ? order by owner limit ?"
    return [owner for (owner,) in connection.execute(sql, (after, limit))]


def adopt(
    connection: apsw.Connection, masters: Mapping[str, bytes], keys: Sequence[WrappedKey], erased: Sequence[str]
) -> None:
    """Keep proofs, keys and tombstones of another vault; raises `Conflict("other_key")`."""
    connection.executemany("insert or ignore into masters (id, proof) values (?, ?)", masters.items())
    for owner in erased:
        erase(connection, owner)
    for key in keys:
        if not has_tombstone(connection, key.owner):
            connection.execute(
                f"insert or ignore into keys ({COLUMNS}) values (?, ?, ?, ?)",
                (key.owner, key.key_id, key.master_id, key.wrapped),
            )
            if find(connection, key.owner) != key:
                raise Conflict("other_key", "An owner has another key here.")


def proofs(connection: apsw.Connection) -> dict[str, bytes]:
    """The proofs of all master keys in use, by id."""
    return dict(connection.execute("select id, proof from masters"))


def under_other(connection: apsw.Connection, master_id: str, limit: int) -> Sequence[WrappedKey]:
    """Some of the keys that another master key wraps."""
    sql = f"select {COLUMNS} from keys where master_id < ?1 or master_id > ?1 limit ?2"
    return [WrappedKey(*row) for row in connection.execute(sql, (master_id, limit))]


def replace(connection: apsw.Connection, old: Sequence[WrappedKey], new: Sequence[WrappedKey]) -> int:
    """Put new wrappings in place of old ones that are still there; returns how many."""
    done = 0
    for before, after in zip(old, new, strict=True):
        connection.execute(
            "update keys set master_id = ?, wrapped = ? where owner = ? and wrapped = ?",
            (after.master_id, after.wrapped, before.owner, before.wrapped),
        )
        done += connection.changes()
    return done


def change_masters(connection: apsw.Connection, current_id: str, proof: bytes) -> None:
    """Drop the proofs of master keys that wrap nothing any more, and keep one of the current key."""
    connection.execute("insert or ignore into masters (id, proof) values (?, ?)", (current_id, proof))
    connection.execute(
        "delete from masters where id != ? and not exists (select 1 from keys where master_id = masters.id)",
        (current_id,),
    )
