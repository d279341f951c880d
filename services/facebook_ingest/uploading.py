"""Brings a file to Facebook, which then has a name for it that a message can carry (Attachment Upload API).

What is uploaded and never sent reaches nobody, so that an upload is repeated as often as it takes.
"""

from datetime import timedelta
from typing import Any, Final

from gateway.domain.media_types import OPEN_TEXT, SHEET, WORD
from gateway.outbox.carrier import Delivered, Enclosure, FilesTaken, Handover, Later, Refused, Unclear
from services.facebook_ingest.calls import Calls

MEGABYTE: Final = 1_000_000
_KINDS: Final = {
    **dict.fromkeys(("image/jpeg", "image/png", "image/gif", "image/webp"), ("image", 8 * MEGABYTE)),
    **dict.fromkeys(("application/pdf", "application/x-ole-storage", WORD, SHEET, OPEN_TEXT), ("file", 25 * MEGABYTE)),
    "video/mp4": ("video", 25 * MEGABYTE),
    "audio/mpeg": ("audio", 25 * MEGABYTE),
}
TAKES: Final = FilesTaken({media_type: most for media_type, (_, most) in _KINDS.items()})

AGAIN_SECONDS: Final = 30.0
UPLOADING: Final = timedelta(hours=1)
"""How long after it was filed a file is tried whose upload nobody answers; then the citizen is told where it is."""

NOT_THIS_FILE: Final = frozenset({"bad_parameter", "bad_file", "too_big", "empty_message"})
"""Why Facebook refuses a message or an upload because of its file."""

Content = dict[str, Any]


async def uploaded(
    calls: Calls, page: str, file: Enclosure, token: str, *, tries: int, age: timedelta
) -> Content | Handover | None:
    """What the message holds that brings the file; None when Facebook will not have it; or how trying ended.

    `age` is how long ago the reply was filed.
    """
    kind, _ = _KINDS[file.media_type]
    match await calls.upload(f"{page}/message_attachments", kind, file, token, tries=tries):
        case str(name):
            return {"attachment": {"type": kind, "payload": {"attachment_id": name}}}
        case Unclear() | Delivered():
            return Later("upload_unclear", AGAIN_SECONDS) if age < UPLOADING else None
        case Refused(reason) if reason in NOT_THIS_FILE:
            return None
        case handover:
            return handover
