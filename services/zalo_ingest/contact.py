"""What a citizen told by the card that asks for contact details: two generations of it are in use."""

from gateway.domain.hygiene import clean_line
from schemas.inbound import Contact
from services.zalo_ingest.payload import words
from services.zalo_ingest.phone import e164

ADDRESS_PARTS = ("address", "ward", "district", "city")
"""The older generation's parts, smallest first; districts ended in July 2025 and may be missing or stale."""


def contact_of(body: object) -> Contact:
    """The members of `info`, of whichever generation; none is required."""
    phone = clean_line(words(body, "info", "phone"), limit=40)
    parts = [clean_line(words(body, "info", part)) for part in ADDRESS_PARTS]
    whole = clean_line(words(body, "info", "full_address"))
    return Contact(
        name=clean_line(words(body, "info", "name")) or None,
        phone=e164(phone) or None,
        address=whole or ", ".join(part for part in parts if part)[:500] or None,
    )
