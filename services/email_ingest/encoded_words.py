"""Decodes header text: RFC 2047 encoded words as mail programs really write them, and bare 8-bit bytes."""

import binascii
import re
from dataclasses import dataclass, field

from services.email_ingest.charsets import decode

_WORD = re.compile(r"=\?([^?\s]{1,64})\?([BbQq])\?([^?]*)(?:\?=|\Z)")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")


@dataclass(slots=True)
class _Run:
    """Neighbouring words of one charset: their bytes are joined first, for words that split a character."""

    charset: str = ""
    raw: bytearray = field(default_factory=bytearray)

    def text(self) -> str:
        found = decode(bytes(self.raw), self.charset).text if self.raw else ""
        self.raw.clear()
        return found


def decoded_words(text: str) -> str:
    """Text with its words and bytes decoded, words also inside quotes and without the white space between two of them.

    Linear in the length of `text`, which callers bound. A word that cannot be decoded stays as it is written.
    """
    if "=?" not in text:
        return _bytes_read(text)
    found = []
    run = _Run()
    end = 0
    for word in _WORD.finditer(text):
        between = text[end : word.start()]
        end = word.end()
        charset = word[1].partition("*")[0].lower()
        if between.strip() or charset != run.charset:
            found.append(run.text())
        # White space counts between a word and plain text, but not between two words.
        if between.strip() or word.start() == len(between):
            found.append(_bytes_read(between))
        run.charset = charset
        run.raw += _bytes_of(word[2], word[3])
    return "".join((*found, run.text(), _bytes_read(text[end:])))


def header_text(value: str) -> str:
    """A header's value as the parser gives it (bytes beyond ASCII as surrogates), as text on one line."""
    return decoded_words(unfolded(value))


def unfolded(value: str) -> str:
    """The value on one line, bytes and encoded words not yet decoded."""
    return value.replace("\r", "").replace("\n", "").replace("\0", "").strip()


def bare(value: str) -> str:
    """The value on one line with its 8-bit bytes decoded, encoded words not yet: RFC 6532 says they are UTF-8."""
    return _bytes_read(unfolded(value))


def _bytes_read(text: str) -> str:
    return text if text.isascii() else decode(raw_bytes(text), "utf-8").text


def raw_bytes(text: str) -> bytes:
    """The bytes behind a text in which the parser put each byte beyond ASCII as a surrogate."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _bytes_of(kind: str, text: str) -> bytes:
    if kind in "Qq":
        raw = raw_bytes(text.replace("_", " "))
        return _HEX.sub(lambda found: bytes([int(found[1], 16)]), raw)
    # Padding is often missing or in the middle; one sign too many cannot be a byte.
    signs = _NOT_BASE64.sub("", text)
    signs = signs[: len(signs) - 1] if len(signs) % 4 == 1 else signs
    return binascii.a2b_base64(signs + "=" * (-len(signs) % 4))
