"""Opens an SQLite file so that what is acknowledged survives: WAL, synchronous=FULL, checked at every opening."""

import os
from pathlib import Path

import apsw

from gateway.errors import Unavailable
from gateway.sqlite.errors import mapped

OLDEST_SAFE = (3, 51, 3)
"""Earlier versions can lose commits when two connections checkpoint at once (sqlite.org/wal.html#walresetbug)."""

CHECKPOINT_PAGES = 2000
"""Inline checkpoint after about 16 MB of 8 kB pages: a separate checkpoint thread lets the log grow without bound."""

BUSY_MILLISECONDS = 5000
"""Patience with a writer outside `gateway.sqlite`, such as a backup tool; our own writers queue on a file lock."""


def connect(path: Path, *, read_only: bool = False, cache_kib: int = 1024) -> apsw.Connection:
    """Open or create a database file.

    Raises `Unavailable("sqlite_unsafe")` for a file that is not (or, to a reader, not yet) in WAL mode, and
    `Unavailable` when it cannot be opened.
    """
    version = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    if version < OLDEST_SAFE:
        raise Unavailable("sqlite_too_old", "SQLite 3.51.3 or newer is needed.")
    if not read_only:
        _create_private(path)
    flags = apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    try:
        connection = apsw.Connection(str(path), flags=flags)
    except apsw.Error as error:
        raise mapped(error, path) from error
    try:
        _configure(connection, read_only=read_only, cache_kib=cache_kib)
        _check(connection, read_only=read_only)
    except apsw.Error as error:
        connection.close()
        raise mapped(error, path) from error
    except Unavailable:
        connection.close()
        raise
    return connection


def _create_private(path: Path) -> None:
    """Make a missing file with mode 0600, which its log inherits.

    A file that exists is not even opened: closing it again would drop the locks of this process's own connections.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise Unavailable("database_unavailable", type(error).__name__) from error


def _configure(connection: apsw.Connection, *, read_only: bool, cache_kib: int) -> None:
    connection.set_busy_timeout(BUSY_MILLISECONDS)
    if not read_only:
        connection.execute("pragma page_size=8192")
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=full")
        connection.execute(f"pragma wal_autocheckpoint={CHECKPOINT_PAGES}")
        connection.execute("pragma foreign_keys=on")
    connection.execute(f"pragma cache_size=-{cache_kib}")


def _check(connection: apsw.Connection, *, read_only: bool) -> None:
    mode = connection.execute("pragma journal_mode").get
    level = connection.execute("pragma synchronous").get
    if mode != "wal" or (not read_only and level != 2):
        raise Unavailable("sqlite_unsafe", "The database is not in WAL mode with synchronous=FULL.")
