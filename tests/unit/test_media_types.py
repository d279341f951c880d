"""A file is what its first bytes say."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.media_types import CHAT_AND_MAIL, CITIZEN, OPEN_TEXT, SHEET, WORD, kind_of, media_type_of


def archive(*names: str, stored_first: str = "") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        if stored_first:
            file.writestr("mimetype", stored_first)
        for name in names:
            file.writestr(name, "<x/>")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\xff\xd8\xff\xe1", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"\0\0\0\x14ftypqt  ", "video/quicktime"),
        (b"\0\0\0\x18ftyp3gp5", "video/3gpp"),
        (b"\0\0\0\x18ftypM4A ", "audio/mp4"),
        (b"%PDF-1.7", "application/pdf"),
        (b"ID3\x03", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"\xff\xf9\x50\x80", "audio/aac"),
        (b"#!AMR\n", "audio/amr"),
        (b"#!AMR-WB\n", "audio/amr"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"OggS\0", "audio/ogg"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "application/x-ole-storage"),
        (archive("[Content_Types].xml", "_rels/.rels", "word/document.xml"), WORD),
        (archive("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"), SHEET),
        (archive("content.xml", stored_first=OPEN_TEXT), OPEN_TEXT),
        (archive("word/document.xml"), "application/zip"),
        (archive(), "application/zip"),
        ("Kính gửi tổng đài,\r\n\tđường hỏng.".encode(), "text/plain"),
        (b"\xef\xbb\xbfabc", "text/plain"),
        (("x" * 4095 + "đ" * 10).encode(), "text/plain"),
        (b"x" * 4095 + b"\xc4", None),
        (b"abc\0def", None),
        (b"abc\x1bdef", None),
        (b"\xa1\xb2\xc3", None),
        (b" \n", None),
        (b"<svg xmlns=", None),
        (b"<html>", None),
        (b"\n <!DOCTYPE html>", None),
        (b"<?xml version='1.0'?><svg/>", None),
        (b"MZ\x90\0\x03", None),
        (b"\x7fELF", None),
        (b"\0\0\0\x18ftypevil", None),
        (b"", None),
    ],
)
def test_files_are_what_their_bytes_say(content: bytes, media_type: str | None) -> None:
    assert media_type_of(content) == media_type
    assert media_type is None or media_type in CHAT_AND_MAIL


@pytest.mark.parametrize("content", [b"GIF89a", b"PK\x05\x06", b"plain words", b"#!AMR\n"])
def test_the_form_takes_no_more_than_before(content: bytes) -> None:
    assert media_type_of(content) not in CITIZEN


def test_whatever_is_no_picture_sound_or_film_is_a_document() -> None:
    kinds = {kind_of(media_type) for media_type in CHAT_AND_MAIL}
    assert kinds == {"image", "audio", "video", "document"}
    assert kind_of(WORD) == kind_of("text/plain") == "document"


@given(content=st.binary(max_size=40))
def test_any_bytes_have_a_type_that_is_kept_or_none(content: bytes) -> None:
    assert media_type_of(content) in {None, *CHAT_AND_MAIL}
