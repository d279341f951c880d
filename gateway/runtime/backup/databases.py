"""Snapshots of live databases of one common instant, and a look into copies that changes nothing."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import apsw

from gateway.runtime.backup.disk import create, sync
from gateway.sqlite.connection import connect
from gateway.sqlite.errors import mapped

PAGES = 1024


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn SQLite's errors into the gateway's kinds."""
    try:
        yield
    except apsw.Error as error:
        raise mapped(error) from error


def opened(paths: Sequence[Path], stack: ExitStack) -> list[apsw.Connection]:
    """A connection to each live database, closed with the stack."""
    found = []
    for path in paths:
        found.append(connect(path, read_only=True))
        stack.callback(found[-1].close)
    return found


def begin_snapshot(connection: apsw.Connection) -> None:
    """From now on the connection shows the database as it is now, whatever others write."""
    connection.execute("begin")
    rows(connection)


def rows(connection: apsw.Connection, *, count: bool = False) -> dict[str, int]:
    """The tables with their numbers of rows, or with 0 unless counted; reading the names begins the snapshot."""
    names = [
        str(name)
        for (name,) in connection.execute(
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite!_%' escape '!' order by name"
        )
    ]
    return {name: connection.execute(f'select count(*) from "{name}"').get if count else 0 for name in names}


def copy_snapshot(connection: apsw.Connection, path: Path) -> None:
    """Write what the connection shows to a new file, durable and complete by itself: no log beside it."""
    create_empty(path)
    copy = apsw.Connection(str(path))
    try:
        with copy.backup("main", connection, "main") as running:
            while not running.done:
                running.step(PAGES)
        # A copy in WAL mode would get a log beside it whenever somebody looks into it.
        copy.execute("pragma journal_mode=delete")
    finally:
        copy.close()
    sync(path)


def create_empty(path: Path) -> None:
    """An empty private file, which SQLite takes for an empty database."""
    with open(create(path), "wb"):  # noqa: PTH123 - a descriptor, not a path
        return


@contextmanager
def looking_into(path: Path) -> Iterator[apsw.Connection]:
    """A connection to a copy that nobody writes; the file and its folder stay byte for byte as they are."""
    uri = f"file:{quote(str(path.absolute()))}?immutable=1"
    with database_errors():
        connection = apsw.Connection(uri, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
        try:
            yield connection
        finally:
            connection.close()
