"""A copy that is shown holds the picture and no word of where, when or by whom it was taken."""

import io
import struct
import zlib
from collections.abc import AsyncIterator

import pytest
from PIL import Image, PngImagePlugin

from gateway.domain.media_types import media_type_of
from gateway.errors import Invalid
from gateway.runtime.bounded_child import BoundedChildren
from gateway.runtime.picture_copies import LONGEST_SIDE, ServedCopy, copy_of, served_copy

SECRETS = (b"GPSSECRET", b"11.5349", b"SM-G991B", b"CommentOfMine", b"<x:xmpmeta", b"ICCSECRET", b"TextOfMine")
RED, BLUE = (250, 10, 10), (10, 10, 250)


@pytest.fixture
async def children() -> AsyncIterator[BoundedChildren]:
    found = BoundedChildren()
    yield found
    await found.close()


def exif(orientation: int) -> bytes:
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x0110] = "SM-G991B"
    made[0x010E] = "GPSSECRET"
    made.get_ifd(0x8825).update({1: "N", 2: (11.0, 32.0, 5.6), 3: "E", 4: (106.0, 53.0, 1.0), 29: "11.5349"})
    return made.tobytes()


def picture(form: str, *, orientation: int = 1, size: tuple[int, int] = (64, 32), mode: str = "RGB") -> bytes:
    """Red on the left, blue on the right, with everything beside it that a camera or an editor may write."""
    made = Image.new("RGB", size, RED)
    made.paste(BLUE, (size[0] // 2, 0, size[0], size[1]))
    more: dict[str, object] = {"exif": exif(orientation), "icc_profile": b"ICCSECRET" * 20}
    if form == "JPEG":
        more |= {"comment": b"CommentOfMine", "xmp": b"<x:xmpmeta>"}
    if form == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", "TextOfMine")
        text.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>")
        more["pnginfo"] = text
    if form == "WEBP":
        more["xmp"] = b"<x:xmpmeta>"
    if form == "GIF":
        more = {"comment": b"CommentOfMine"}
    out = io.BytesIO()
    made.convert(mode).save(out, form, **more)
    return out.getvalue()


def opened(copy: ServedCopy) -> Image.Image:
    assert media_type_of(copy.content) == copy.media_type
    found = Image.open(io.BytesIO(copy.content))
    found.load()
    return found


@pytest.mark.parametrize(
    ("form", "shown"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/png")],
)
async def test_nothing_is_left_but_the_picture(children: BoundedChildren, form: str, shown: str) -> None:
    original = picture(form)
    assert any(secret in original for secret in SECRETS)
    copy = await served_copy(children, original, f"image/{form.lower()}")
    assert copy.media_type == shown
    assert [secret for secret in SECRETS if secret in copy.content] == []
    found = opened(copy)
    assert dict(found.getexif()) == {}
    assert not {"exif", "icc_profile", "comment", "xmp", "Author", "XML:com.adobe.xmp"} & set(found.info)
    assert found.size == (64, 32)
    left = found.convert("RGB").getpixel((5, 16))
    assert isinstance(left, tuple)
    assert left[0] > 200


@pytest.mark.parametrize(
    ("orientation", "size", "red_at"),
    [(1, (64, 32), (5, 16)), (3, (64, 32), (59, 16)), (6, (32, 64), (16, 5)), (8, (32, 64), (16, 59))],
)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_pictures_stand_upright(
    children: BoundedChildren, form: str, orientation: int, size: tuple[int, int], red_at: tuple[int, int]
) -> None:
    original = picture(form, orientation=orientation)
    found = opened(await served_copy(children, original, f"image/{form.lower()}")).convert("RGB")
    assert found.size == size
    pixel = found.getpixel(red_at)
    assert isinstance(pixel, tuple)
    assert pixel[0] > 200


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGB"])
def test_every_mode_of_a_jpeg_is_copied(mode: str) -> None:
    assert copy_of(b"\x0aimage/jpeg" + picture("JPEG", mode=mode))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_a_png_is_copied(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (8, 8)).save(out, "PNG")
    assert copy_of(b"\x09image/png" + out.getvalue())


async def test_large_pictures_are_made_smaller(children: BoundedChildren) -> None:
    for form, mode in (("JPEG", "RGB"), ("PNG", "RGBA")):
        out = io.BytesIO()
        Image.new(mode, (7900, 5060)).save(out, form)
        found = opened(await served_copy(children, out.getvalue(), f"image/{form.lower()}"))
        assert max(found.size) <= LONGEST_SIDE


def bomb(width: int, height: int) -> bytes:
    """A PNG of very many equal pixels: small as a file, huge in memory."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    packer = zlib.compressobj(9)
    row = bytes(1 + width // 8)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [6400, 12_000, 30_000])
async def test_a_picture_of_too_many_pixels_is_refused(children: BoundedChildren, side: int) -> None:
    with pytest.raises(Invalid, match="too_many_pixels"):
        await served_copy(children, bomb(side, side), "image/png")


@pytest.mark.parametrize(
    ("content", "media_type", "reason"),
    [
        (b"\xff\xd8\xff\xe0 no picture", "image/jpeg", "unreadable"),
        (picture("JPEG")[:300], "image/jpeg", "unreadable"),
        (picture("PNG"), "image/jpeg", "unreadable"),
        (b"\x89PNG\r\n\x1a\n" + b"\xff" * 400, "image/png", "unreadable"),
        (b"", "image/webp", "unreadable"),
        (b"\0\0\0\x18ftypheic", "image/heic", "no_copy"),
        (b"%PDF-1.7", "application/pdf", "no_copy"),
        (b"\0\0\0\x18ftypmp42", "video/mp4", "no_copy"),
    ],
)
async def test_what_cannot_be_copied_says_why(
    children: BoundedChildren, content: bytes, media_type: str, reason: str
) -> None:
    with pytest.raises(Invalid) as caught:
        await served_copy(children, content, media_type)
    assert caught.value.reason == reason
