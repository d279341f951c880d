"""Chooses the documents' adapter by URL, so that a deployment's settings and nothing else name it."""

from pathlib import Path

from gateway.errors import Invalid
from gateway.projections.port import Documents

SQLITE = "sqlite:///"


def open_documents(url: str) -> Documents:
    """Open `sqlite:///<path>`; what follows the third slash is the file's path, so `sqlite:////srv/…` is absolute.

    Raises `Invalid("unknown_documents")` for another scheme or an empty path, and `Unavailable` when it cannot be
    opened.
    """
    path = url.removeprefix(SQLITE)
    if path in (url, ""):
        raise Invalid("unknown_documents", "The documents' URL begins with sqlite:/// and names a file.")
    from gateway.projections.sqlite import SqliteDocuments  # noqa: PLC0415 - a deployment needs its own driver only

    return SqliteDocuments(Path(path))
