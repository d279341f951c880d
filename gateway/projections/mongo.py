"""Projected documents for many machines: one document each in one MongoDB database, written only forward."""

import json
import time
from collections.abc import Sequence

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from gateway.mongo.connection import Connection, Doc
from gateway.mongo.errors import as_ours
from gateway.projections.body import body_text
from gateway.projections.port import Document, Written

DOCUMENTS = "documents"
INDEXES = {
    DOCUMENTS: [
        IndexModel([("kind", ASCENDING), ("terms", ASCENDING), ("key", ASCENDING)]),
        IndexModel([("kind", ASCENDING), ("written", DESCENDING)]),
        IndexModel([("kind", ASCENDING), ("written", ASCENDING), ("key", ASCENDING)]),
    ]
}


class MongoDocuments:
    """`gateway.projections.port.Documents` on one database, shared by any number of processes."""

    def __init__(self, url: str) -> None:
        """Make the indexes; raises `Unavailable`."""
        self._connection = Connection(url, INDEXES)
        self._written = 0

    async def put(self, document: Document) -> bool:
        """Write it if the stored version is lower; False when it was not. Terms replace the earlier ones.

        Durable on return. Raises `Invalid("document_not_json")` for a body that JSON cannot hold.
        """
        older = {"_id": _id(document.kind, document.key), "version": {"$lt": document.version}}
        written = {
            "kind": document.kind,
            "key": document.key,
            "version": document.version,
            "written": self._later(),
            "owner": document.owner,
            "body": body_text(document.body),
            "sealed": document.sealed,
            "terms": list(document.terms),
        }
        with as_ours():
            try:
                await self._connection[DOCUMENTS].update_one(older, {"$set": written}, upsert=True)
            except DuplicateKeyError:
                return False
        return True

    async def get(self, kind: str, key: str) -> Document | None:
        """One document, or None."""
        with as_ours():
            doc = await self._connection[DOCUMENTS].find_one({"_id": _id(kind, key)})
        return None if doc is None else _document(doc)

    async def find(self, kind: str, term: str, *, limit: int = 100, after: str = "") -> Sequence[Document]:
        """Documents under a term, by key, after a key: for paging."""
        wanted = {"kind": kind, "terms": term, "key": {"$gt": after}}
        return await self._read(wanted, [("key", ASCENDING)], limit)

    async def newest(self, kind: str, *, limit: int = 100) -> Sequence[Document]:
        """Most recently written documents first, as far as the clocks of several machines agree."""
        return await self._read({"kind": kind}, [("written", DESCENDING)], limit)

    async def kinds(self) -> Sequence[str]:
        """Every kind of which there are documents, sorted."""
        with as_ours():
            return sorted(await self._connection[DOCUMENTS].distinct("kind"))

    async def written(self, kind: str, *, after: Written | None = None, limit: int = 500) -> Sequence[Written]:
        """Every document of a kind by its last write, after one of them; two machines may write at one instant."""
        rest: list[Doc] = [{"kind": kind}]
        if after is not None:
            same = {"written": after.place, "key": {"$gt": after.document.key}}
            rest = [{"kind": kind, **same}, {"kind": kind, "written": {"$gt": after.place}}]
        found: list[Written] = []
        with as_ours():
            for wanted in rest:
                if len(found) < limit:
                    asked = self._connection[DOCUMENTS].find(wanted).sort([("written", ASCENDING), ("key", ASCENDING)])
                    found += [Written(doc["written"], _document(doc)) async for doc in asked.limit(limit - len(found))]
        return found

    async def count(self, kind: str, term: str) -> int:
        """How many documents of a kind are found under a term."""
        with as_ours():
            return await self._connection[DOCUMENTS].count_documents({"kind": kind, "terms": term})

    async def clear(self, kind: str) -> None:
        """Forget all documents of a kind; repeat it after a crash."""
        with as_ours():
            await self._connection[DOCUMENTS].delete_many({"kind": kind})

    async def close(self) -> None:
        """Give up the connection."""
        await self._connection.close()

    async def _read(self, wanted: Doc, order: list[tuple[str, int]], limit: int) -> Sequence[Document]:
        if limit <= 0:
            return []
        with as_ours():
            asked = self._connection[DOCUMENTS].find(wanted).sort(order).limit(limit)
            return [_document(doc) async for doc in asked]

    def _later(self) -> int:
        """Microseconds since 1970, never the same twice in this process."""
        self._written = max(self._written + 1, time.time_ns() // 1000)
        return self._written


def _id(kind: str, key: str) -> str:
    return json.dumps([kind, key], ensure_ascii=False, separators=(",", ":"))


def _document(doc: Doc) -> Document:
    return Document(
        doc["kind"],
        doc["key"],
        doc["version"],
        json.loads(doc["body"]),
        doc["owner"],
        doc["sealed"],
        tuple(doc["terms"]),
    )
