"""A record as plain values, with the personal parts of its message left out unless they are asked for."""

import json
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from gateway.bus.port import Record
from gateway.domain.personal import split_personal
from schemas.base import Contract
from schemas.log import CommitLogged
from schemas.topics import topic_for

HIDDEN = "Personal parts are hidden; --personal shows them."


def plain(record: Record, *, personal: bool) -> dict[str, Any]:
    """The record for printing. A value that is not what its type says is shown by its size alone."""
    message = record.message
    return {
        "topic": message.topic,
        "partition": record.partition,
        "offset": record.offset,
        "published_at": _utc(record.published_at),
        "key": message.key,
        "id": message.id,
        "type": message.type,
        "source": message.source,
        "time": _utc(message.time),
        "subject": message.subject,
        "traceparent": message.traceparent,
        "value": _value(record, personal=personal),
    }


def model_of(record: Record) -> Contract | None:
    """The record's value as the contract model that its topic and type declare; None when it is none."""
    declared = topic_for(record.message.topic)
    models = declared.messages if declared is not None else ()
    model = next((one for one in models if record.message.type == one.TYPE), None)
    if model is None:
        return None
    try:
        return model.model_validate_json(record.message.value)
    except ValidationError:
        return None


def _value(record: Record, *, personal: bool) -> object:
    found = model_of(record)
    if found is None:
        return {"unreadable_bytes": len(record.message.value)}
    if isinstance(found, CommitLogged):
        return {**json.loads(found.model_dump_json(exclude={"sealed"})), "sealed_bytes": len(found.sealed)}
    if personal:
        return json.loads(found.model_dump_json())
    public, _ = split_personal([found])
    return public[0]


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
