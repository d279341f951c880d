"""Sources of mails for tests, built byte by byte where a library would not write what programs really send."""

import unicodedata
from collections.abc import Callable

from services.email_ingest.legacy_tables import TCVN3, VISCII

TONES = "\u0300\u0301\u0303\u0309\u0323"
RECEIVED = "Received: from a.example by b.example; Wed, 25 Nov 2026 10:05:00 +0700"


def mail(
    body: bytes | str = "Mất nước.", *headers: str, sender: str = "an@citizen.example", subject: str = "x"
) -> bytes:
    """A plain mail with further header lines; a header given here replaces the usual one of that name."""
    usual = {
        "from": f"From: {sender}",
        "subject": f"Subject: {subject}",
        "date": "Date: Wed, 25 Nov 2026 10:05:00 +0700",
        "message-id": "Message-ID: <1@citizen.example>",
        "content-type": "Content-Type: text/plain; charset=utf-8",
    }
    named = {line.partition(":")[0].lower() for line in headers}
    lines = [*(line for name, line in usual.items() if name not in named), *headers]
    content = body.encode() if isinstance(body, str) else body
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + content


def in_table(text: str, table: str) -> bytes:
    """Text in a charset given as a table; every sign must be in it."""
    return bytes(table.index(sign) for sign in unicodedata.normalize("NFC", text))


def in_windows_1258(text: str) -> bytes:
    """Text as Windows writes it: letters with their hats and horns, the tone behind as a mark of its own."""
    found = b""
    for sign in unicodedata.normalize("NFC", text):
        parted = unicodedata.normalize("NFD", sign)
        tone = "".join(mark for mark in parted if mark in TONES)
        base = unicodedata.normalize("NFC", "".join(mark for mark in parted if mark not in TONES))
        try:
            found += sign.encode("cp1258")
        except UnicodeEncodeError:
            found += (base + tone).encode("cp1258")
    return found


LEGACY: dict[str, Callable[[str], bytes]] = {
    "windows-1258": in_windows_1258,
    "viscii": lambda text: in_table(text, VISCII),
    "tcvn3": lambda text: in_table(text, TCVN3),
}
"""Name of each legacy charset to what writes it."""
