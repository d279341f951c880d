"""Reads a webhook's body within bounds, and its values whatever JSON type they came as."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.errors import Invalid

MAX_BODY = 700_000
"""Bytes; as base64 in an envelope it still fits into one record of the bus. Zalo's own events have a few kilobytes."""

MAX_NAME = 200
EARLIEST = timedelta(days=366)
"""A time further back than this is no time: the oldest sample has a digit too few."""

Members = Mapping[str, Any]


def members_of(body: bytes) -> Members:
    """The members of the body's one JSON object; raises `Invalid("unreadable")`, which names no value.

    Half a surrogate pair is let through, unlike by `gateway.domain.strict_json`: a cut emoji must not cost a citizen
    the message, and cleaning the text repairs it. Nothing else is lenient: UTF-8 only, no member twice.
    """
    if len(body) > MAX_BODY:
        raise Invalid("unreadable", "The body is larger than allowed.")
    try:
        found = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Invalid("unreadable", "The body is not JSON in UTF-8.") from error
    if not isinstance(found, dict):
        raise Invalid("unreadable", "The body is not one object.")
    return found


def answered(content: bytes | None) -> Members | None:
    """The members of an answer of Zalo's; None when it is no JSON object."""
    try:
        return None if content is None else members_of(content)
    except Invalid:
        return None


def member(found: object, *path: str) -> Any:  # noqa: ANN401 - JSON is any of its types
    """The value at a path of members; None when anything on the way is missing or no object."""
    for name in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def items(found: object, *path: str) -> Sequence[Any]:
    """The list at a path; empty when there is none."""
    value = member(found, *path)
    return value if isinstance(value, list) else ()


def words(found: object, *path: str) -> str:
    """The text or whole number at a path, as text: ids come as both, and none may become a float."""
    value = member(found, *path)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def name_at(found: object, *path: str) -> str:
    """An id of the platform's, bounded; such ids become parts of keys, which must be well-formed Unicode."""
    return words(found, *path)[:MAX_NAME].encode("utf-8", "replace").decode("utf-8")


def instant(milliseconds: str, received_at: datetime) -> datetime:
    """The platform's own time as aware UTC, never after `received_at`, which also stands in for an absurd one."""
    if not (milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) <= 15):
        return received_at
    told = datetime.fromtimestamp(int(milliseconds) // 1000, UTC) + timedelta(milliseconds=int(milliseconds) % 1000)
    return min(told, received_at) if told > received_at - EARLIEST else received_at


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands there twice")
    return found


def _refuse(_: str) -> None:
    raise ValueError("no number")
