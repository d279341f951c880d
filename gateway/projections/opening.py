"""Chooses the documents' adapter by URL, so that a deployment's settings and nothing else name it."""

from pathlib import Path

from gateway.errors import Invalid
from gateway.mongo.address import is_mongo
from gateway.projections.port import Documents

SQLITE = "sqlite:///"


def open_documents(url: str) -> Documents:
    """Open `sqlite:///<path>` or `mongodb://<host>/<database>`.

    What follows SQLite's third slash is the file's path, so `sqlite:////srv/…` is absolute.

    Raises `Invalid("unknown_documents")` for another scheme or an empty path, and `Unavailable` when it cannot be
    opened.
    """
    if is_mongo(url):
        from gateway.projections.mongo import MongoDocuments  # noqa: PLC0415 - a deployment needs its own driver only

        return MongoDocuments(url)
    path = url.removeprefix(SQLITE)
    if path in (url, ""):
        raise Invalid(
            "unknown_documents", "The documents' URL begins with sqlite:/// or mongodb:// and names what it opens."
        )
    from gateway.projections.sqlite import SqliteDocuments  # noqa: PLC0415 - a deployment needs its own driver only

    return SqliteDocuments(Path(path))
