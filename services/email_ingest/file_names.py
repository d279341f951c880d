"""Names files so that a name is only a name: no folders, no signs that turn it round, never empty."""

import re

from gateway.domain.hygiene import clean_line
from services.email_ingest.encoded_words import header_text
from services.email_ingest.mime_tree import Leaf

MAX_NAME = 150
_FOLDERS = re.compile(r"^.*[/\\]")
_UNFIT = re.compile(r'[<>:"|?*]')
_SUBJECT = re.compile(
    rb"^subject:[ \t]*([^\r\n]{0,500}(?:\r?\n[ \t][^\r\n]{0,500}){0,5})", re.IGNORECASE | re.MULTILINE
)
_ENDINGS = {
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/rfc822-headers": ".txt",
    "application/ms-tnef": ".dat",
    "application/octet-stream": ".bin",
    "text/plain": ".txt",
    "text/html": ".html",
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "audio/mpeg": ".mp3",
    "video/mp4": ".mp4",
}


def file_name(leaf: Leaf, number: int) -> str:
    """The sender's name without its folders, or one made of the type; an attached message is named by its subject."""
    said = _cleaned(leaf.name)
    if said:
        return said
    ending = _ENDINGS.get(leaf.media_type) or (".txt" if leaf.media_type.startswith("message/") else ".bin")
    subject = _SUBJECT.search(leaf.content[:65_536]) if leaf.media_type == "message/rfc822" else None
    stem = _cleaned(header_text(subject[1].decode("utf-8", "surrogateescape"))) if subject else ""
    return (stem or f"file-{number + 1}") + ending


def _cleaned(name: str) -> str:
    said = clean_line(_FOLDERS.sub("", clean_line(name, limit=2_000)), limit=2_000)
    said = _UNFIT.sub("_", said).strip(". ")
    stem, dot, ending = said.rpartition(".")
    if len(said) > MAX_NAME and dot and len(ending) <= 10:
        return stem[: MAX_NAME - len(ending) - 1] + dot + ending
    return said[:MAX_NAME]
