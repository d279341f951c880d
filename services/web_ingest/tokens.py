"""Signed, dated values for cookies and hidden form fields: they can be read by their holder, not altered."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime

MAX_TOKEN = 2_000


def signed(key: bytes, purpose: str, value: Mapping[str, str], *, expires: datetime) -> str:
    """A token that `opened` accepts under the same key and purpose until `expires` (aware)."""
    body = json.dumps({"v": dict(value), "x": int(expires.timestamp())}, separators=(",", ":")).encode()
    return f"{_text(body)}.{_text(_mac(key, purpose, body))}"


def opened(key: bytes, purpose: str, token: str, *, now: datetime) -> dict[str, str] | None:
    """The value of a token; None when it is missing, forged, made for another purpose, or expired."""
    if not token.isascii() or len(token) > MAX_TOKEN:
        return None
    text, _, mark = token.partition(".")
    try:
        body, mac = _bytes(text), _bytes(mark)
    except binascii.Error:
        return None
    # Base64 can spell the same bytes in several ways; only our own spelling counts.
    if (_text(body), _text(mac)) != (text, mark) or not hmac.compare_digest(mac, _mac(key, purpose, body)):
        return None
    found = json.loads(body)
    if found["x"] <= now.timestamp():
        return None
    return {str(name): str(item) for name, item in found["v"].items()}


def _mac(key: bytes, purpose: str, body: bytes) -> bytes:
    return hmac.digest(key, purpose.encode() + b"\x00" + body, hashlib.sha256)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
