"""Splits a value into what may be seen and what identifies a citizen, and joins the two again."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel

from schemas.base import Personal

Path = list[str | int]
Part = tuple[Path, Any]


def split_personal(values: Sequence[BaseModel]) -> tuple[list[dict[str, Any]], list[Part]]:
    """JSON of the values without any `Personal` part, and those parts with their paths (position first)."""
    public: list[dict[str, Any]] = []
    parts: list[Part] = []
    for at, value in enumerate(values):
        dumped = value.model_dump(mode="json")
        parts.extend(([at, *path], _take(dumped, path)) for path in list(_personal_paths(value, [])))
        public.append(dumped)
    return public, parts


def join_personal(public: Sequence[dict[str, Any]], parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Put the personal parts back where they were; `public` itself stays as it is."""
    joined = [_copy(value) for value in public]
    for path, part in parts:
        place: Any = joined
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = part
    return joined


def _personal_paths(value: object, at: Path) -> Iterator[Path]:
    if isinstance(value, Personal):
        yield at
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _personal_paths(getattr(value, name), [*at, name])
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _personal_paths(item, [*at, number])


def _take(dumped: Any, path: Path) -> Any:  # noqa: ANN401 - a path leads through any JSON value
    place = dumped
    for step in path[:-1]:
        place = place[step]
    part = place[path[-1]]
    if isinstance(place, dict):
        del place[path[-1]]
    else:
        place[path[-1]] = None
    return part


def _copy(value: Any) -> Any:  # noqa: ANN401 - JSON is any of its types
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copy(item) for item in value]
    return value
