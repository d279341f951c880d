"""Cuts a reply into messages that Facebook takes, where a reader would pause. Pure."""

import re
from collections.abc import Sequence

LIMIT = 2000
"""Most that one message may have; counted in UTF-16 units, as an emoji outside the basic plane counts twice there."""

_PAUSES = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[.!?…;])\s"), re.compile(r"\s"))
"""From the best place to cut to the worst."""


def split(text: str, limit: int = LIMIT) -> Sequence[str]:
    """The messages of a text, in order, at least one; nothing but white space at the cuts is left out."""
    rest = text.strip()
    parts: list[str] = []
    while len(head := _head(rest, limit)) < len(rest):
        cut = _cut(rest, len(head))
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest]


def _cut(text: str, most: int) -> int:
    """Where to cut: the last good pause, unless it would leave most of the message empty."""
    for pause in _PAUSES:
        ends = [found.start() for found in pause.finditer(text, most // 2, most + 1) if 0 < found.start() <= most]
        if ends:
            return ends[-1]
    return most


def _head(text: str, limit: int) -> str:
    """As much of the text as has at most `limit` UTF-16 units."""
    head = text[:limit]
    while (over := len(head.encode("utf-16-le", "surrogatepass")) // 2 - limit) > 0:
        head = head[: -max(1, over // 2)]
    return head
