"""What comes with a message beside its text: files to fetch, a place, a page linked to, a phone number on a card."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from gateway.domain.hygiene import clean_line
from schemas.files import Attachment, AttachmentPersonal, AttachmentState
from schemas.inbound import Position
from services.zalo_ingest.payload import items, member, words
from services.zalo_ingest.phone import e164

KINDS: Final[Mapping[str, str]] = {
    "image": "image",
    "gif": "image",
    "audio": "audio",
    "video": "video",
    "file": "document",
}
"""Zalo's attachment type to the contract's kind; a `sticker` is none, `link` and `location` are read below."""

MAX_ATTACHMENTS = 50
MAX_URL = 4000
MAX_CARD = 10_000
HOSTS: Final = (".zdn.vn", ".zadn.vn", ".zaloapp.com", ".zalo.me")
"""Where Zalo keeps media. Many links say `http://`, and all these hosts answer on https."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What was found beside the text; `links` are pages the citizen sent, `described` what those call themselves."""

    files: tuple[Attachment, ...] = ()
    position: Position | None = None
    phone: str | None = None
    links: tuple[str, ...] = ()
    described: tuple[str, ...] = field(default=(), repr=False)


def beside(message: Mapping[str, Any]) -> Beside:
    """Read `message.attachments`; what cannot be understood is left out and stays in the original."""
    found = Beside()
    for one in items(message, "attachments")[:MAX_ATTACHMENTS]:
        found = _with(found, words(one, "type"), member(one, "payload"))
    return found


def _with(found: Beside, kind: str, payload: object) -> Beside:
    match kind:
        case "location":
            return replace(found, position=_position(payload) or found.position)
        case "link":
            return _with_link(found, payload)
        case "sticker":
            return found
        case _:
            return replace(found, files=(*found.files, _file(len(found.files), kind, payload)))


def _file(number: int, kind: str, payload: object) -> Attachment:
    url = secured(clean_line(words(payload, "url"), limit=MAX_URL + 1))
    fetched = url.startswith(("https://", "http://")) and len(url) <= MAX_URL
    return Attachment(
        number=number,
        kind=KINDS.get(kind, "other"),
        state=AttachmentState.PENDING if fetched else AttachmentState.LOST,
        personal=AttachmentPersonal(name=clean_line(words(payload, "name")), source_url=url if fetched else ""),
    )


def secured(url: str) -> str:
    """The same link over https when it leads to a host of Zalo's."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    ours = parts.scheme == "http" and any(host.endswith(ending) for ending in HOSTS) and parts.netloc == host
    return urlunsplit(parts._replace(scheme="https")) if ours else url


def _position(payload: object) -> Position | None:
    """Coordinates come as texts or numbers."""
    try:
        latitude = float(member(payload, "coordinates", "latitude"))
        longitude = float(member(payload, "coordinates", "longitude"))
    except (TypeError, ValueError, OverflowError):
        return None
    inside = abs(latitude) <= 90 and abs(longitude) <= 180
    return Position(latitude=latitude, longitude=longitude) if inside else None


def _with_link(found: Beside, payload: object) -> Beside:
    """A shared page, or a business card, which is a link whose description is JSON inside a text."""
    description = words(payload, "description")
    phone = _phone_on_card(description)
    if phone is not None:
        return replace(found, phone=phone)
    link = clean_line(words(payload, "url"), limit=2000)
    return replace(
        found,
        links=(*found.links, link) if link else found.links,
        described=(*found.described, description) if description else found.described,
    )


def _phone_on_card(description: str) -> str | None:
    if len(description) > MAX_CARD or not description.lstrip().startswith("{"):
        return None
    try:
        card = json.loads(description)
    except (ValueError, RecursionError):
        return None
    phone = clean_line(words(card, "phone"), limit=40)
    return e164(phone) if phone else None
