"""Finds signatures under a mail: what follows the usual mark, and the lines that a device adds.

A closing such as "Trân trọng" begins no signature here: name, phone and address that follow it are the contact that
Điều 6.3 asks for, and belong to what the citizen said.
"""

import re
from itertools import accumulate

from services.email_ingest.quote_marks import Kind

MAX_LINES = 12
"""RFC 3676, 4.3 advises four; what is longer is text under a line of dashes."""

MAX_BELOW_DEVICE = 3
MAX_RULED = 3
MAX_RULED_SIGNS = 150
_RULE = re.compile(r"_{5,}")
_ENDS = frozenset({Kind.WROTE, Kind.WROTE_WEAKLY, Kind.HISTORY, Kind.QUOTED})
_PHONE = re.compile(r"(?<![\d\w@.+-])(?:\+?84|0)[ .-]?\d{2,3}(?:[ .-]?\d{2,4}){2,3}(?![\d\w@])")


def mark_signatures(lines: list[str], kinds: list[Kind]) -> None:
    """Set the kind of all lines of a signature, in place."""
    ends = _ends_below(kinds)
    filled = list(accumulate((kind not in (Kind.BLANK, Kind.NOISE) for kind in kinds), initial=0))
    begun = 0
    for start, line in enumerate(lines):
        if start < begun or kinds[start] not in (Kind.SIGNATURE, Kind.NOISE):
            continue
        end = ends[start]
        below = filled[end] - filled[start + 1]
        whole = False
        if line.rstrip() == "--":
            whole = below <= MAX_LINES
            kinds[start] = Kind.SIGNATURE if whole else Kind.NOISE
        elif kinds[start] is Kind.SIGNATURE:
            # What a device adds stands at the end; the same words higher up are the sender's own.
            kinds[start] = Kind.SIGNATURE if below <= MAX_BELOW_DEVICE else Kind.TEXT
        elif _RULE.fullmatch(line.strip()) and below <= MAX_RULED:
            whole = sum(map(len, lines[start + 1 : end])) <= MAX_RULED_SIGNS
        if whole:
            kinds[start:end] = [Kind.SIGNATURE] * (end - start)
            begun = end


def phone_in(text: str) -> str | None:
    """The first Vietnamese phone number of a signature, as it is written."""
    found = _PHONE.search(text[:2000])
    return found[0] if found else None


def _ends_below(kinds: list[Kind]) -> list[int]:
    """For every line, where the text below it ends: at the next mark or quotation."""
    ends = [len(kinds)] * len(kinds)
    for number in range(len(kinds) - 2, -1, -1):
        ends[number] = number + 1 if kinds[number + 1] in _ENDS else ends[number + 1]
    return ends
