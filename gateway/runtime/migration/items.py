"""What is compared between two sides: a record's kind and name, with a digest of all that it says; pure."""

import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Item:
    """One record of one side; its name holds no personal value, since people are shown it."""

    kind: str
    name: str
    digest: bytes


def item(kind: str, name: str, *says: object) -> Item:
    """The item of a record that says this: dataclasses and JSON values, bytes, ids and aware times within them."""
    written = json.dumps([kind, name, *says], default=_plain, sort_keys=True, separators=(",", ":"))
    return Item(kind, name, hashlib.sha256(written.encode()).digest())


def _plain(value: object) -> object:
    match value:
        case bytes():
            return hashlib.sha256(value).hexdigest()
        case datetime():
            return value.astimezone(UTC).isoformat()
        case UUID():
            return str(value)
        case _ if is_dataclass(value):
            return [getattr(value, field.name) for field in fields(value)]
        case _:
            raise TypeError(type(value).__name__)


async def paged(ask: Callable[[T | None], Awaitable[Sequence[T]]]) -> AsyncIterator[T]:
    """Everything that is given out in pages; `ask` gives the page after a value, the first one after None."""
    async for page in pages(ask):
        for one in page:
            yield one


async def pages(ask: Callable[[T | None], Awaitable[Sequence[T]]]) -> AsyncIterator[Sequence[T]]:
    """The same a page at a time; none of them is empty."""
    last: T | None = None
    while page := await ask(last):
        yield page
        last = page[-1]
