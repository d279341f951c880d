"""Marked personal values, and the search for them in whatever form they may have been written down."""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
SHORTEST = 6


@dataclass(frozen=True)
class Canaries:
    """Marks by name; a mark may have several spellings, and any of them is a find."""

    spellings: Mapping[str, tuple[str, ...]]

    def found_in(self, *written: bytes) -> set[str]:
        """Names of the marks in these bytes, whatever case, escape or encoding they have."""
        plain = [piece.lower() for piece in written]
        return {
            name
            for name, spellings in self.spellings.items()
            if any(
                any(form in piece for piece in pieces)
                for spelling in spellings
                for pieces, forms in ((plain, _texts(spelling)), (written, _base64(spelling)))
                for form in forms
            )
        }


def _texts(spelling: str) -> Iterable[bytes]:
    # What is searched has its ASCII letters lowered byte by byte, so these must have it as well.
    for text in (spelling.lower(), spelling.upper()):
        yield json.dumps(text)[1:-1].encode().lower()
        for encoding in ENCODINGS:
            yield text.encode(encoding).lower()


def _base64(spelling: str) -> Iterable[bytes]:
    """The inner part of each of the three ways in which base64 can cut these bytes; ends depend on neighbours."""
    for text in {spelling, json.dumps(spelling)[1:-1]}:
        raw = text.encode()
        for shift in range(3):
            inner = raw[shift:]
            whole = inner[: len(inner) // 3 * 3]
            if len(whole) >= SHORTEST:
                yield base64.b64encode(whole)
                yield base64.urlsafe_b64encode(whole)
