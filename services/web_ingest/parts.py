"""What a form is made of, whichever way it was encoded, and how much of it is taken."""

from dataclasses import dataclass

MAX_PARTS = 60
MAX_FIELD_BYTES = 100_000
"""Enough for 20 000 signs of any script; a longer value is cut here and refused by its own rule."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent; `fault` is set and `content` empty when it was over a bound."""

    field: str
    name: str
    content: bytes
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a form held; a name that came twice keeps its first value."""

    fields: dict[str, str]
    uploads: tuple[Upload, ...]
    cut: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bytes: of the whole stream, of all kept files together, of one file, of one text field; and files in number."""

    stream: int
    files_bytes: int
    file_bytes: int
    files: int
    field_bytes: int = MAX_FIELD_BYTES
    texts: frozenset[str] = frozenset()
    """Parts that are text even if the sender gave them a file name."""
