"""Filters, order and counts mean what MongoDB says, whatever lies in a field and whichever index serves them.

The stand-in leaves a part of each question to its indexes (decision 0019); what it may leave to them is told apart by
what was ever stored, which these documents have some of everything of.
"""

import operator
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database

from tests.servers import mongo

Doc = dict[str, Any]

WORDS = ("", "a", "b", "ab", "a b", 'a"b', "a!", "[x", '["a"]', "\\", "<b", "é", "\U0001f600", "1", "true", "null", "a")
NUMBERS = (-3, 0, 1, 2, 5, 12, 2**40, 10**15, 10**15 + 1)
OTHERS = (None, True, 5.0, 1.5, datetime(1970, 1, 1, tzinfo=UTC), ObjectId("0" * 24), b"a", {"a": 1})
LISTS: tuple[list[str | int], ...] = ([], ["a"], ["a", "b"], ["b", 5], [1, 2])
FIELDS: Mapping[str, tuple[Any, ...]] = {
    "word": WORDS,
    "number": NUMBERS,
    "either": (*WORDS, *NUMBERS, None),
    "list": (*([word] for word in WORDS), ["a", "b"], []),
    "any": (*WORDS, *NUMBERS, *OTHERS, *LISTS),
}
"""What each field may hold, if it is there."""

SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
    "$eq": operator.eq,
}
COUNT, QUESTIONS = 150, 400


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database[Doc]]:
    with MongoClient[Doc](mongo.url_of(tmp_path)) as client:
        yield client.get_default_database()


@pytest.mark.parametrize("seed", range(3))
def test_what_is_found_and_in_which_order_is_what_the_question_says(database: Database[Doc], seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    docs = [{"_id": f"{place:03}", "place": place, **_fields(chance)} for place in range(COUNT)]
    for keys in (("word", "number"), ("either", "word"), ("number", "place"), ("list", "word"), ("any", "word")):
        # Each alone, as the adapters do it.
        database["some"].create_index([(key, 1) for key in keys])
    database["some"].create_index([("word", 1), ("place", 1)], unique=True)
    database["some"].insert_many(docs)
    for _ in range(QUESTIONS):
        wanted = {name: _condition(chance) for name in chance.sample([*FIELDS], chance.randint(1, 2))}
        order = [(name, chance.choice((1, -1))) for name in chance.sample(("word", "number", "either"), 2)]
        limit = chance.choice((0, 1, 7))
        matching = [doc for doc in docs if all(_matches(doc, name, said) for name, said in wanted.items())]
        expected = [doc["_id"] for doc in _sorted(matching, order)]
        found = database["some"].find(wanted).sort([*order, ("_id", 1)]).limit(limit)
        assert [doc["_id"] for doc in found] == (expected[:limit] if limit else expected), (wanted, order)
        assert database["some"].count_documents(wanted) == len(matching), wanted


def _fields(chance: random.Random) -> Doc:
    return {name: chance.choice(values) for name, values in FIELDS.items() if chance.random() < 0.95}


def _condition(chance: random.Random) -> object:
    values = (*WORDS, *NUMBERS)
    kind = chance.randrange(4)
    if kind == 0:
        return chance.choice(values)
    if kind == 1:
        return {"$in": [chance.choice(values) for _ in range(chance.randint(1, 3))]}
    signs = chance.sample([*SIGNS], kind - 1)
    return {sign: chance.choice(values) for sign in signs}


def _matches(doc: Doc, name: str, said: object) -> bool:
    """A comparison is of one type, and of any element of a list."""
    if name not in doc:
        return False
    held = doc[name] if isinstance(doc[name], list) else [doc[name]]
    conditions: Mapping[str, Any] = said if isinstance(said, dict) else {"$eq": said}
    return all(any(_holds(sign, one, value) for one in held) for sign, value in conditions.items())


def _holds(sign: str, one: object, value: object) -> bool:
    if sign == "$in":
        return isinstance(value, list) and any(_holds("$eq", one, other) for other in value)
    if isinstance(value, str):
        return isinstance(one, str) and SIGNS[sign](one.encode(), value.encode())
    number = isinstance(one, int | float) and not isinstance(one, bool)
    return number and SIGNS[sign](one, value)


def _sorted(docs: list[Doc], order: list[tuple[str, int]]) -> list[Doc]:
    """Nothing comes before numbers, and numbers before strings."""
    found = sorted(docs, key=lambda doc: str(doc["_id"]))
    for name, way in reversed(order):
        found.sort(key=lambda doc, name=name: _rank(doc.get(name)), reverse=way < 0)  # type: ignore[misc]  # bound at once
    return found


def _rank(value: object) -> tuple[int, int, bytes]:
    if value is None:
        return (0, 0, b"")
    return (1, value, b"") if isinstance(value, int) else (2, 0, str(value).encode())
