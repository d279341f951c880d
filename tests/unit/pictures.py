"""Pictures for tests that look at what a camera writes beside them."""

import io

from PIL import Image

CAMERA = "KamerakanariX100"
PDF = b"%PDF-1.7\n" + b"1 0 obj << /Type /Catalog >> endobj\n" * 20


def photographed(side: int = 64) -> bytes:
    """A JPEG that names the camera it was taken with."""
    made = io.BytesIO()
    exif = Image.Exif()
    exif[0x0110] = CAMERA
    Image.effect_noise((side, side), 90).convert("RGB").save(made, "JPEG", exif=exif, quality=95)
    return made.getvalue()
