"""The operations on claims: an insert under a unique key decides, and a replacement of exactly what was read."""

from collections.abc import Sequence

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from gateway.mongo.connection import Connection, Doc
from gateway.store.port import Claim
from gateway.store.rows import instant, latest_believed

CLAIMS = "claims"


async def claim(connection: Connection, key: str, value: bytes, until: int | None, now: int) -> bytes:
    """Insert, take over what lapsed, or extend one's own; returns the value that holds (times in microseconds).

    A claim without `until` never lapses and is never given an end by repeating it. Each further round is because
    somebody else changed the claim in between.
    """
    claims = connection[CLAIMS]
    wanted: Doc = {"_id": key, "value": value, "until": until}
    while True:
        held = await claims.find_one({"_id": key})
        if held is None:
            try:
                await claims.insert_one(wanted)
            except DuplicateKeyError:
                continue
            return value
        if not _gives_way(held, value, until, now):
            return bytes(held["value"])
        if (await claims.replace_one(held, wanted)).matched_count:
            return value


def _gives_way(held: Doc, value: bytes, until: int | None, now: int) -> bool:
    """Whether a claim may be replaced: it lapsed, its holder extends it, or a clock that ran ahead wrote its end."""
    if held["until"] is None:
        return False
    extended = held["value"] == value and (until is None or until > held["until"])
    ahead = until is not None and held["until"] > latest_believed(until, now)
    return extended or ahead or bool(held["until"] < now)


async def holder(connection: Connection, key: str) -> bytes | None:
    """The value under a key, or None."""
    held = await connection[CLAIMS].find_one({"_id": key})
    return None if held is None else bytes(held["value"])


async def claims(connection: Connection, after: str, limit: int) -> Sequence[Claim]:
    """Every claim by key, after a key."""
    asked = connection[CLAIMS].find({"_id": {"$gt": after}}).sort([("_id", ASCENDING)]).limit(limit)
    return [
        Claim(doc["_id"], bytes(doc["value"]), None if doc["until"] is None else instant(doc["until"]))
        async for doc in asked
    ]


async def release(connection: Connection, key: str, value: bytes) -> bool:
    """Delete a claim that holds this value; whether there was one."""
    return (await connection[CLAIMS].delete_one({"_id": key, "value": value})).deleted_count > 0
