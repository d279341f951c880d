"""Names an answer's file so that the name is only a name, and says what the bytes are."""

import re
from collections.abc import Mapping
from typing import Final

from gateway.domain.hygiene import clean_line
from gateway.domain.media_types import OPEN_TEXT, SHEET, WORD

MAX_NAME: Final = 120
"""As in `schemas.files.FileName`."""

ENDINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
    "application/x-ole-storage": (".doc", ".xls", ".ppt"),
    WORD: (".docx",),
    SHEET: (".xlsx",),
    OPEN_TEXT: (".odt",),
    "video/mp4": (".mp4",),
    "audio/mpeg": (".mp3",),
}
"""Endings that fit a media type; the first is given to a name that has none of them."""

_FOLDERS: Final = re.compile(r"^.*[/\\]", re.DOTALL)
_UNFIT: Final = re.compile(r'[<>:"|?*]')


def shown_name(given: str, media_type: str, number: int) -> str:
    """A name of at most 120 signs without folders, control and turning signs, that ends as its type does.

    `number` names a file that has no name of its own, counted from 0.
    """
    said = clean_line(_FOLDERS.sub("", given), limit=2 * MAX_NAME)
    said = _UNFIT.sub("_", said).strip(". ") or f"file-{number + 1}"
    fitting = ENDINGS.get(media_type, (".bin",))
    ending = next((one for one in fitting if said.lower().endswith(one)), None)
    stem = said if ending is None else said[: -len(ending)]
    # What stood before the ending alone would be hidden, or nothing.
    stem = stem[: MAX_NAME - len(ending or fitting[0])].strip(". ") or f"file-{number + 1}"
    return stem + (said[-len(ending) :] if ending else fitting[0])
