"""Chooses the store's adapter by URL, so that a deployment's settings and nothing else name it."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from gateway.errors import Invalid
from gateway.mongo.address import is_mongo
from gateway.store.port import Store
from gateway.store.sqlite import SqliteStore, utc_now

SQLITE = "sqlite:///"


def open_store(url: str, *, clock: Callable[[], datetime] = utc_now) -> Store:
    """Open `sqlite:///<path>` or `mongodb://<host>/<database>`.

    What follows SQLite's third slash is the file's path, so `sqlite:////srv/…` is absolute. Raises
    `Invalid("unknown_store")` for another scheme or an empty path, and `Unavailable` when it cannot be opened.
    """
    if is_mongo(url):
        from gateway.store.mongo import MongoStore  # noqa: PLC0415 - a deployment needs its own driver only

        return MongoStore(url, clock=clock)
    path = url.removeprefix(SQLITE)
    if path in (url, ""):
        raise Invalid("unknown_store", "The store's URL begins with sqlite:/// or mongodb:// and names what it opens.")
    return SqliteStore(Path(path), clock=clock)


async def unsafe_server(url: str) -> Sequence[str]:
    """What about a deployment's store could lose what was acknowledged, a sentence each.

    The embedded store has no server. Raises `Invalid` for a wrong URL, and `Unavailable`.
    """
    if not is_mongo(url):
        return ()
    from gateway.mongo.server import server_at, unsafe  # noqa: PLC0415 - a deployment needs its own driver only

    return unsafe(await asyncio.to_thread(server_at, url))
