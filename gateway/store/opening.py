"""Chooses the store's adapter by URL, so that a deployment's settings and nothing else name it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from gateway.errors import Invalid
from gateway.store.port import Store
from gateway.store.sqlite import SqliteStore, utc_now

SQLITE = "sqlite:///"


def open_store(url: str, *, clock: Callable[[], datetime] = utc_now) -> Store:
    """Open `sqlite:///<path>`; what follows the third slash is the file's path, so `sqlite:////srv/…` is absolute.

    Raises `Invalid("unknown_store")` for another scheme or an empty path, and `Unavailable` when it cannot be opened.
    """
    path = url.removeprefix(SQLITE)
    if path in (url, ""):
        raise Invalid("unknown_store", "The store's URL begins with sqlite:/// and names a file.")
    return SqliteStore(Path(path), clock=clock)
