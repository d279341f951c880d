"""Says before every use of a key whether its owner was erased, in whatever process that happened."""

from pathlib import Path

import apsw

from gateway.errors import Invalid
from gateway.sqlite.connection import connect
from gateway.sqlite.errors import mapped
from gateway.vault import sqlite_keys

PATIENCE_MS = 100
"""Readers wait only while another process recovers the log; the event loop must not stand still for that."""


class Tombstones:
    """A connection of its own, asked on the event loop.

    The lookup takes 5 to 25 µs in a table that is small and always in memory, and never waits for a writer; through
    a thread it takes 90 to 180 µs, at every seal and open.
    """

    def __init__(self, path: Path) -> None:
        """Open an existing vault file; raises `Unavailable`."""
        self._connection = connect(path, read_only=True)
        self._connection.set_busy_timeout(PATIENCE_MS)

    def refuse(self, owner: str) -> None:
        """Raise `Invalid("erased")` if the owner has a tombstone, `Unavailable` if that cannot be known."""
        try:
            erased = sqlite_keys.has_tombstone(self._connection, owner)
        except apsw.Error as error:
            raise mapped(error) from error
        if erased:
            raise Invalid("erased", "The owner's data was erased.")

    def proofs(self) -> dict[str, bytes]:
        """The proofs of all master keys in use, by id."""
        try:
            return sqlite_keys.proofs(self._connection)
        except apsw.Error as error:
            raise mapped(error) from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
