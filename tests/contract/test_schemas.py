"""The contract's files say what the models say: generated files, examples, and marks on personal values."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

import schemas
from schemas.__main__ import FOLDER, generated, outdated, write
from schemas.base import Contract, Personal
from schemas.json_schema import message_schema, messages
from schemas.topics import TOPICS, topic_for

EXAMPLES = Path(schemas.__file__).parent / "examples"
MESSAGES = messages()

FREE_TEXT_THAT_NAMES_NOBODY = {
    "TicketEvent.reason": "name of a routing rule or a refusal",
    "Locality.code": "administrative unit of the province's data",
    "Locality.name": "administrative unit of the province's data",
    "Locality.valid_from": "date in the province's data",
    "Locality.district_code": "administrative unit of the province's data",
    "FileRef.media_type": "out of the list of recognised types",
    "TimerDue.history": "history's name: an account or a ticket id",
    "ReplyEvent.history": "history's name: an account or a ticket id",
    "CommitLogged.history": "history's name: an account or a ticket id",
    "CommitLogged.events": "what is left of events when every personal part is taken out",
    "CommitLogged.sealed": "sealed under the citizen's key",
}
"""Text without a closed form on topics that carry no personal data, each with what it holds."""


@pytest.fixture(params=MESSAGES, ids=lambda message: message.TYPE)
def message(request: pytest.FixtureRequest) -> type[Contract]:
    found: type[Contract] = request.param
    return found


def example_of(message: type[Contract]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLES / f"{message.TYPE}.json").read_text(encoding="utf-8"))
    return found


def test_generated_files_are_those_of_the_models() -> None:
    assert outdated(FOLDER, generated()) == []


def test_a_changed_missing_or_surplus_file_is_noticed_and_mended(tmp_path: Path) -> None:
    wanted = generated()
    write(tmp_path, wanted)
    changed, missing, *_ = sorted(wanted)
    (tmp_path / changed).write_text("{}", encoding="utf-8")
    (tmp_path / missing).unlink()
    (tmp_path / "surplus.json").write_text("{}", encoding="utf-8")
    assert outdated(tmp_path, wanted) == sorted([changed, missing, "surplus.json"])
    write(tmp_path, wanted)
    assert outdated(tmp_path, wanted) == []


def test_each_message_has_one_example_and_each_example_a_message() -> None:
    assert {path.stem for path in EXAMPLES.iterdir()} == {message.TYPE for message in MESSAGES}


def test_example_is_read_whole_by_the_model(message: type[Contract]) -> None:
    example = example_of(message)
    read = message.model_validate_json(json.dumps(example))
    assert json.loads(read.model_dump_json(exclude_unset=True)) == example


def test_example_and_what_the_model_writes_are_valid_by_json_schema(message: type[Contract]) -> None:
    schema = message_schema(message)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    example = example_of(message)
    validator.validate(example)
    validator.validate(json.loads(message.model_validate_json(json.dumps(example)).model_dump_json()))


def test_json_schema_refuses_an_example_without_its_id(message: type[Contract]) -> None:
    example = example_of(message)
    del example["id"]
    assert not Draft202012Validator(message_schema(message)).is_valid(example)


def test_an_older_reader_takes_members_it_does_not_know(message: type[Contract]) -> None:
    example = {**example_of(message), "added_in_a_later_version": {"a": [1]}}
    assert Draft202012Validator(message_schema(message)).is_valid(example)
    assert "added_in_a_later_version" not in message.model_validate_json(json.dumps(example)).model_dump()


def test_each_type_belongs_to_one_message() -> None:
    declared = {message for topic in TOPICS for message in topic.messages}
    assert len({message.TYPE for message in declared}) == len(declared)


def test_every_topic_covers_its_own_concrete_names() -> None:
    for topic in TOPICS:
        name = topic.name.replace("<channel>", "web").replace("<agency>", "dien_luc")
        assert topic_for(name) is topic
    assert topic_for("raw.unheard_of") is None


def test_personal_models_are_marked_in_the_schema(message: type[Contract]) -> None:
    definitions = message_schema(message).get("$defs", {})
    personal = {model.__name__ for model in models_in(message) if issubclass(model, Personal)}
    marked = {name for name, definition in definitions.items() if definition.get("x-personal")}
    assert marked == personal


def test_only_declared_topics_carry_personal_models() -> None:
    for topic in TOPICS:
        found = [model for message in topic.messages for model in models_in(message) if issubclass(model, Personal)]
        assert bool(found) == topic.personal, topic.name


def test_without_personal_parts_no_text_is_free_but_what_is_listed() -> None:
    public = [message for topic in TOPICS if not topic.personal for message in topic.messages]
    found = {place for message in public for place in free_texts(message_schema(message), message.__name__)}
    assert found == set(FREE_TEXT_THAT_NAMES_NOBODY)


def test_representations_of_personal_values_show_nothing() -> None:
    shown = 0
    for message in MESSAGES:
        read = message.model_validate_json(json.dumps(example_of(message)))
        personal = getattr(read, "personal", None)
        if personal is not None:
            assert repr(personal) == str(personal) == f"{type(personal).__name__}(<personal>)"
            shown += 1
    assert shown


def models_in(model: type[BaseModel]) -> set[type[BaseModel]]:
    """A model and every model inside it."""
    found: set[type[BaseModel]] = set()
    waiting: list[Any] = [model]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            if kind not in found:
                found.add(kind)
                waiting.extend(field.annotation for field in kind.model_fields.values())
        else:
            waiting.extend(get_args(kind))
    return found


def free_texts(schema: dict[str, Any], name: str) -> Iterator[str]:
    """Members, as `Model.member`, whose text has no pattern, format or closed set of values."""
    for model, definition in {name: schema, **schema.get("$defs", {})}.items():
        for member, member_schema in definition.get("properties", {}).items():
            if any(is_free(part) for part in parts_of(member_schema)):
                yield f"{model}.{member}"


def parts_of(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from parts_of(part)
    if isinstance(schema.get("items"), dict):
        yield from parts_of(schema["items"])


def is_free(schema: dict[str, Any]) -> bool:
    if schema.get("type") == "object":
        return "properties" not in schema
    closed = {"pattern", "enum", "const"} & schema.keys() or schema.get("format") in {"uuid", "date-time"}
    return schema.get("type") == "string" and not closed
