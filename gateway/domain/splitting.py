"""Cuts a reply into messages that a chat platform takes, where a reader would pause and never inside a word."""

import re
from collections.abc import Sequence

_PAUSES = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…;])\s"))
"""From the best place to cut to the worst of those worth a message that is not full."""

_SPACE = re.compile(r"\s")


def split_text(text: str, limit: int) -> Sequence[str]:
    """The messages of a text, in order, at least one, each with at most `limit` (2 or more) UTF-16 units.

    Platforms that count in those count an emoji twice; for others this errs on the short side. Only white space at
    the cuts is left out. A code or an address has none inside and stays whole, unless it is itself beyond the limit.
    """
    rest = text.strip()
    parts: list[str] = []
    while len(head := _head(rest, limit)) < len(rest):
        cut = _cut(rest, len(head))
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest]


def _cut(text: str, most: int) -> int:
    """Where to cut so that at most `most` code points come before: the last good pause, else the last white space."""
    for pause in _PAUSES:
        found = _last(pause, text, most // 2, most)
        if found:
            return found
    return _last(_SPACE, text, 0, most) or most


def _last(pause: re.Pattern[str], text: str, first: int, most: int) -> int:
    # One sign further, so that white space right behind a full message counts.
    return max((found.start() for found in pause.finditer(text, first, most + 1)), default=0)


def _head(text: str, limit: int) -> str:
    """As much of the text as has at most `limit` UTF-16 units."""
    head = text[:limit]
    while (over := units(head) - limit) > 0:
        head = head[: -max(1, over // 2)]
    return head


def units(text: str) -> int:
    """Length as platforms count that are written in Java or JavaScript."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
