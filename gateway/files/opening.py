"""Chooses the file store's adapter by URL, so that a deployment's settings and nothing else name it."""

from pathlib import Path

from gateway.errors import Invalid
from gateway.files.port import Files, Sealer

SQLITE = "sqlite:///"


def open_files(url: str, vault: Sealer, address_key: bytes, *, max_bytes: int) -> Files:
    """Open `sqlite:///<folder>`; what follows the third slash is its path, so `sqlite:////srv/…` is absolute.

    `address_key` (32 bytes) is part of the data; `max_bytes` bounds one content. Raises `Invalid("unknown_files")` for
    another scheme or an empty path, and `Unavailable` when it cannot be opened.
    """
    path = url.removeprefix(SQLITE)
    if path in (url, ""):
        raise Invalid("unknown_files", "The file store's URL begins with sqlite:/// and names a folder.")
    from gateway.files.local import LocalFiles  # noqa: PLC0415 - a deployment needs its own driver only

    return LocalFiles(Path(path), vault, address_key, max_bytes=max_bytes)
