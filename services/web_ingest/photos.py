"""Looks at uploaded files before anything is kept: only what was asked for, told by the bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.domain.media_types import media_type_of
from services.web_ingest.faults import FieldFault
from services.web_ingest.parts import Upload

PHOTOS = "photos"
RECORDING = "recording"


@dataclass(frozen=True, slots=True)
class Photo:
    """A file whose bytes were looked at: what it is, and what the sender called it."""

    name: str
    media_type: str
    content: bytes


def checked_photos(
    uploads: Sequence[Upload], allowed: Mapping[str, frozenset[str]]
) -> tuple[tuple[Photo, ...], tuple[FieldFault, ...]]:
    """The files, and what is wrong with them by field; `allowed` gives the media types of each file field."""
    photos = []
    faults: dict[str, FieldFault] = {}
    for upload in uploads:
        reason = _fault(upload, allowed)
        if reason is not None:
            name = upload.field if upload.field in allowed else "files"
            faults.setdefault(name, FieldFault(name, reason))
            continue
        photos.append(Photo(upload.name, media_type_of(upload.content) or "", upload.content))
    return tuple(photos), tuple(faults.values())


def _fault(upload: Upload, allowed: Mapping[str, frozenset[str]]) -> str | None:
    if upload.field not in allowed:
        return "unknown_field"
    if upload.fault is not None:
        return upload.fault
    if not upload.content:
        return "empty_file"
    return None if media_type_of(upload.content) in allowed[upload.field] else "file_type"
