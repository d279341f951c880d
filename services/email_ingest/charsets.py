"""Turns bytes of any declared, misdeclared or undeclared charset into text; never raises.

The ladder: what is valid UTF-8 is UTF-8 whatever was declared; a declared charset that decodes is believed, unless it
is a western one and a Vietnamese reading explains the bytes clearly better: mail programs send TCVN3 and VISCII as
`iso-8859-1` or `x-user-defined`, and windows-1258 as `windows-1252`.
"""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass

from services.email_ingest.legacy_tables import TCVN3, VISCII, from_table, from_viqr, looks_like_viqr
from services.email_ingest.syllables import vietnamese_share

UNKNOWN = "charset_unknown"
GUESSED = "charset_guessed"
DAMAGED = "bad_characters"

CLEARLY = 0.15
"""How much better a Vietnamese reading must explain a text before the declared charset is given up."""

PLAUSIBLE = 0.75

_WESTERN = frozenset({"cp1252", "ascii", "cp1258", "iso8859-15", "cp1250", "iso8859-2", "mac-roman", "cp437", "cp850"})
_ALIASES = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "ansi_x3.4-1968": "ascii",
    "iso-8859-8-i": "iso8859-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "macintosh": "mac-roman",
    "unicode-1-1-utf-7": "utf-7",
    "unicode": "utf-16",
    "utf8mb4": "utf-8",
    "tis-620": "cp874",
    "iso-8859-11": "cp874",
}
_OWN: dict[str, Callable[[bytes], str]] = {
    "viscii": lambda raw: from_table(raw, VISCII),
    "tcvn3": lambda raw: from_table(raw, TCVN3),
    "viqr": lambda raw: from_viqr(raw.decode("latin-1")),
}
_OWN_NAMES = re.compile(r"(?:cs|x-)?(?:viet-)?(?:(viscii)[\d.-]*|(viqr)|(?:tcvn|abc)[-_]?(?:3|5712)?[-\w:]*)")

_NOT_TEXT = frozenset(
    {"base64", "bz2", "hex", "quopri", "rot13", "rot-13", "uu", "zlib", "idna", "punycode", "undefined", "mbcs", "oem"}
    | {"unicode-escape", "raw-unicode-escape"}
)
"""Python's codecs that are no charset, or that give lone surrogates or host names."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the charset it was read as, and what was wrong."""

    text: str
    charset: str
    defects: tuple[str, ...] = ()


def decode(raw: bytes, declared: str | None = None) -> Decoded:
    """Read bytes as text; `declared` is the charset parameter as it stood in the mail."""
    name, known = charset_named(declared)
    if raw.isascii() and not _stateful(name):
        return _ascii(raw, name, known)
    if name in _OWN:
        return Decoded(_OWN[name](raw), name)
    if name in ("utf-8", "ascii", "") or name in _WESTERN:
        return _western(raw, name, known)
    try:
        return Decoded(raw.decode(name), name)
    except (UnicodeError, ValueError):
        pass
    try:
        return Decoded(raw.decode("utf-8"), "utf-8", (GUESSED,))
    except UnicodeDecodeError:
        return Decoded(raw.decode(name, "replace"), name, (DAMAGED,))


def charset_named(declared: str | None) -> tuple[str, bool]:
    """The charset that a declaration means ("" for none), and whether it is one that is known."""
    if not declared:
        return "", True
    asked = declared.strip(" \t\r\n'\";").lower()[:40]
    if asked in ("", "x-user-defined", "unknown-8bit", "x-unknown", "unknown", "8bit", "binary", "default"):
        return "", True
    own = _OWN_NAMES.fullmatch(asked)
    if own:
        return own[1] or own[2] or "tcvn3", True
    asked = _ALIASES.get(asked, asked)
    try:
        found = codecs.lookup(asked).name.replace("_", "-")
    except (LookupError, ValueError, UnicodeError):
        return "", False
    found = _ALIASES.get(found, found)
    return ("", False) if found in _NOT_TEXT or found.endswith("-codec") else (found, True)


def _stateful(name: str) -> bool:
    """Whether bytes below 128 may mean something else than ASCII."""
    return name.startswith(("iso2022", "utf-7", "utf-16", "utf-32", "hz", "viqr", "viscii"))


def _ascii(raw: bytes, name: str, known: bool) -> Decoded:  # noqa: FBT001 - the second half of one pair
    text = raw.decode("ascii")
    defects = () if known else (UNKNOWN,)
    if looks_like_viqr(text):
        return Decoded(from_viqr(text), "viqr", (*defects, GUESSED))
    return Decoded(text, name or "ascii", defects)


def _western(raw: bytes, name: str, known: bool) -> Decoded:  # noqa: FBT001 - the second half of one pair
    """UTF-8 when it is valid; else the best reading of single bytes, the declared one when in doubt."""
    defects = () if known else (UNKNOWN,)
    try:
        return Decoded(raw.decode("utf-8-sig"), "utf-8", defects if name in ("utf-8", "") else (*defects, GUESSED))
    except UnicodeDecodeError as error:
        if name == "utf-8" and _mostly_utf8(raw, error):
            return Decoded(raw.decode("utf-8", "replace"), "utf-8", (DAMAGED,))
    plain = name if name == "utf-8" or (name in _WESTERN and name != "ascii") else "cp1252"
    best, text = plain, raw.decode("utf-8", "replace") if plain == "utf-8" else _single_bytes(raw, plain)
    score = vietnamese_share(text)
    for candidate in ("cp1258", "tcvn3", "viscii"):
        reading = _OWN[candidate](raw) if candidate in _OWN else _single_bytes(raw, candidate)
        share = vietnamese_share(reading)
        if share >= PLAUSIBLE and share > score + CLEARLY:
            best, text, score = candidate, reading, share
    wrong = (GUESSED,) if best != name else (DAMAGED,) if best == "utf-8" else ()
    return Decoded(text, best, (*defects, *wrong))


def _single_bytes(raw: bytes, name: str) -> str:
    """Decode as browsers do: a byte that the charset leaves open keeps its number."""
    try:
        return raw.decode(name)
    except UnicodeDecodeError:
        table = "".join(bytes([code]).decode(name, "ignore") or chr(code) for code in range(256))
        return from_table(raw, table)


def _mostly_utf8(raw: bytes, error: UnicodeDecodeError) -> bool:
    """Whether damaged UTF-8 is still UTF-8: more letters decode than bytes do not."""
    sample = raw[max(0, error.start - 2000) : error.start + 2000]
    read = sample.decode("utf-8", "replace")
    return sum(1 for sign in read if "\x80" <= sign != "\ufffd") >= read.count("\ufffd")
