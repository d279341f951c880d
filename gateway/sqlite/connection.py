"""Opens an SQLite file so that what is acknowledged survives: WAL, synchronous=FULL, checked at every opening."""

from pathlib import Path

import apsw

from gateway.errors import Unavailable
from gateway.sqlite.errors import mapped

OLDEST_SAFE = (3, 51, 3)
"""Earlier versions can lose commits when two connections checkpoint at once (sqlite.org/wal.html#walresetbug)."""

CHECKPOINT_PAGES = 2000
"""Inline checkpoint after about 16 MB of 8 kB pages: a separate checkpoint thread lets the log grow without bound."""


def connect(path: Path, *, read_only: bool = False) -> apsw.Connection:
    """Open or create a database file; raises `Unavailable` when it cannot be opened safely."""
    version = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    if version < OLDEST_SAFE:
        raise Unavailable("sqlite_too_old", "SQLite 3.51.3 or newer is needed.")
    flags = apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    try:
        connection = apsw.Connection(str(path), flags=flags)
        connection.set_busy_timeout(5000)
        if not read_only:
            connection.execute("pragma page_size=8192")
            connection.execute("pragma journal_mode=wal")
            connection.execute("pragma synchronous=full")
            connection.execute(f"pragma wal_autocheckpoint={CHECKPOINT_PAGES}")
            connection.execute("pragma foreign_keys=on")
        connection.execute("pragma cache_size=-2048")
        _check(connection, read_only=read_only)
    except apsw.Error as error:
        raise mapped(error) from error
    return connection


def _check(connection: apsw.Connection, *, read_only: bool) -> None:
    mode = connection.execute("pragma journal_mode").get
    level = connection.execute("pragma synchronous").get
    if mode != "wal" or (not read_only and level != 2):
        raise Unavailable("sqlite_unsafe", "The database is not in WAL mode with synchronous=FULL.")
