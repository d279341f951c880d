"""Projected documents as services see them: written only forward, found by term."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Document:
    """A projected document; `body` is JSON-like without personal values, `sealed` their sealed part."""

    kind: str
    key: str
    version: int
    body: Mapping[str, Any]
    owner: str = ""
    sealed: bytes = b""
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A document in the order of writing: `place` grows with each write among those of a kind."""

    place: int
    document: Document


class Documents(Protocol):
    """Where projections keep what they folded."""

    async def put(self, document: Document) -> bool:
        """Write it if the stored version is lower; False when it was not. Terms replace the earlier ones."""

    async def get(self, kind: str, key: str) -> Document | None:
        """One document, or None."""

    async def find(self, kind: str, term: str, *, limit: int = 100, after: str = "") -> Sequence[Document]:
        """Documents under a term, by key, after a key: for paging."""

    async def newest(self, kind: str, *, limit: int = 100) -> Sequence[Document]:
        """Most recently written documents first."""

    async def kinds(self) -> Sequence[str]:
        """Every kind of which there are documents, sorted."""

    async def written(self, kind: str, *, after: Written | None = None, limit: int = 500) -> Sequence[Written]:
        """Every document of a kind, the one first whose last write was longest ago, after one of them."""

    async def count(self, kind: str, term: str) -> int:
        """How many documents of a kind are found under a term."""

    async def clear(self, kind: str) -> None:
        """Forget all documents of a kind, before they are rebuilt."""

    async def close(self) -> None:
        """Finish what is under way and release everything."""
