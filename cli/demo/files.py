"""Makes a small photo and a short recording that are what they say they are."""

import struct
import zlib

SIDE = 64
RATE = 8_000


def photo(shade: int = 0) -> bytes:
    """A PNG of 64 by 64 grey pixels, from dark to light (ISO/IEC 15948); another one for each `shade` from 0 to 3."""
    rows = b"".join(b"\x00" + bytes([row * 4 + shade]) * SIDE for row in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def recording() -> bytes:
    """A second of silence as a WAV file, 8-bit mono at 8 kHz, as telephones record."""
    sound = b"\x80" * RATE
    form = struct.pack("<HHIIHH", 1, 1, RATE, RATE, 1, 8)
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _chunk(kind: bytes, content: bytes) -> bytes:
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))
