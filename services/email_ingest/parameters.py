"""Reads `value; name=value` headers (Content-Type, Content-Disposition) with RFC 2231 and without strictness."""

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from services.email_ingest.charsets import decode
from services.email_ingest.encoded_words import decoded_words, raw_bytes, unfolded

MAX_PARAMETERS = 50
_PIECE = re.compile(r"([^*=\s]{1,64})(?:\*(\d{1,3}))?(\*)?")
_PARAMETER = re.compile(r'([^\s=;"]+)[ \t]*=[ \t]*("(?:[^"\\]|\\.)*(?:"|\Z)|[^;]*)', re.DOTALL)
_WINDOWS_PATH = re.compile(r"[A-Za-z]:\\(?!\\)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Parameterised:
    """The value in lower case, and its parameters decoded, by lower-case name."""

    value: str
    parameters: dict[str, str]


def read_parameters(header: str) -> Parameterised:
    """Read a header's value as the parser gives it; linear, never raises."""
    text = unfolded(header)
    value, _, rest = text.partition(";")
    if "=" in value and "/" not in value.partition("=")[0]:
        value, rest = "", text
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for number, found in enumerate(_PARAMETER.finditer(rest)):
        if number >= MAX_PARAMETERS:
            break
        piece = _PIECE.fullmatch(found[1])
        if piece is None:
            continue
        name, section, extended = piece[1].lower(), piece[2], piece[3] is not None
        if section is None and not extended:
            plain.setdefault(name, decoded_words(_unquoted(found[2])))
        else:
            pieces.setdefault(name, {}).setdefault(int(section or 0), (extended, _unquoted(found[2])))
    return Parameterised(value.strip().lower(), {**plain, **{name: _joined(parts) for name, parts in pieces.items()}})


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text.strip()
    said = text[1:].removesuffix('"')
    # Old programs wrote a path of Windows as it is, without doubling what parts its folders.
    return said if _WINDOWS_PATH.match(said) else _ESCAPED.sub(r"\1", said)


def _joined(parts: dict[int, tuple[bool, str]]) -> str:
    """The pieces of one value in order of their numbers; the first extended one names the charset.

    Neighbouring extended pieces are joined before they are decoded: programs cut in the middle of `%20`.
    """
    charset = ""
    raw = b""
    pending = ""
    for number, (_, (extended, text)) in enumerate(sorted(parts.items())):
        said = text
        if extended and number == 0 and text.count("'") >= 2:
            charset, _, said = text.split("'", 2)
        if extended:
            pending += said
            continue
        raw += unquote_to_bytes(raw_bytes(pending)) + raw_bytes(said)
        pending = ""
    return decode(raw + unquote_to_bytes(raw_bytes(pending)), charset).text
