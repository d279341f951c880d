"""Turns the contract's models into JSON Schema (draft 2020-12), the form in which other languages read it."""

from typing import Any

from pydantic.json_schema import models_json_schema

from schemas.base import Contract
from schemas.topics import TOPICS

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def messages() -> tuple[type[Contract], ...]:
    """Every message that may stand on a topic, by its CloudEvents type."""
    found = {message.TYPE: message for topic in TOPICS for message in topic.messages}
    return tuple(found[name] for name in sorted(found))


def message_schema(message: type[Contract]) -> dict[str, Any]:
    """The schema of one message's JSON value.

    It says what a reader must accept: members with a default may be absent, because older writers do not know them,
    and unknown members are allowed, because newer writers may add some.
    """
    schema = message.model_json_schema(mode="validation")
    return {"$schema": DIALECT, "$id": f"{message.TYPE}.json", **schema}


def definitions(template: str) -> dict[str, Any]:
    """All models of all messages by name, referring to each other by `template`, which holds `{model}`."""
    wanted = [(message, "validation") for message in messages()]
    _, found = models_json_schema(wanted, ref_template=template)  # type: ignore[arg-type]  # a literal of its own
    return dict(sorted(found["$defs"].items()))
