"""Tells what a file is by its first bytes; what the sender says about it is not believed."""

import re
from typing import Final

HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"})
MP4_BRANDS: Final = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash", b"MSNV"}
)

WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPEN_TEXT: Final = "application/vnd.oasis.opendocument.text"

CITIZEN: Final = frozenset(
    {
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/heic",
        "video/mp4",
        "video/quicktime",
        "video/3gpp",
        "application/pdf",
    }
)
"""What a citizen may attach to the form; phones film in MP4, QuickTime or 3GPP."""

RECORDING: Final = frozenset({"audio/mpeg", "audio/wav", "audio/ogg", "audio/mp4"})
"""What a call's recording may be (Điều 11.1)."""

CHAT_AND_MAIL: Final = (
    CITIZEN
    | RECORDING
    | {
        "image/gif",
        "audio/amr",
        "audio/aac",
        "text/plain",
        "application/zip",
        "application/x-ole-storage",
        WORD,
        SHEET,
        OPEN_TEXT,
    }
)
"""What is kept of chats and mails: also voice messages and office documents, which are never unpacked."""

ANSWER: Final = frozenset(
    {
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
        "application/pdf",
        "application/x-ole-storage",
        WORD,
        SHEET,
        OPEN_TEXT,
        "video/mp4",
        "audio/mpeg",
    }
)
"""What an answer may bring to a citizen: what a phone opens by itself, and office documents."""

_MAGIC: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"PK\x05\x06", "application/zip"),
)
"""OLE storage ([MS-CFB] 2.2) is what old .doc and .xls files are; which one, only unpacking could tell."""

_ZIP_LOCAL_FILE: Final = b"PK\x03\x04"
_ZIP_LOOKED_AT: Final = 4096
_OFFICE_FOLDERS: Final = ((b"word/", WORD), (b"xl/", SHEET))

_TEXT_LOOKED_AT: Final = 4096
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_MARKUP: Final = re.compile(r"\s*<(?:!doctype|!--|\?xml|html|head|body|script|svg|iframe|meta)", re.IGNORECASE)


def media_type_of(content: bytes) -> str | None:
    """The media type that the bytes themselves show, or None for anything that nobody asked for."""
    for magic, found in _MAGIC:
        if content.startswith(magic):
            return found
    head = content[:16]
    if head.startswith(b"RIFF"):
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _iso_media(head[8:12])
    if head.startswith(_ZIP_LOCAL_FILE):
        return _zip(content[:_ZIP_LOOKED_AT])
    if head[:1] == b"\xff":
        return _mpeg_audio(head)
    return "text/plain" if _is_plain_text(content) else None


def kind_of(media_type: str) -> str:
    """The attachment's kind in the contract: image, audio, video or document."""
    family = media_type.partition("/")[0]
    return family if family in {"image", "audio", "video"} else "document"


def _iso_media(brand: bytes) -> str | None:
    if brand in HEIC_BRANDS:
        return "image/heic"
    if brand in MP4_BRANDS:
        return "video/mp4"
    if brand == b"qt  ":
        return "video/quicktime"
    if brand[:3] == b"3gp":
        return "video/3gpp"
    return "audio/mp4" if brand in {b"M4A ", b"M4B "} else None


def _mpeg_audio(head: bytes) -> str | None:
    """MPEG audio frames begin with eleven set bits; AAC in ADTS (ISO/IEC 13818-7, 6.2) has layer 00 after twelve."""
    second = head[1:2]
    if second in {b"\xf1", b"\xf9", b"\xf0", b"\xf8"}:
        return "audio/aac"
    return "audio/mpeg" if second in {b"\xfb", b"\xf3", b"\xf2", b"\xfa"} else None


def _zip(start: bytes) -> str:
    """Which office document a zip container is by the names at its beginning; nothing is unpacked."""
    # OpenDocument 1.3 part 2, 3.3: the first entry is `mimetype`, stored as it is, so its text lies at byte 38.
    if start[30:38] == b"mimetype" and start[38:].startswith(OPEN_TEXT.encode()):
        return OPEN_TEXT
    if b"[Content_Types].xml" in start or b"_rels/.rels" in start:
        return next((found for folder, found in _OFFICE_FOLDERS if folder in start), "application/zip")
    return "application/zip"


def _is_plain_text(content: bytes) -> bool:
    """UTF-8 without control characters that is no markup: an error page of a media host is not what was sent."""
    start = content[:_TEXT_LOOKED_AT]
    try:
        text = start.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # A sign may be cut in two at the end of what is looked at.
        if len(content) <= _TEXT_LOOKED_AT or error.start < len(start) - 3:
            return False
        text = start[: error.start].decode("utf-8-sig")
    if not text.strip() or _MARKUP.match(text):
        return False
    return _CONTROL.search(text) is None
