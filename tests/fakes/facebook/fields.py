"""Understands field expansion (Graph API, "Field Expansion") and shows of an object only what was asked for."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r"[\w]+|[.(){},]")
Edges = Callable[[str, Mapping[str, str]], dict[str, Any] | None]
"""What lies behind a field that is an edge, by its name and modifiers; None for a plain member."""


@dataclass(frozen=True)
class Field:
    """A field asked for: its name, modifiers such as `limit(25)`, and what of it is wanted (nothing said: all)."""

    name: str
    modifiers: Mapping[str, str] = field(default_factory=dict)
    of_it: tuple["Field", ...] = ()


def fields_of(asked: str) -> tuple[Field, ...]:
    """The fields of a request; raises `ValueError` for what is none."""
    tokens = _TOKEN.findall(asked)
    if "".join(tokens) != asked:
        raise ValueError(asked)
    found, rest = _fields(tokens)
    if rest:
        raise ValueError(asked)
    return found


def shown(thing: Mapping[str, Any], wanted: tuple[Field, ...], edges: Edges) -> dict[str, Any]:
    """The object with what is wanted of it; its id is always there, and what it lacks is left out."""
    found = {"id": thing["id"]} if "id" in thing else {}
    for one in wanted:
        behind = edges(one.name, one.modifiers)
        value = thing.get(one.name) if behind is None else behind
        if value is not None:
            found[one.name] = _part(value, one.of_it)
    return found


def _part(value: Any, wanted: tuple[Field, ...]) -> Any:  # noqa: ANN401 - JSON is any of its types
    if not wanted or not isinstance(value, dict):
        return value
    if "data" in value:
        return {**value, "data": [_part(one, wanted) for one in value["data"]]}
    return shown(value, wanted, lambda _name, _modifiers: None)


def _fields(tokens: list[str]) -> tuple[tuple[Field, ...], list[str]]:
    found: list[Field] = []
    while tokens and tokens[0] != "}":
        if found:
            _take(tokens, ",")
        name = tokens.pop(0)
        modifiers = dict(_modifiers(tokens))
        of_it: tuple[Field, ...] = ()
        if tokens and tokens[0] == "{":
            of_it, tokens = _fields(tokens[1:])
            _take(tokens, "}")
        found.append(Field(name, modifiers, of_it))
    return tuple(found), tokens


def _modifiers(tokens: list[str]) -> Iterator[tuple[str, str]]:
    while tokens and tokens[0] == ".":
        _take(tokens, ".")
        name = tokens.pop(0)
        _take(tokens, "(")
        value = tokens.pop(0)
        _take(tokens, ")")
        yield name, value


def _take(tokens: list[str], expected: str) -> None:
    if not tokens or tokens.pop(0) != expected:
        raise ValueError(expected)
