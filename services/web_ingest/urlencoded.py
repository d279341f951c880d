"""Reads application/x-www-form-urlencoded bodies: what forms without files send."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

from gateway.errors import Invalid
from services.web_ingest.parts import MAX_PARTS, Parts

URLENCODED = "application/x-www-form-urlencoded"
MAX_BYTES = 1_000_000


@asynccontextmanager
async def urlencoded_form(body: AsyncIterator[bytes], limit: int) -> AsyncIterator[Parts]:
    """A whole form; raises `Invalid` when it is too large, has too many fields or is not UTF-8."""
    held = bytearray()
    async for chunk in body:
        held += chunk
        if len(held) > min(limit, MAX_BYTES):
            raise Invalid("too_large", "The body is larger than allowed.")
    yield Parts(_fields(bytes(held)), ())


def _fields(body: bytes) -> dict[str, str]:
    if body.count(b"&") >= MAX_PARTS:
        raise Invalid("too_many_parts", "The form has too many fields.")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise Invalid("not_utf8", "The form is not UTF-8.") from error
    found: dict[str, str] = {}
    for name, value in pairs:
        found.setdefault(name, value)
    return found
