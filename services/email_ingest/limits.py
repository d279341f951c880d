"""Bounds of one mail: what is beyond them is cut off and said, so that a bomb is still read as far as it goes.

Sizes, lines and parts are checked on the raw bytes before anything is parsed; headers and depth while the standard
parser asks for them (`part.py`). CPython's parser recurses once per nested multipart, makes an object of every part
and takes quadratic time over parameters: each bound keeps one of these from being reached.
"""

import re

MAX_SOURCE = 25_000_000
"""What the file store keeps as one file; of a larger mail its beginning is kept and read."""

MAX_LINES = 1_000_000
MAX_MULTIPARTS = 20
"""Nested or not: mail programs need four, and so many can be nested without harm."""

MAX_PARTS = 200
MAX_HEADERS = 200
MAX_HEADER = 8_192
MAX_HEADERS_TOTAL = 65_536
MAX_BODY = 400_000
"""Bytes of one text part that are looked at: a message holds 20 000 characters of text and as many of quotation."""

MAX_HTML = 262_144

TOO_LARGE = "too_large"
HEADERS_CUT = "headers_cut"
PARTS_CUT = "parts_cut"
DEPTH_CUT = "depth_cut"

_BOUNDARY = re.compile(
    rb"boundary\*?(?:0\*?)?\s{0,10}=\s{0,10}(?:\"([^\"\r\n]{1,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE
)
_DECLARED = 50
_LOOKED_AT = 1_000


def bounded_source(source: bytes) -> tuple[bytes, tuple[str, ...]]:
    """As much of a mail's source as is read, and what was cut."""
    defects = []
    if len(source) > MAX_SOURCE:
        source = source[:MAX_SOURCE]
        defects.append(TOO_LARGE)
    if source.count(b"\n") > MAX_LINES:
        source = _before_occurrence(source, b"\n", MAX_LINES)
        defects.append(TOO_LARGE)
    for boundary in _boundaries(source):
        marker = b"\n--" + boundary
        if source.count(marker) > MAX_PARTS:
            source = _before_occurrence(source, marker, MAX_PARTS)
            defects.append(PARTS_CUT)
    return source, tuple(dict.fromkeys(defects))


def _boundaries(source: bytes) -> list[bytes]:
    """The first boundaries that anything in the source declares, whether or not it is a header."""
    found: list[bytes] = []
    lower = source.lower()
    at = -1
    for _ in range(_LOOKED_AT):
        at = lower.find(b"boundary", at + 1)
        if at < 0 or len(found) == _DECLARED:
            break
        declared = _BOUNDARY.match(source, at)
        if declared is not None:
            found.append(declared[1] or declared[2])
    return found


def _before_occurrence(source: bytes, marker: bytes, count: int) -> bytes:
    at = -1
    for _ in range(count + 1):
        at = source.index(marker, at + 1)
    return source[:at]
