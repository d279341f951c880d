"""Says what in a newer JSON Schema would break those who read or write by an older one: within `v1` only add."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

BOUNDS_UP = ("maxLength", "maximum", "maxItems")
"""Bounds that may not shrink: what was accepted must stay accepted."""

BOUNDS_DOWN = ("minLength", "minimum", "minItems")


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Each incompatible change as one line `place: what`; an empty list when the newer schema only adds.

    Definitions are compared by name, members by path. Refused are: a definition or member that is gone, a member that
    became required, another type, pattern, format or reference, a closed set that lost a value, a tighter bound, and
    a member that lost its `x-personal` mark.
    """
    found = list(_compared("", old, new))
    for name, definition in old.get("$defs", {}).items():
        if name not in new.get("$defs", {}):
            found.append(f"{name}: definition is gone")
        else:
            found.extend(_compared(name, definition, new["$defs"][name]))
    return found


def _compared(place: str, old: Schema, new: Schema) -> Iterator[str]:
    yield from _own(place, old, new)
    for name, member in old.get("properties", {}).items():
        inside = f"{place}.{name}" if place else name
        if name not in new.get("properties", {}):
            yield f"{inside}: member is gone"
        else:
            yield from _compared(inside, member, new["properties"][name])
    for name in new.get("required", []):
        if name not in old.get("required", []):
            yield f"{place}.{name}: became required".lstrip(".")
    for keyword in ("items", "additionalProperties"):
        if isinstance(old.get(keyword), dict):
            yield from _compared(f"{place}[]", old[keyword], new.get(keyword) or {})
    for keyword in ("anyOf", "oneOf"):
        yield from _variants(place, old.get(keyword, []), new.get(keyword, []))


def _own(place: str, old: Schema, new: Schema) -> Iterator[str]:
    for keyword in ("type", "pattern", "format", "$ref", "const"):
        if old.get(keyword) != new.get(keyword) and (keyword in old or keyword in ("pattern", "const")):
            yield f"{place}: {keyword} changed"
    values: list[Any] = old.get("enum", [])
    left: list[Any] = new.get("enum", values)
    if any(value not in left for value in values):
        yield f"{place}: a value is gone"
    for keyword in BOUNDS_UP:
        if keyword in new and new[keyword] < old.get(keyword, float("inf")):
            yield f"{place}: {keyword} is tighter"
    for keyword in BOUNDS_DOWN:
        if keyword in new and new[keyword] > old.get(keyword, float("-inf")):
            yield f"{place}: {keyword} is tighter"
    if old.get("x-personal") and not new.get("x-personal"):
        yield f"{place}: no longer marked personal"


def _variants(place: str, old: list[Schema], new: list[Schema]) -> Iterator[str]:
    for variant in old:
        if not any(not list(_compared(place, variant, candidate)) for candidate in new):
            yield f"{place}: a variant is gone or changed"
