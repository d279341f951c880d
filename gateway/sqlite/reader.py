"""Reads beside the writer on a connection of their own, so that they see what is committed and wait for nobody."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import apsw

from gateway.errors import Unavailable
from gateway.sqlite.connection import connect
from gateway.sqlite.errors import mapped

T = TypeVar("T")


class Reader:
    """A read-only connection to an existing database file, for one event loop.

    Queries run on the event loop: each is a bounded look-up of some ten microseconds, for which a thread would cost
    several times more (docs/decisions/0007). Whoever needs an unbounded scan opens a connection elsewhere.
    """

    def __init__(self, path: Path) -> None:
        """Open the file; raises `Unavailable`."""
        self._path = path
        self._connection = connect(path, read_only=True)
        self._closed = False

    async def run(self, work: Callable[[apsw.Connection], T]) -> T:
        """Do the reading and return what it found; raises a mapped error."""
        if self._closed:
            raise Unavailable("closed", "The database is closed.")
        try:
            return work(self._connection)
        except apsw.Error as error:
            raise mapped(error, self._path) from error

    async def close(self) -> None:
        """Close the file."""
        if not self._closed:
            self._closed = True
            self._connection.close()
