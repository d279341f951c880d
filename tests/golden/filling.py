"""Fills a model's JSON Schema with invented values, the same every time: all members, or only those it demands."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid5

from gateway.domain.identity import NAMESPACE

Schema = Mapping[str, Any]

ACCOUNT = "0123456789abcdef0123456789abcdef"
CODE = "2222-3333-4444"
OTHER_CODE = "5555-6666-7777"
INSTANT = "2026-11-24T01:00:00.123456Z"

BY_PATTERN = {
    r"^[a-z][a-z0-9_]{0,63}$": "vi_du",
    r"^[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){2}$": CODE,
    r"^[0-9]{1,2}(\.[0-9]{1,2})?$": "8.3",
    r"^[0-9a-f]{32}$": ACCOUNT,
    r"^[0-9a-f]{64}$": "0f" * 32,
}
BY_FORMAT = {"date-time": INSTANT, "base64url": "dsOtIGThu6Uh"}

BY_PLACE = {
    "AnswerFilePersonal.name": "Ảnh ví dụ.jpg",
    "Contact.name": "Nguyễn Thị Ví Dụ",
    "Contact.phone": "+84900000000",
    "Contact.email": "vi.du@example.vn",
    "Contact.address": "số 1 đường Ví Dụ, phường Ví Dụ",
    "FileRef.media_type": "image/jpeg",
    "Locality.valid_from": "2025-07-01",
    "history": f"conversation/{ACCOUNT}",
    "place": "trước chợ Ví Dụ",
    "source_url": "https://example.vn/anh.jpg",
    "text": "Đèn đường trước chợ Ví Dụ hỏng ba ngày nay.",
    "content": "Đèn đường trước chợ Ví Dụ hỏng ba ngày nay.",
    "alias": OTHER_CODE,
    "aliases": OTHER_CODE,
    "into": OTHER_CODE,
}
"""Values by `Model.member`, or by the member's name alone; nobody lives or writes there."""

SAME_ID = {
    "Inbound.id": "inbound",
    "inbound_id": "inbound",
    "inbound_ids": "inbound",
    "Ticket.id": "ticket",
    "ticket_id": "ticket",
}
"""Ids that name the same thing, so that the events of one release fold into one history."""


def choices(schema: Schema) -> int:
    """How many whole values it takes until each alternative of each union was written once."""
    return max((len(part["oneOf"]) for part in _parts(schema) if "oneOf" in part), default=1)


def filled(schema: Schema, *, whole: bool, choice: int = 0) -> Any:  # noqa: ANN401 - JSON is any of its types
    """A value of the schema: with every optional member or without any; `choice` picks of unions and closed sets."""
    return _Filling(schema.get("$defs", {}), whole=whole, choice=choice).value(schema, "", "")


class _Filling:
    """One value under way."""

    def __init__(self, definitions: Schema, *, whole: bool, choice: int) -> None:
        self._definitions = definitions
        self._whole = whole
        self._choice = choice

    def value(self, schema: Schema, model: str, member: str) -> Any:  # noqa: ANN401 - as above
        """The value of a member of a model."""
        if "const" in schema:
            return schema["const"]
        if "$ref" in schema:
            return self.value(self._definitions[schema["$ref"].rsplit("/", 1)[1]], model, member)
        for several in ("enum", "oneOf", "anyOf"):
            if several in schema:
                return self._one_of(several, schema, model, member)
        match schema["type"]:
            case "object":
                return self._object(schema)
            case "array":
                some = self._whole or schema.get("minItems", 0)
                return [self.value(schema["items"], model, member)] if some else []
            case "string":
                return _text(schema, model, member)
            case "boolean":
                return self._whole
            case kind:
                return {"integer": max(1, schema.get("minimum", 1)), "number": 0.5}[kind]

    def _one_of(self, several: str, schema: Schema, model: str, member: str) -> Any:  # noqa: ANN401 - as above
        if several == "enum":
            return schema["enum"][self._choice % len(schema["enum"])]
        alternatives = [one for one in schema[several] if one.get("type") != "null"]
        if len(alternatives) < len(schema[several]) and not self._whole:
            return None
        return self.value(alternatives[self._choice % len(alternatives)], model, member)

    def _object(self, schema: Schema) -> dict[str, Any]:
        if "properties" not in schema:
            return {"vi_du": "ví dụ"} if self._whole else {}
        return {
            name: self.value(member, schema["title"], name)
            for name, member in schema["properties"].items()
            # What tells the alternatives of a union apart has a default, and is always written.
            if self._whole or name in schema.get("required", ()) or "const" in member
        }


def _text(schema: Schema, model: str, member: str) -> str:
    place = f"{model}.{member}"
    if schema.get("format") == "uuid":
        return str(uuid5(NAMESPACE, f"golden/{SAME_ID.get(place) or SAME_ID.get(member) or place}"))
    found = BY_PLACE.get(place) or BY_PLACE.get(member)
    if found is None and "pattern" in schema:
        found = BY_PATTERN[schema["pattern"]]
    return found or BY_FORMAT.get(schema.get("format", ""), "ví dụ")


def _parts(schema: Any) -> Iterator[Schema]:  # noqa: ANN401 - as above
    if isinstance(schema, Mapping):
        yield schema
    for inner in schema.values() if isinstance(schema, Mapping) else schema if isinstance(schema, list) else ():
        yield from _parts(inner)
