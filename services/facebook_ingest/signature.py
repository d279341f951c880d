"""Tells requests that Facebook signed from all others, over the bytes as they came."""

import hashlib
import hmac
import re
from collections.abc import Sequence

HEADER = b"x-hub-signature-256"
_SIGNATURE = re.compile(rb"sha256=([0-9a-f]{64})")


def is_signed(body: bytes, headers: Sequence[tuple[bytes, bytes]], secrets: Sequence[bytes]) -> bool:
    """Whether `X-Hub-Signature-256` is HMAC-SHA256 of these very bytes under one of the app's secrets.

    Facebook signs what it sends, with every letter beyond ASCII escaped: parsing and writing the body again gives
    other bytes. `headers` has lower-case names, as ASGI gives them; the header must be there exactly once. Every
    secret is tried, in constant time. Source: Messenger Platform, Webhooks, "Validating payloads".
    """
    given = [value for name, value in headers if name == HEADER]
    found = _SIGNATURE.fullmatch(given[0]) if len(given) == 1 else None
    if found is None:
        return False
    matches = [
        hmac.compare_digest(hmac.digest(secret, body, hashlib.sha256).hex().encode(), found[1]) for secret in secrets
    ]
    return any(matches)


def proof(secret: bytes, token: str) -> str:
    """`appsecret_proof` of a call: shows that who uses the token knows the app's secret too."""
    return hmac.digest(secret, token.encode(), hashlib.sha256).hex()
