"""Finds the lines of a mail's text that introduce what is quoted, and those that begin a signature."""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

from services.email_ingest.quote_headers import begins_headers, from_a_program, headers_end
from services.email_ingest.quote_words import (
    ANNOUNCED,
    BEGINS,
    NOISE,
    SENT_FROM,
    SEPARATORS,
    WROTE,
    WROTE_AT,
)

MAX_LINE = 500
MAX_SPAN = 4
"""Lines over which programs break `On …, … wrote:`."""

MAX_DEVICE_LINE = 90
MIN_BROKEN = 65
"""Signs of a quoted line that a program may have broken: it does so at 72 to 80."""


class Kind(Enum):
    """What a line is."""

    BLANK = "blank"
    TEXT = "text"
    QUOTED = "quoted"
    NAMED = "named"
    """Quoted with the name of who wrote it before the mark: `An> …`."""

    WROTE = "wrote"
    """`On …, … wrote:`, in any language."""

    WROTE_WEAKLY = "wrote_weakly"
    """The same without an address or a whole date: a person may have written it."""

    HISTORY = "history"
    """A separator, or the headers of the mail that is answered."""

    SIGNATURE = "signature"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class Mark:
    """Lines `start` to `end` (not included) that introduce something."""

    kind: Kind
    start: int
    end: int


_NAMED = re.compile(r"[\w.]{1,16}>")
_ADORNED = " \t*_|\u00a0"
_DASHES = re.compile(r"[-_=*~#+–—]{3,}")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.h]\d\d(?!\d)")
_OLD_GMAIL = re.compile(r"\d{4}-\d\d-\d\d \d{1,2}:\d\d gmt[+-]\d\d:\d\d .{1,200}")
_ENDS = tuple(f"{word}{colon}" for words in WROTE.values() for word in words for colon in (":", "：", " :", "\u00a0:"))
_ADDRESSED = re.compile(r"<[^<>\s]{1,254}@[^<>\s]{1,254}>\s?[:：]$")
_SEPARATORS = frozenset(SEPARATORS)
_DASHES_OF_SEPARATOR = " \t-_=*–—>|:"


def kinds_of(lines: list[str]) -> tuple[list[Kind], list[Mark]]:
    """The kind of every line, and the marks from top to bottom."""
    plain = [_plain(line) for line in lines]
    kinds = [_kind(line, said) for line, said in zip(lines, plain, strict=True)]
    _join_broken(lines, kinds)
    marks: list[Mark] = []
    at = 0
    while at < len(lines):
        mark = _history(plain, kinds, at) or _wrote(plain, kinds, at, marks[-1].end if marks else 0)
        if mark is None:
            at += 1
            continue
        kinds[mark.start : mark.end] = [mark.kind] * (mark.end - mark.start)
        marks.append(mark)
        at = max(mark.end, at + 1)
    return kinds, marks


def _plain(line: str) -> str:
    said = line[:MAX_LINE].strip(_ADORNED)
    return said.lower() if said.isascii() else unicodedata.normalize("NFC", said).replace("\u00a0", " ").lower()


def _kind(line: str, said: str) -> Kind:
    if line.lstrip().startswith(">"):
        return Kind.QUOTED
    if not said and not line.strip():
        return Kind.BLANK
    if line.rstrip() == "--" or (len(said) <= MAX_DEVICE_LINE and said.startswith(SENT_FROM)):
        return Kind.SIGNATURE
    if said in NOISE or not said or _DASHES.fullmatch("".join(said.split())):
        return Kind.NOISE
    return Kind.NAMED if _NAMED.match(said) else Kind.TEXT


def _join_broken(lines: list[str], kinds: list[Kind]) -> None:
    """A short line between two quoted ones, the first of them long, is the rest of that one: a program broke it."""
    for number in range(1, len(kinds) - 1):
        around = kinds[number - 1] is Kind.QUOTED and kinds[number + 1] is Kind.QUOTED
        if around and kinds[number] is Kind.TEXT and len(lines[number]) <= len(lines[number - 1]) >= MIN_BROKEN:
            kinds[number] = Kind.QUOTED


def _history(plain: list[str], kinds: list[Kind], at: int) -> Mark | None:
    """A separator with the headers that may follow it, or headers alone."""
    if kinds[at] not in (Kind.TEXT, Kind.NOISE):
        return None
    said = plain[at]
    bare = said.strip(_DASHES_OF_SEPARATOR)
    if said in ANNOUNCED or (bare in _SEPARATORS and bare != said):
        begin = at + 1
        while begin < len(plain) and begin <= at + 2 and kinds[begin] is Kind.BLANK:
            begin += 1
        end = headers_end(plain, begin, wanted=2)
        return Mark(Kind.HISTORY, at, end or at + 1)
    if kinds[at] is Kind.TEXT and begins_headers(said):
        end = headers_end(plain, at, wanted=3)
        if end and from_a_program(plain[at:end]):
            return Mark(Kind.HISTORY, at, end)
    return None


def _wrote(plain: list[str], kinds: list[Kind], end: int, after: int) -> Mark | None:
    """`On …, … wrote:` that ends in this line; its first line is looked for above it."""
    if kinds[end] is not Kind.TEXT:
        return None
    if _OLD_GMAIL.fullmatch(plain[end]):
        return _to_colon(plain, kinds, end)
    if not plain[end].endswith((":", "：")):
        return None
    best: Mark | None = None
    for start in range(end, max(end - MAX_SPAN, after - 1), -1):
        if kinds[start] is not Kind.TEXT:
            break
        said = " ".join(plain[start : end + 1])
        if not said.endswith(_ENDS) and not _ADDRESSED.search(said) and not any(word in said for word in WROTE_AT):
            continue
        begins = _begins(plain[start])
        kind = _evidence(said, begins=begins)
        if kind is None:
            continue
        if begins:
            return Mark(kind, start, end + 1)
        best = best or Mark(kind, start, end + 1)
    return best


def _to_colon(plain: list[str], kinds: list[Kind], at: int) -> Mark:
    """Older Gmail's line ends in a colon, one line further down when it was broken."""
    end = at + 1
    if not plain[at].endswith(":") and end < len(plain) and kinds[end] is Kind.TEXT and plain[end].endswith(":"):
        end += 1
    return Mark(Kind.WROTE, at, end)


def _evidence(said: str, *, begins: bool) -> Kind | None:
    """How sure it is that a program wrote the line: people write `… wrote:` too, but seldom with an address."""
    time, year = _TIME.search(said) is not None, _YEAR.search(said) is not None
    if "@" in said or (time and year and begins):
        return Kind.WROTE
    return Kind.WROTE_WEAKLY if time or year else None


def _begins(said: str) -> bool:
    word = said.partition(" ")[0].strip(",")
    return word in BEGINS and any(sign.isdigit() for sign in said)
