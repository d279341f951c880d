"""Takes a webhook request apart into its single events, so that one that cannot be read harms no other."""

import gzip
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from gateway.domain.strict_json import read_json
from gateway.errors import Invalid
from schemas.raw import Raw

LARGEST = 4_000_000
"""Bytes of an unpacked request; above what `receive` takes, so that a lower limit there never hides a payload."""


class Kind(Enum):
    """Where an event stood."""

    MESSAGING = "messaging"
    CHANGE = "changes"
    UNREADABLE = "unreadable"
    OTHER_OBJECT = "other_object"
    EMPTY = "empty"


_LISTS = {"messaging": Kind.MESSAGING, "standby": Kind.MESSAGING, "changes": Kind.CHANGE}
"""`standby` is `messaging` while another app of the page has the conversation."""


@dataclass(frozen=True, slots=True)
class Item:
    """One event: the page it is of, the time of its entry as told, and its value; `digest` names its content."""

    kind: Kind
    page: str
    time: object
    value: Any = field(repr=False)
    digest: str

    def source(self) -> bytes:
        """This event's part of the request, as JSON."""
        return _canonical(self.value)


def items_of(raw: Raw) -> tuple[Item, ...]:
    """Every event of a request, in order and at least one; raises nothing, whatever the payload is."""
    try:
        payload = read_json(_unpacked(raw), max_bytes=LARGEST, texts_checked=False)
    except Invalid:
        digest = hashlib.sha256(raw.personal.payload).hexdigest()
        return (Item(Kind.UNREADABLE, raw.endpoint, None, None, digest),)
    if not isinstance(payload, dict) or payload.get("object") != "page":
        return (_item(Kind.OTHER_OBJECT, raw.endpoint, None, payload),)
    entries = payload.get("entry")
    if not isinstance(entries, list) or not entries:
        return (_item(Kind.EMPTY, raw.endpoint, None, payload),)
    return tuple(item for entry in entries for item in _items_of_entry(entry, raw.endpoint))


def _items_of_entry(entry: object, endpoint: str) -> Iterator[Item]:
    if not isinstance(entry, dict):
        yield _item(Kind.UNREADABLE, endpoint, None, entry)
        return
    page, time = str(entry.get("id", "")), entry.get("time")
    found = [
        _item(kind if isinstance(value, dict) else Kind.UNREADABLE, page, time, value)
        for name, kind in _LISTS.items()
        for value in _listed(entry.get(name))
    ]
    yield from found or [_item(Kind.EMPTY, page, time, entry)]


def _listed(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _item(kind: Kind, page: str, time: object, value: object) -> Item:
    named = hashlib.sha256(page.encode("utf-8", "replace") + b"\0" + _canonical(_as_texts(value))).hexdigest()
    return Item(kind, page, time, value, named)


def _as_texts(value: object) -> object:
    """The same with whole numbers as texts: an id names the same event whichever of the two it comes as."""
    if isinstance(value, dict):
        return {name: _as_texts(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_as_texts(item) for item in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _unpacked(raw: Raw) -> bytes:
    payload = raw.personal.payload
    if raw.personal.headers.get("content-encoding") != "gzip":
        return payload
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(payload)) as packed:
            return packed.read(LARGEST + 1)
    except (OSError, EOFError) as error:
        raise Invalid("unreadable", "The packed payload is damaged.") from error
