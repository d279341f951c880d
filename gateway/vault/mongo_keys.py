"""The operations on wrapped keys and tombstones: a key is inserted once, and a tombstone beats it whenever it came."""

import asyncio
from collections.abc import Mapping, Sequence

from pymongo import ASCENDING, IndexModel
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from gateway.errors import Conflict, Invalid, Unavailable
from gateway.mongo.connection import Connection, Doc
from gateway.vault.wrapping import WrappedKey

KEYS = "vault_keys"
MASTERS = "vault_masters"
TOMBSTONES = "vault_tombstones"

INDEXES = {KEYS: [IndexModel([("master_id", ASCENDING)])], MASTERS: [], TOMBSTONES: []}


async def refuse_erased(connection: Connection, owner: str) -> None:
    """Raise `Invalid("erased")` for an owner with a tombstone."""
    if await connection[TOMBSTONES].find_one({"_id": owner}) is not None:
        raise Invalid("erased", "The owner's data was erased.")


async def find(connection: Connection, owner: str) -> WrappedKey | None:
    """An owner's wrapped key, if there is one."""
    doc = await connection[KEYS].find_one({"_id": owner})
    return None if doc is None else _key_of(doc)


async def find_unless_erased(connection: Connection, owner: str) -> WrappedKey | None:
    """The same, or `Invalid("erased")`; both are asked at once, and a tombstone beats the key whichever came first."""
    _, key = await asyncio.gather(refuse_erased(connection, owner), find(connection, owner))
    return key


async def keep_first(connection: Connection, key: WrappedKey, proof: bytes | None) -> WrappedKey:
    """Keep a new key unless the owner has one; returns the one that holds. Raises `Invalid("erased")`.

    The tombstone is looked for after the key is there: an erasure that came in between removed a key that was not there
    yet, and its tombstone is seen now. A maker that dies before it looked leaves a key under which nothing was sealed.
    `proof` is the master key's, None where it is there already.
    """
    if proof is not None:
        await _insert_once(connection, MASTERS, {"_id": key.master_id, "proof": proof})
    inserted = await _insert_once(connection, KEYS, _doc_of(key))
    held = key if inserted else await find(connection, key.owner)
    try:
        await refuse_erased(connection, key.owner)
    except Invalid:
        await connection[KEYS].delete_one({"_id": key.owner})
        raise
    if held is None:
        raise Unavailable("key_vanished", "A data key was taken away without a tombstone.")
    return held


async def erase(connection: Connection, owner: str) -> None:
    """Put up a tombstone, then take the key away, whether or not there was one."""
    await _insert_once(connection, TOMBSTONES, {"_id": owner})
    await connection[KEYS].delete_one({"_id": owner})


async def wrapped(connection: Connection, after: str, limit: int) -> Sequence[WrappedKey]:
    """Every wrapped key by owner, after an owner."""
    asked = connection[KEYS].find({"_id": {"$gt": after}}).sort([("_id", ASCENDING)]).limit(limit)
    return [_key_of(doc) async for doc in asked]


async def owners_erased(connection: Connection, after: str, limit: int) -> Sequence[str]:
    """Every owner with a tombstone, in order, after an owner."""
    asked = connection[TOMBSTONES].find({"_id": {"$gt": after}}).sort([("_id", ASCENDING)]).limit(limit)
    return [doc["_id"] async for doc in asked]


async def masters(connection: Connection) -> dict[str, bytes]:
    """The proofs of all master keys in use, by id."""
    return {doc["_id"]: doc["proof"] async for doc in connection[MASTERS].find()}


async def adopt(
    connection: Connection, masters: Mapping[str, bytes], keys: Sequence[WrappedKey], erased: Sequence[str]
) -> None:
    """Keep proofs, keys and tombstones of another vault, a page of them side by side; raises `Conflict`."""
    await asyncio.gather(
        *(_insert_once(connection, MASTERS, {"_id": name, "proof": masters[name]}) for name in masters)
    )
    await asyncio.gather(*(erase(connection, owner) for owner in erased))
    await asyncio.gather(*(_adopt_key(connection, key) for key in keys))


async def _adopt_key(connection: Connection, key: WrappedKey) -> None:
    await _insert_once(connection, KEYS, _doc_of(key))
    held = await find(connection, key.owner)
    if await connection[TOMBSTONES].find_one({"_id": key.owner}) is not None:
        await connection[KEYS].delete_one({"_id": key.owner})
    elif held != key:
        raise Conflict("other_key", "An owner has another key here.")


def proofs(database: Database[Doc]) -> dict[str, bytes]:
    """The proofs of all master keys in use, by id."""
    return {doc["_id"]: doc["proof"] for doc in database[MASTERS].find()}


async def under_other(connection: Connection, master_id: str, limit: int) -> Sequence[WrappedKey]:
    """Some of the keys that another master key wraps."""
    asked = connection[KEYS].find({"master_id": {"$ne": master_id}}).limit(limit)
    return [_key_of(doc) async for doc in asked]


async def replace(connection: Connection, old: Sequence[WrappedKey], new: Sequence[WrappedKey]) -> int:
    """Put new wrappings in place of old ones that are still there; returns how many."""
    done = 0
    for before, after in zip(old, new, strict=True):
        same = {"_id": before.owner, "wrapped": before.wrapped}
        changed = {"$set": {"master_id": after.master_id, "wrapped": after.wrapped}}
        done += (await connection[KEYS].update_one(same, changed)).modified_count
    return done


async def change_masters(connection: Connection, current_id: str, proof: bytes) -> None:
    """Drop the proofs of master keys that wrap nothing any more, and keep one of the current key."""
    await _insert_once(connection, MASTERS, {"_id": current_id, "proof": proof})
    async for doc in connection[MASTERS].find({"_id": {"$ne": current_id}}):
        if await connection[KEYS].find_one({"master_id": doc["_id"]}) is None:
            await connection[MASTERS].delete_one({"_id": doc["_id"]})


async def _insert_once(connection: Connection, name: str, doc: Doc) -> bool:
    """Insert unless somebody was first, which is as good; whether this was first."""
    try:
        await connection[name].insert_one(doc)
    except DuplicateKeyError:
        return False
    return True


def _doc_of(key: WrappedKey) -> Doc:
    return {"_id": key.owner, "key_id": key.key_id, "master_id": key.master_id, "wrapped": key.wrapped}


def _key_of(doc: Doc) -> WrappedKey:
    return WrappedKey(doc["_id"], doc["key_id"], doc["master_id"], doc["wrapped"])
