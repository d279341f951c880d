"""Who calls the API: keys are compared as hashes, in constant time, against every configured one."""

import hashlib
import hmac
from collections.abc import Mapping

from starlette.requests import Request

MAX_KEY = 512


def holder_of(key: str, hashes: Mapping[str, str]) -> str | None:
    """Name of the app or operator who holds this key; every hash is compared, so time tells nothing."""
    given = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    found = None
    for name, known in hashes.items():
        if hmac.compare_digest(given, known):
            found = name
    return found if key and len(key) <= MAX_KEY else None


def presented_key(request: Request) -> str:
    """The key out of `Authorization: Bearer …` or `X-API-Key`; empty when there is none."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip()
    return request.headers.get("x-api-key", "").strip()
