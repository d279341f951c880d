"""Takes members out of a foreign JSON value as what they must be, or says that it cannot be read."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gateway.errors import Invalid

Json = Mapping[str, Any]

_ID = re.compile(r"[!-~]{1,300}")
_OBJECT = re.compile(r"[\w-]{1,200}", re.ASCII)
_MILLISECONDS_FROM = 100_000_000_000
"""Seconds reach this in the year 5138, milliseconds had it in 1973: Facebook uses both."""


def mapping(value: Json, name: str) -> Json:
    """An object; empty when it is absent or null. Raises `Invalid`."""
    found = value.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise unreadable()
    return found


def sequence(value: Json, name: str) -> list[Any]:
    """A list; empty when it is absent or null. Raises `Invalid`."""
    found = value.get(name)
    if found is None:
        return []
    if not isinstance(found, list):
        raise unreadable()
    return found


def words(value: Json, name: str) -> str:
    """A text; empty when it is absent or null. Raises `Invalid`."""
    found = value.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise unreadable()
    return found


def name_of(value: Json, name: str) -> str:
    """An id as text, whatever JSON type it came as; empty when it is absent. Raises `Invalid`."""
    found = value.get(name)
    if found is None or found == "":
        return ""
    text = str(found) if isinstance(found, int) and not isinstance(found, bool) else found
    if not isinstance(text, str) or _ID.fullmatch(text) is None:
        raise unreadable()
    return text


def required(value: Json, name: str) -> str:
    """The same for an id without which nothing can be said. Raises `Invalid`."""
    found = name_of(value, name)
    if not found:
        raise unreadable()
    return found


def object_of(value: Json, name: str) -> str:
    """The id of a person, comment or post, which calls to Facebook name in their path; empty when it is absent.

    Raises `Invalid`.
    """
    found = name_of(value, name)
    if found and _OBJECT.fullmatch(found) is None:
        raise unreadable()
    return found


def required_object(value: Json, name: str) -> str:
    """The same for one without which nothing can be said. Raises `Invalid`."""
    found = object_of(value, name)
    if not found:
        raise unreadable()
    return found


def instant(told: object, received_at: datetime) -> datetime:
    """A time in seconds or milliseconds since 1970, as number or text; never after its receipt, which stands in."""
    text = str(told) if isinstance(told, int | str) and not isinstance(told, bool) else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        return received_at
    number = int(text)
    seconds = number / 1000 if number >= _MILLISECONDS_FROM else float(number)
    return received_at if seconds >= received_at.timestamp() else datetime.fromtimestamp(seconds, UTC)


def unreadable() -> Invalid:
    """What is raised for a member that is not what it must be."""
    return Invalid("unreadable", "A member is missing or of another type.")
