"""Reads an API request in the order size, key, body; the body may be JSON, or JSON with files (multipart)."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass

from starlette.requests import Request

from gateway.errors import Invalid
from gateway.runtime.request_body import check_declared, whole_body
from services.web_ingest.faults import FieldFault, Refused
from services.web_ingest.keys import holder_of, presented_key
from services.web_ingest.parts import Bounds
from services.web_ingest.photos import Photo, checked_photos
from services.web_ingest.settings import WebSettings
from services.web_ingest.site import Site

IDEMPOTENCY_KEY = "idempotency-key"
MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Incoming:
    """The JSON as it came, and the files beside it."""

    payload: bytes
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """How a multipart request must look: name of the JSON part, bounds, and media types by file field."""

    part: str
    bounds: Bounds
    allowed: Mapping[str, frozenset[str]]


def authorized(site: Site, request: Request, keys: Mapping[str, str]) -> str:
    """Name of who holds the presented key; raises `Invalid("unauthorized")`, or `Refused` after too many tries."""
    holder = holder_of(presented_key(request), keys)
    if holder is not None:
        return holder
    client = site.client(request)
    site.brake(client)
    site.attempts.count(client)
    raise Invalid("unauthorized", "A valid key is needed.")


async def incoming(site: Site, request: Request, shape: Shape) -> AbstractAsyncContextManager[Incoming]:
    """The request's body for the time it is handled; this or entering it raises `Invalid`, `Refused`, `Unavailable`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return nullcontext(Incoming(await _json_body(request, site.web.settings)))
    if kind == MULTIPART:
        return _in_parts(site, request, shape)
    raise Invalid("wrong_media_type", "Send application/json or multipart/form-data.")


@asynccontextmanager
async def _in_parts(site: Site, request: Request, shape: Shape) -> AsyncIterator[Incoming]:
    async with site.form(request, shape.bounds) as parts:
        if shape.part not in parts.fields:
            raise Refused("invalid_fields", faults=[FieldFault(shape.part, "missing")])
        if shape.part in parts.cut:
            raise Invalid("too_large", "The JSON part is larger than allowed.")
        photos, faults = checked_photos(parts.uploads, shape.allowed)
        if faults:
            raise Refused(faults[0].reason, "A file cannot be taken.", faults=faults)
        yield Incoming(parts.fields[shape.part].encode(), photos)


async def _json_body(request: Request, bounds: WebSettings) -> bytes:
    return await whole_body(
        request.headers.raw,
        request.receive,
        limit=bounds.json_bytes,
        seconds=bounds.body_seconds,
        idle_seconds=bounds.idle_seconds,
    )


def check_size(site: Site, request: Request, shape: Shape) -> None:
    """Refuse what is too large by its own account, before anything else; raises `Invalid`."""
    is_json = request.headers.get("content-type", "").lower().startswith("application/json")
    check_declared(request.headers.raw, site.web.settings.json_bytes if is_json else shape.bounds.stream)


def idempotency_key(request: Request) -> str | None:
    """The caller's key, if there is one; raises `Refused` unless it is 1 to 255 printable ASCII signs."""
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is None:
        return None
    if not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise Refused("invalid_fields", faults=[FieldFault("Idempotency-Key", "malformed")])
    return key
