"""What a part's sealed bytes hold: words alone as they are, or files by reference; pure.

Words alone are plain UTF-8. Anything else is JSON behind a NUL, which no text of ours has.
"""

from dataclasses import dataclass, field

from pydantic import Field, ValidationError

from gateway.errors import Invalid
from schemas.base import Value
from schemas.files import MOST_ANSWER_FILES, AnswerFile

MARK = b"\x00"


@dataclass(frozen=True, slots=True)
class Payload:
    """One message of a reply: words, files, or both; `instead` is said where a file is not to be had."""

    text: str = field(repr=False, default="")
    files: tuple[AnswerFile, ...] = ()
    instead: str = field(repr=False, default="")


class _Written(Value):
    text: str
    files: tuple[AnswerFile, ...] = Field(max_length=MOST_ANSWER_FILES)
    instead: str


def packed(payload: Payload) -> bytes:
    """The bytes to be sealed."""
    if not payload.files:
        return payload.text.encode()
    written = _Written(text=payload.text, files=payload.files, instead=payload.instead)
    return MARK + written.model_dump_json().encode()


def unpacked(plain: bytes) -> Payload:
    """What was packed; raises `Invalid("payload_damaged")` for what never was."""
    try:
        if not plain.startswith(MARK):
            return Payload(plain.decode())
        written = _Written.model_validate_json(plain[len(MARK) :])
    except (ValidationError, UnicodeDecodeError):
        # The cause is left out, because its text quotes the values.
        raise Invalid("payload_damaged", "The part holds neither words nor files.") from None
    return Payload(written.text, written.files, written.instead)
