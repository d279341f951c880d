"""One client per process, event loop and URL, whoever stands on it; durable writes, deciding reads, bounded waits."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from pymongo import AsyncMongoClient, IndexModel, MongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from gateway.errors import Invalid, Unavailable
from gateway.mongo.errors import as_ours

Doc = dict[str, Any]
Indexes = Mapping[str, Sequence[IndexModel]]

WAITS = {
    "serverSelectionTimeoutMS": 3000,
    "connectTimeoutMS": 3000,
    "socketTimeoutMS": 5000,
    "waitQueueTimeoutMS": 20_000,
}
"""How long a call may take before it is `Unavailable`, in ms; the URL may say otherwise.

The last is for a turn among this process's own calls, of which a hundred are under way at a time.
"""

SURE: Doc = {"w": "majority", "journal": True, "readConcernLevel": "majority", "readPreference": "primary"}
"""What is acknowledged survives the loss of any one server, and what is read was acknowledged. The URL never alters it.

An answer that a key is taken waits for the same majority, so what took the key can be read right after it.
"""


@dataclass
class _Shared:
    """A client and how many adapters of this event loop stand on it."""

    client: AsyncMongoClient[Doc]
    users: int = 0


_CLIENTS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, _Shared]] = WeakKeyDictionary()


class Connection:
    """What an adapter holds: its way to one database, from the event loop in which it is first used."""

    def __init__(self, url: str, indexes: Indexes) -> None:
        """Check the URL and make the indexes, which waits for the server and may be done any number of times.

        Raises `Invalid("bad_mongodb_url")` for a URL without a database, `Unavailable` when there is no server.
        """
        self._url = url
        self._clients: dict[str, _Shared] = {}
        self._shared: _Shared | None = None
        self._closed = False
        with at_opening(url) as database:
            for name, models in indexes.items():
                for model in models:
                    # Each alone: FerretDB 1.24 closes the connection when two of one list are there already.
                    database[name].create_indexes([model])

    def __getitem__(self, name: str) -> AsyncCollection[Doc]:
        """A collection; raises `Unavailable("closed")`."""
        return self.database[name]

    @property
    def database(self) -> AsyncDatabase[Doc]:
        """The URL's database; raises `Unavailable("closed")`."""
        if self._closed:
            raise Unavailable("closed", "The connection to the database was closed.")
        if self._shared is None:
            self._clients = _CLIENTS.setdefault(asyncio.get_running_loop(), {})
            if self._url not in self._clients:
                self._clients[self._url] = _Shared(AsyncMongoClient(self._url, **_options(self._url)))
            self._shared = self._clients[self._url]
            self._shared.users += 1
        return self._shared.client.get_default_database()

    async def close(self) -> None:
        """Give up the client, which the last one closes; again does nothing."""
        self._closed = True
        shared, self._shared = self._shared, None
        if shared is None:
            return
        shared.users -= 1
        if shared.users == 0:
            del self._clients[self._url]
            await shared.client.close()


@contextmanager
def at_opening(url: str) -> Iterator[Database[Doc]]:
    """The database for what is looked at once, before anything runs: blocks, for at most the times of `WAITS`."""
    options = _options(url)
    with as_ours(), MongoClient[Doc](url, **options) as client:
        yield client.get_default_database()


def _options(url: str) -> Doc:
    """Raises `Invalid("bad_mongodb_url")`, without quoting the URL, which may hold a password."""
    try:
        parsed = parse_uri(url)
    except (PyMongoError, ValueError):
        raise Invalid("bad_mongodb_url", "The URL of MongoDB cannot be read.") from None
    if not parsed["database"]:
        raise Invalid("bad_mongodb_url", "The URL of MongoDB names no database.")
    return {name: wait for name, wait in WAITS.items() if name not in parsed["options"]} | SURE
