"""Makes citizen text safe to handle without changing what it says: bounded, NFC, no invisible control characters."""

import re
import unicodedata

MAX_TEXT = 20_000
MAX_MARKS = 30
"""Longest run of combining marks (Unicode UAX #15, stream-safe text): normalising longer runs takes quadratic time."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BIDI = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
_INVISIBLE = re.compile(r"[\u200b\u2060\ufeff\U000e0000-\U000e007f]")
_WITHOUT_MARKS = re.compile(r"[\x00-\u02ff\u1e00-\u1eff\u2000-\u206f\u20ab]*")
"""Latin letters, Vietnamese ones among them, punctuation and the đồng sign: nothing in here combines."""

_SURROGATES = re.compile(r"[\ud800-\udfff]")


def clean_text(text: str, *, limit: int = MAX_TEXT) -> str:
    """Bound, repair and normalise one text; the original stays in the raw record.

    Lone surrogates become U+FFFD; C0/C1 controls but tab and newline, bidirectional overrides, zero-width and tag
    characters are removed; runs of combining marks are cut at 30; then NFC. Linear in the length of `text`.
    """
    text = text[: limit * 2].replace("\r\n", "\n").replace("\r", "\n")
    text = _SURROGATES.sub("\ufffd", text)
    text = _INVISIBLE.sub("", _BIDI.sub("", _CONTROLS.sub("", text)))
    return unicodedata.normalize("NFC", _cut_marks(text))[:limit]


def clean_line(text: str, *, limit: int = 500) -> str:
    """The same for a one-line value such as a name: inner white space becomes single spaces."""
    return " ".join(clean_text(text, limit=limit * 2).split())[:limit]


def _cut_marks(text: str) -> str:
    if _WITHOUT_MARKS.fullmatch(text):
        return text
    kept = []
    run = 0
    for sign in text:
        run = run + 1 if unicodedata.combining(sign) else 0
        if run <= MAX_MARKS:
            kept.append(sign)
    return "".join(kept)
