"""Projected documents on one machine: one SQLite file, written only forward, discardable."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from gateway.projections import sqlite_documents
from gateway.projections.body import body_text
from gateway.projections.port import Document, Written
from gateway.sqlite.reader import Reader
from gateway.sqlite.writer import Writer


class SqliteDocuments:
    """`gateway.projections.port.Documents` on one file, shared by any number of processes of one machine."""

    def __init__(self, path: Path) -> None:
        """Open or create the file; raises `Unavailable`."""
        self._writer = Writer(path, schema=sqlite_documents.SCHEMA)
        self._reader = Reader(path)

    async def put(self, document: Document) -> bool:
        """Write it if the stored version is lower; False when it was not. Terms replace the earlier ones.

        Durable on return. Raises `Invalid("document_not_json")` for a body that JSON cannot hold.
        """
        body = body_text(document.body)
        return await self._writer.run(partial(sqlite_documents.put, document=document, body=body))

    async def get(self, kind: str, key: str) -> Document | None:
        """One document, or None."""
        return await self._reader.run(partial(sqlite_documents.get, kind=kind, key=key))

    async def find(self, kind: str, term: str, *, limit: int = 100, after: str = "") -> Sequence[Document]:
        """Documents under a term, by key, after a key: for paging."""
        work = partial(sqlite_documents.find, kind=kind, term=term, limit=max(limit, 0), after=after)
        return await self._reader.run(work)

    async def newest(self, kind: str, *, limit: int = 100) -> Sequence[Document]:
        """Most recently written documents first."""
        return await self._reader.run(partial(sqlite_documents.newest, kind=kind, limit=max(limit, 0)))

    async def kinds(self) -> Sequence[str]:
        """Every kind of which there are documents, sorted."""
        return await self._reader.run(sqlite_documents.kinds)

    async def written(self, kind: str, *, after: Written | None = None, limit: int = 500) -> Sequence[Written]:
        """Every document of a kind by its last write, after one of them."""
        work = partial(sqlite_documents.written, kind=kind, after=after, limit=max(limit, 0))
        return await self._reader.run(work)

    async def count(self, kind: str, term: str) -> int:
        """How many documents of a kind are found under a term."""
        return await self._reader.run(partial(sqlite_documents.count, kind=kind, term=term))

    async def clear(self, kind: str) -> None:
        """Forget all documents of a kind, in steps between which others may write; repeat it after a crash."""
        while await self._writer.run(partial(sqlite_documents.clear_some, kind=kind)):
            continue

    async def close(self) -> None:
        """Finish what is under way and close the file."""
        await self._writer.close()
        await self._reader.close()
