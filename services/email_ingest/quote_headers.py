"""Finds the headers that mail programs write above a mail that is answered or forwarded, in any language."""

import re
from collections.abc import Sequence

from services.email_ingest.quote_words import HEADER_WORDS

MAX_BLOCK = 12
"""Lines of one block, those of long values included."""

MAX_BROKEN = 2
"""Lines between two headers: a long value goes on, or a blank line stands where HTML had a paragraph."""

_HEADER = re.compile(r"[*_]{0,2}([^:：*<>@]{1,25}?)[*_]{0,2}\s?[:：]")
_KINDS = {word: kind for kind, words in HEADER_WORDS.items() for word in words}
_ALL = frozenset({"from", "sent", "to", "subject"})
_VIETNAMESE = ("từ", "người", "gửi", "đã gửi", "ngày", "đến", "tới", "chủ đề", "tiêu đề")


def begins_headers(said: str) -> bool:
    """Whether a line, in lower case, may be the first of a block."""
    return _kind(said) in ("from", "sent")


def headers_end(lines: Sequence[str], at: int, *, wanted: int) -> int | None:
    """Where a block ends that begins at `at` and has at least `wanted` different headers, the sender among them.

    None where there is no such block. Lines are in lower case and without adornment.
    """
    seen: set[str] = set()
    end = None
    broken = 0
    for number in range(at, min(at + MAX_BLOCK, len(lines))):
        kind = _kind(lines[number])
        if kind is not None:
            seen.add(kind)
            end = number + 1
            broken = 0
            continue
        broken += 1
        complete = not seen or {"from", "subject", "to"} <= seen
        if broken > MAX_BROKEN or (not lines[number] and (complete or broken > 1)):
            break
    return end if "from" in seen and len(seen) >= wanted else None


def from_a_program(headers: Sequence[str]) -> bool:
    """Whether a program wrote these headers, not a person who begins a letter with `Từ: … Đến: …`, as officials do.

    A program writes an address, or all four headers; in Vietnamese only the address tells.
    """
    if any("@" in line for line in headers):
        return True
    return {_kind(line) for line in headers} >= _ALL and not any(line.startswith(_VIETNAMESE) for line in headers)


def _kind(said: str) -> str | None:
    found = _HEADER.match(said)
    return _KINDS.get(found[1].strip()) if found else None
