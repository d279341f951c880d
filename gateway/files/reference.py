"""The reference to a kept file, checked against the contract before anything is written."""

from pydantic import ValidationError

from gateway.errors import Invalid
from schemas.files import FileRef


def reference(address: str, owner: str, size: int, media_type: str) -> FileRef:
    """The reference; raises `Invalid("bad_reference")` for what the contract forbids."""
    try:
        return FileRef(address=address, owner=owner, size=size, media_type=media_type)
    except ValidationError:
        # The cause is left out, because its text quotes the values.
        raise Invalid("bad_reference", "The owner is not an account, or the media type is too long.") from None
