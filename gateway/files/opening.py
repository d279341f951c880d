"""Chooses the file store's adapter by URL, so that a deployment's settings and nothing else name it."""

from pathlib import Path

from gateway.errors import Invalid
from gateway.files.port import Files, Sealer
from gateway.mongo.address import is_mongo

SQLITE = "sqlite:///"


def open_files(url: str, vault: Sealer, address_key: bytes, *, max_bytes: int) -> Files:
    """Open `sqlite:///<folder>` or `mongodb://<host>/<database>`.

    What follows SQLite's third slash is the folder's path, so `sqlite:////srv/…` is absolute.

    `address_key` (32 bytes) is part of the data; `max_bytes` bounds one content. Raises `Invalid("unknown_files")` for
    another scheme or an empty path, and `Unavailable` when it cannot be opened.
    """
    if is_mongo(url):
        from gateway.files.gridfs import GridFiles  # noqa: PLC0415 - a deployment needs its own driver only

        return GridFiles(url, vault, address_key, max_bytes=max_bytes)
    path = url.removeprefix(SQLITE)
    if path in (url, ""):
        raise Invalid(
            "unknown_files", "The file store's URL begins with sqlite:/// or mongodb:// and names what it opens."
        )
    from gateway.files.local import LocalFiles  # noqa: PLC0415 - a deployment needs its own driver only

    return LocalFiles(Path(path), vault, address_key, max_bytes=max_bytes)
