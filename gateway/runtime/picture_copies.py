"""Makes the copy of a citizen's picture that is shown: the picture and nothing that the camera wrote beside it."""

import io
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from gateway.errors import Invalid
from gateway.runtime.bounded_child import BoundedChildren

MOST_PIXELS: Final = 40_000_000
LONGEST_SIDE: Final = 4096
"""Pixels; small print on a photographed paper can still be read."""

MEMORY: Final = 768_000_000
"""Forty million pixels of four bytes, once as they came and once made smaller, beside the program itself."""

_COPIES: Final = {
    "image/jpeg": ("JPEG", "image/jpeg", {"quality": 88}),
    "image/png": ("PNG", "image/png", {}),
    "image/gif": ("GIF", "image/png", {}),
    "image/webp": ("WEBP", "image/webp", {"quality": 88}),
}
"""Stored type to the format that is read, the type of the copy, and how it is written. Of a GIF the first picture
is shown. HEIC has no decoder here, and sound, film and documents are not rewritten: there is no copy of them."""

_WRITTEN_AS: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}


@dataclass(frozen=True, slots=True, repr=False)
class ServedCopy:
    """Bytes to be shown and their media type."""

    content: bytes
    media_type: str


async def served_copy(children: BoundedChildren, content: bytes, media_type: str) -> ServedCopy:
    """A copy of a stored picture: upright, at most 4096 pixels long, without EXIF, GPS, comments or a thumbnail.

    Raises `Invalid("no_copy")` for types that cannot be copied, `Invalid` with `too_many_pixels` or a reason of
    `BoundedChildren.run` for what cannot be read; the original stays as it is.
    """
    if media_type not in _COPIES:
        raise Invalid("no_copy", "There are copies of JPEG, PNG, GIF and WebP pictures only.")
    tag = media_type.encode()
    made = await children.run(copy_of, bytes([len(tag)]) + tag + content, memory_bytes=MEMORY)
    return ServedCopy(made, _COPIES[media_type][1])


async def citizen_copy(children: BoundedChildren, content: bytes, media_type: str) -> ServedCopy:
    """What a citizen gets of an answer's file: a JPEG, PNG or WebP picture as a copy, anything else as it is.

    Raises as `served_copy` for a picture that cannot be copied.
    """
    if media_type not in _WRITTEN_AS:
        return ServedCopy(content, media_type)
    return await served_copy(children, content, media_type)


def copy_of(payload: bytes) -> bytes:
    """The copy's bytes for one byte of length, the media type, and the picture; runs in a child.

    Raises `Invalid` with `too_many_pixels` or `unreadable`.
    """
    size = payload[0]
    read_as, shown_as, options = _COPIES[payload[1 : 1 + size].decode()]
    try:
        with warnings.catch_warnings():
            # What Pillow warns of is bounded by the number of pixels below; other oddities spoil no picture.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(payload[1 + size :]), formats=(read_as,)) as picture:
                return _written(_upright(picture), shown_as, options)
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise Invalid("unreadable", type(error).__name__) from None


def _upright(picture: Image.Image) -> Image.Image:
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_many_pixels()
    # A JPEG is decoded at a smaller scale at once where that is enough.
    picture.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
    picture.load()
    orientation = picture.getexif().get(0x0112)
    coloured = picture if picture.mode in ("RGB", "RGBA", "L") else picture.convert(_mode_of(picture))
    coloured.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if orientation in range(2, 9):
        coloured.getexif()[0x0112] = orientation
        coloured = ImageOps.exif_transpose(coloured)
    return coloured


def _mode_of(picture: Image.Image) -> str:
    return "RGBA" if picture.has_transparency_data else "RGB"


def _written(picture: Image.Image, shown_as: str, options: dict[str, int]) -> bytes:
    if shown_as == "image/jpeg" and picture.mode == "RGBA":
        picture = picture.convert("RGB")
    # Pillow's writers look here for comments, profiles and text that came with the picture.
    picture.info = {}
    made = io.BytesIO()
    picture.save(made, _WRITTEN_AS[shown_as], **options)
    return made.getvalue()


def _too_many_pixels() -> Invalid:
    return Invalid("too_many_pixels", "The picture has more than forty million pixels.")
