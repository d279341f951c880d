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
    """Text with its encoded words decoded, also inside quotes and without the white space between two of them.

    Linear in the length of `text`, which callers bound. A word that cannot be decoded stays as it is written.
    """
    if "=?" not in text:
        return text
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
            found.append(between)
        run.charset = charset
        run.raw += _bytes_of(word[2], word[3])
    return "".join((*found, run.text(), text[end:]))


def header_text(value: str) -> str:
    """A header's value as the parser gives it (bytes beyond ASCII as surrogates), as text on one line."""
    return decoded_words(bare(value))


def bare(value: str) -> str:
    """The value unfolded and with its 8-bit bytes read, encoded words not yet decoded."""
    if not value.isascii():
        raw = value.encode("utf-8", "surrogateescape") if _escaped(value) else value.encode("utf-8", "replace")
        value = decode(raw).text
    return value.replace("\r", "").replace("\n", "").replace("\0", "").strip()


def _escaped(value: str) -> bool:
    return all(not "\ud800" <= sign <= "\udfff" or "\udc80" <= sign <= "\udcff" for sign in value)


def _bytes_of(kind: str, text: str) -> bytes:
    if kind in "Qq":
        raw = text.replace("_", " ").encode("utf-8", "replace")
        return _HEX.sub(lambda found: bytes([int(found[1], 16)]), raw)
    # Padding is often missing or in the middle; one sign too many cannot be a byte.
    signs = _NOT_BASE64.sub("", text)
    signs = signs[: len(signs) - 1] if len(signs) % 4 == 1 else signs
    return binascii.a2b_base64(signs + "=" * (-len(signs) % 4))
