"""Brings a file to Zalo, which then has a name for it that a message can carry.

Bounds and endpoints: developers' pages on uploading of the Official Account API. What is uploaded and never sent
reaches nobody, so that an upload is repeated as often as it takes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.domain.media_types import WORD
from gateway.outbox.carrier import Enclosure, FilesTaken, Later, Refused, Unclear
from gateway.runtime.calling import Answered
from services.zalo_ingest.calls import FAILING_SECONDS, Calls, ended
from services.zalo_ingest.payload import answered, words

PATHS: Final = {"image": "/v2.0/oa/upload/image", "gif": "/v2.0/oa/upload/gif", "file": "/v2.0/oa/upload/file"}
_KINDS: Final = {
    "image/jpeg": ("image", 1_048_576),
    "image/png": ("image", 1_048_576),
    "image/gif": ("gif", 5_242_880),
    "application/pdf": ("file", 5_242_880),
    "application/x-ole-storage": ("file", 5_242_880),
    WORD: ("file", 5_242_880),
}
KINDS: Final = {media_type: kind for media_type, (kind, _) in _KINDS.items()}
"""What Zalo calls a message with a file of a media type."""

TAKES: Final = FilesTaken({media_type: most for media_type, (_, most) in _KINDS.items()})


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The message that carries the file."""

    message: dict[str, Any]


async def uploaded(
    calls: Calls, oa: str, file: Enclosure, clock: Callable[[], datetime], *, whole_channel: bool
) -> Uploaded | Refused | Later:
    """Upload one file; `Later` also when nobody knows whether it arrived."""
    kind = KINDS[file.media_type]
    answer = await calls.post(oa, PATHS[kind], file=(file.name, file.content, file.media_type))
    end = ended(answer, clock(), whole_channel=whole_channel)
    if isinstance(end, Unclear):
        return Later("upload_unclear", FAILING_SECONDS)
    if isinstance(end, Refused | Later):
        return end
    name = words(
        answered(answer.content) if isinstance(answer, Answered) else None,
        "data",
        "token" if kind == "file" else "attachment_id",
    )
    return Uploaded(_carrying(kind, name)) if name else Later("upload_unclear", FAILING_SECONDS)


def _carrying(kind: str, name: str) -> dict[str, Any]:
    if kind == "file":
        return {"attachment": {"type": "file", "payload": {"token": name}}}
    element = {"media_type": kind, "attachment_id": name}
    return {"attachment": {"type": "template", "payload": {"template_type": "media", "elements": [element]}}}
