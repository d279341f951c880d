"""Reads messages as JSON lines and judges each: a bad line is answered in its place and stops nothing."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import IO, Any

from pydantic import TypeAdapter, ValidationError

from cli.judging import Message
from gateway.domain.strict_json import MAX_BYTES, read_json
from gateway.errors import Invalid
from schemas.base import Code
from schemas.inbound import Contact

CODE: TypeAdapter[str] = TypeAdapter(Code)

Line = bytes | None
"""One line of the input, None for one that is longer than any message may be."""


def bounded_lines(source: IO[bytes]) -> Iterator[Line]:
    """The lines, never more than one in memory; what is too long is read past."""
    while line := source.readline(MAX_BYTES + 1):
        if len(line) <= MAX_BYTES:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = source.readline(MAX_BYTES + 1)
        yield None


def answers(
    lines: Iterator[Line], *, explain: Callable[[Message], dict[str, Any]], channel: str, today: date
) -> Iterator[dict[str, Any]]:
    """One answer a line, in order; `{"error": reason}` for a line that is no message.

    `channel` and `today` stand in where a line names no channel or no day of receipt.
    """
    for line in lines:
        try:
            answer = explain(message_of(line, channel=channel, today=today))
        except Invalid as error:
            answer = {"error": error.reason}
        yield answer


def message_of(line: Line, *, channel: str, today: date) -> Message:
    """The message on a line; raises `Invalid` with a reason that holds no value of it."""
    if line is None:
        raise Invalid("too_large", "The line is longer than a message may be.")
    found = read_json(line)
    if not isinstance(found, dict):
        raise Invalid("not_an_object", "A line is one JSON object.")
    text = found.get("text")
    if not isinstance(text, str):
        raise Invalid("text_missing", "`text` is a string.")
    return Message(
        text=text,
        channel=channel_of(found.get("channel") or channel),
        received=_day(found.get("received"), today),
        known_contact=_contact(found.get("known_contact")),
    )


def channel_of(name: object) -> str:
    """A channel's code; raises `Invalid("bad_channel")`."""
    try:
        return CODE.validate_python(name, strict=True)
    except ValidationError:
        raise Invalid("bad_channel", "`channel` is a code such as zalo.") from None


def day_of(text: str) -> date:
    """A day as 2026-11-24; raises `Invalid("bad_received")`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("bad_received", "`received` is a day such as 2026-11-24.") from None


def _day(value: object, today: date) -> date:
    if value is None:
        return today
    if not isinstance(value, str):
        raise Invalid("bad_received", "`received` is a day such as 2026-11-24.")
    # Of an instant its day counts, as its writer wrote it.
    return day_of(value[:10])


def _contact(value: object) -> Contact | None:
    if value is None:
        return None
    try:
        return Contact.model_validate(value, strict=True)
    except ValidationError:
        raise Invalid("bad_known_contact", "`known_contact` has name, phone, email and address as strings.") from None
