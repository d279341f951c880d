"""Tells Zalo's webhooks from anybody else's by the MAC over the raw body (developers' page "Webhook").

`mac = SHA-256(app id + body as received + the body's timestamp + OA secret key)`: a plain hash of a concatenation, no
HMAC. The secret belongs to one OA, and while it is being changed two of them hold.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.errors import Invalid
from services.zalo_ingest.payload import Members, members_of, words

MAX_HEADER = 200

_MAC = re.compile(rb"(?:mac\s*=\s*)?([0-9a-fA-F]{64})")


@dataclass(frozen=True, slots=True)
class Genuine:
    """Signed with a secret of this OA."""

    oa: str


@dataclass(frozen=True, slots=True)
class Forged:
    """Not signed with any secret of the OA it names; `oa` is that OA if it is one of ours, else empty."""

    oa: str


def checked(
    body: bytes, headers: Sequence[bytes], app_id: str, secrets: Mapping[str, Sequence[str]]
) -> Genuine | Forged:
    """Whether Zalo sent this body.

    `headers` holds every `X-ZEvent-Signature` of the request, `secrets` the ones that hold for each OA. Takes the
    same time whichever secret fits. What cannot be read is forged.
    """
    try:
        found = members_of(body)
    except Invalid:
        return Forged("")
    named = _named(found, secrets)
    # An event about the app as a whole names no OA; there each of our secrets may have signed.
    candidates = (named,) if named else tuple(secrets)
    given = _given(headers)
    if given is None or words(found, "app_id") != app_id:
        return Forged(named)
    timestamp = words(found, "timestamp")
    signer = ""
    for oa in candidates:
        for secret in secrets[oa]:
            if hmac.compare_digest(given, mac_of(app_id, body, timestamp, secret)):
                signer = oa
    return Genuine(signer) if signer and timestamp else Forged(named)


def mac_of(app_id: str, body: bytes, timestamp: str, secret: str) -> bytes:
    """The 32 bytes that Zalo's header holds in hex."""
    # A timestamp may hold half a surrogate pair, which no UTF-8 has; such a body is nobody's.
    return hashlib.sha256(app_id.encode() + body + timestamp.encode("utf-8", "replace") + secret.encode()).digest()


def _named(found: Members, secrets: Mapping[str, Sequence[str]]) -> str:
    """The configured OA that an event names: the receiving side first, then the sending one, then its own member."""
    told = (words(found, "recipient", "id"), words(found, "sender", "id"), words(found, "oa_id"))
    return next((oa for oa in told if oa in secrets), "")


def _given(headers: Sequence[bytes]) -> bytes | None:
    if len(headers) != 1 or len(headers[0]) > MAX_HEADER:
        return None
    match = _MAC.fullmatch(headers[0].strip())
    return None if match is None else bytes.fromhex(match[1].decode("ascii"))
