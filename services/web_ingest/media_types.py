"""Tells what a file is by its first bytes; what the sender says about it is not believed."""

from typing import Final

HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"})
MP4_BRANDS: Final = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash"}
)

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
"""What a citizen may attach; phones film in MP4, QuickTime or 3GPP."""

RECORDING: Final = frozenset({"audio/mpeg", "audio/wav", "audio/ogg", "audio/mp4"})
"""What a call's recording may be (Điều 11.1)."""


def media_type_of(content: bytes) -> str | None:
    """The media type that the bytes themselves show, or None for anything that nobody asked for."""
    head = content[:16]
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith(b"OggS"):
        return "audio/ogg"
    if head.startswith(b"RIFF"):
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _iso_media(head[8:12])
    if head.startswith(b"ID3") or (head[:1] == b"\xff" and head[1:2] in {b"\xfb", b"\xf3", b"\xf2", b"\xfa"}):
        return "audio/mpeg"
    return None


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
