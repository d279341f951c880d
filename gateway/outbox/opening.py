"""Chooses the outbox's adapter by URL, so that a deployment's settings and nothing else name it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from gateway.errors import Invalid
from gateway.mongo.address import is_mongo
from gateway.outbox.port import ECHO, Outbox
from gateway.outbox.sqlite import SqliteOutbox, utc_now

SQLITE = "sqlite:///"


def open_outbox(url: str, *, echo: timedelta = ECHO, clock: Callable[[], datetime] = utc_now) -> Outbox:
    """Open `sqlite:///<path>` or `mongodb://<host>/<database>`.

    What follows SQLite's third slash is the file's path, so `sqlite:////srv/…` is absolute. `echo` is how long a
    citizen's next part waits for the echo of an unknown one. Raises `Invalid("unknown_outbox")` for another scheme or
    an empty path, and `Unavailable` when it cannot be opened.
    """
    if is_mongo(url):
        from gateway.outbox.mongo import MongoOutbox  # noqa: PLC0415 - a deployment needs its own driver only

        return MongoOutbox(url, echo=echo, clock=clock)
    path = url.removeprefix(SQLITE)
    if path in (url, ""):
        raise Invalid(
            "unknown_outbox", "The outbox's URL begins with sqlite:/// or mongodb:// and names what it opens."
        )
    return SqliteOutbox(Path(path), echo=echo, clock=clock)
