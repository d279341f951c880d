"""Within `v1` the contract only grows: the newest release's schemas stay readable and writable."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from schemas.compatibility import breaking_changes
from schemas.inbound import Inbound
from schemas.json_schema import message_schema, messages
from tests.golden.releases import SCHEMAS, releases

Schema = dict[str, Any]
OLD = message_schema(Inbound)


def test_every_released_schema_is_still_kept() -> None:
    today = {f"{message.TYPE}.json": message_schema(message) for message in messages()}
    kept = [path for folder in releases() for path in sorted((folder / SCHEMAS).iterdir())]
    assert kept
    for path in kept:
        assert path.name in today, f"{path}: the message is gone"
        assert breaking_changes(json.loads(path.read_text(encoding="utf-8")), today[path.name]) == [], path


def test_the_same_schema_breaks_nothing() -> None:
    assert breaking_changes(OLD, copy.deepcopy(OLD)) == []


def adds_a_member(schema: Schema) -> None:
    schema["properties"]["priority"] = {"type": "integer", "default": 0}


def adds_a_definition(schema: Schema) -> None:
    schema["$defs"]["Weather"] = {"type": "object"}


def adds_a_value(schema: Schema) -> None:
    schema["$defs"]["Intake"]["enum"].append("kiosk")


def widens_a_bound(schema: Schema) -> None:
    schema["$defs"]["Contact"]["properties"]["name"]["anyOf"][0]["maxLength"] = 900


@pytest.mark.parametrize("change", [adds_a_member, adds_a_definition, adds_a_value, widens_a_bound])
def test_growing_is_allowed(change: Callable[[Schema], None]) -> None:
    new = copy.deepcopy(OLD)
    change(new)
    assert breaking_changes(OLD, new) == []


def removes_a_member(schema: Schema) -> None:
    del schema["properties"]["answers"]


def demands_a_member(schema: Schema) -> None:
    schema["required"].append("consent")


def changes_a_type(schema: Schema) -> None:
    schema["properties"]["trial"]["type"] = "string"


def narrows_a_pattern(schema: Schema) -> None:
    schema["properties"]["account"]["pattern"] = "^[0-9a-f]{64}$"


def removes_a_value(schema: Schema) -> None:
    schema["$defs"]["Intake"]["enum"].remove("letter")


def removes_a_definition(schema: Schema) -> None:
    del schema["$defs"]["Consent"]


def tightens_a_bound(schema: Schema) -> None:
    schema["$defs"]["Contact"]["properties"]["name"]["anyOf"][0]["maxLength"] = 20


def bounds_what_was_free(schema: Schema) -> None:
    schema["$defs"]["FileRef"]["properties"]["size"]["maximum"] = 10


def removes_a_variant(schema: Schema) -> None:
    schema["properties"]["consent"]["anyOf"] = [{"type": "null"}]


def unmarks_personal(schema: Schema) -> None:
    del schema["$defs"]["InboundPersonal"]["x-personal"]


def changes_what_a_list_holds(schema: Schema) -> None:
    schema["properties"]["attachments"]["items"] = {"type": "string"}


@pytest.mark.parametrize(
    "change",
    [
        removes_a_member,
        demands_a_member,
        changes_a_type,
        narrows_a_pattern,
        removes_a_value,
        removes_a_definition,
        tightens_a_bound,
        bounds_what_was_free,
        removes_a_variant,
        unmarks_personal,
        changes_what_a_list_holds,
    ],
)
def test_what_would_break_a_reader_or_writer_is_named(change: Callable[[Schema], None]) -> None:
    new = copy.deepcopy(OLD)
    change(new)
    assert breaking_changes(OLD, new)
