"""Reads what hangs on a message: files to fetch, a place on the map, and what the citizen only passed on."""

from dataclasses import dataclass
from typing import Any

from gateway.domain.hygiene import clean_line
from schemas.files import Attachment, AttachmentPersonal, AttachmentState
from schemas.inbound import Position
from services.facebook_ingest.members import Json, mapping, name_of, unreadable, words

MOST = 100
URL_LENGTH = 4_000

LIKES = frozenset({"369239263222822", "369239343222814", "369239383222810"})
"""Stickers of the like button, in its three sizes: a thumb that ends a conversation."""

_KINDS = {"image": "image", "video": "video", "audio": "audio", "file": "document"}
_PASSED_ON = frozenset({"fallback", "post", "ig_post", "reel", "ig_reel", "share", "story_mention", "template"})
"""Shared links, posts and products: what they say was not written by the citizen."""


@dataclass(frozen=True, slots=True)
class Hanging:
    """Files still to be fetched, what was passed on (titles and links), a position, and stickers."""

    files: tuple[Attachment, ...] = ()
    quoted: str = ""
    position: Position | None = None
    stickers: int = 0
    likes: int = 0

    @property
    def nothing(self) -> bool:
        """Whether there is nothing in it for anybody to look at."""
        return not (self.files or self.quoted or self.position)


def read_attachments(listed: list[Any]) -> Hanging:
    """What hangs on a message; raises `Invalid` when the list is not made of attachments."""
    files: list[Attachment] = []
    quoted: list[str] = []
    position: Position | None = None
    stickers = likes = 0
    for one in listed[:MOST]:
        if not isinstance(one, dict):
            raise unreadable()
        kind, payload = words(one, "type"), _payload(one)
        sticker = name_of(payload, "sticker_id")
        if kind == "sticker" or sticker:
            stickers += 1
            likes += sticker in LIKES
        elif kind == "location":
            position = _position(mapping(payload, "coordinates")) or position
        elif kind in _PASSED_ON:
            quoted.append(_passed_on(one, payload))
        else:
            files.append(attachment(len(files), _KINDS.get(kind, "other"), words(payload, "url")))
    return Hanging(tuple(files), "\n".join(one for one in quoted if one), position, stickers, likes)


def attachment(number: int, kind: str, url: str) -> Attachment:
    """A file that waits to be fetched; one that nobody can fetch is lost already, and says so."""
    fetchable = 0 < len(url) <= URL_LENGTH and url.isprintable()
    return Attachment(
        number=number,
        kind=kind,
        state=AttachmentState.PENDING if fetchable else AttachmentState.LOST,
        personal=AttachmentPersonal(source_url=url if fetchable else ""),
    )


def _payload(one: Json) -> Json:
    found = one.get("payload")
    # Old shared links have a text or nothing here.
    return found if isinstance(found, dict) else {}


def _passed_on(one: Json, payload: Json) -> str:
    title = words(payload, "title") or words(one, "title")
    url = words(payload, "url") or words(one, "url")
    return " ".join(part for part in (clean_line(title), clean_line(url, limit=2_000)) if part)


def _position(coordinates: Json) -> Position | None:
    latitude, longitude = coordinates.get("lat"), coordinates.get("long")
    if not (isinstance(latitude, int | float) and isinstance(longitude, int | float)):
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    return Position(latitude=latitude, longitude=longitude)
