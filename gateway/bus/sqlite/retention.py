"""Deletes a topic's oldest records in small pieces, so that publishers of the stage wait for none of them long."""

from itertools import takewhile
from pathlib import Path
from typing import Any

import apsw

from gateway.bus.sqlite.layout import first_id, last_id
from gateway.sqlite.connection import connect
from gateway.sqlite.errors import mapped
from gateway.sqlite.freeze import frozen

PIECE = 100
"""Records deleted per transaction: some milliseconds for usual ones, and bounded for the largest."""


def trim_piece(connection: apsw.Connection, topic: str, *, before: int) -> int:
    """Delete up to `PIECE` of the oldest records, as long as they were published before this instant (microseconds).

    Stops at the first later one, so that what is kept has no gaps. Returns how many; offsets go on where they were.
    """
    number = connection.execute("select number from topic where name = ?", (topic,)).get
    if number is None:
        return 0
    rows: list[tuple[Any, ...]] = connection.execute(
        "select id, published_at from record where id between ? and ? order by id limit ?",
        (first_id(number), last_id(number), PIECE),
    ).fetchall()
    old = [place for place, _ in takewhile(lambda row: row[1] < before, rows)]
    if old:
        connection.execute("delete from record where id between ? and ?", (first_id(number), old[-1]))
    return len(old)


def forget_piece(connection: apsw.Connection, topic: str, *, before: int) -> int:
    """Delete up to `PIECE` of the oldest records, as long as their offset is below `before`; returns how many."""
    number = connection.execute("select number from topic where name = ?", (topic,)).get
    if number is None or before <= 0:
        return 0
    query = "delete from record where id in (select id from record where id between ? and ? order by id limit ?)"
    connection.execute(query, (first_id(number), first_id(number, before - 1), PIECE))
    return connection.changes()


def shrink(path: Path) -> None:
    """Give the space of deleted records back to the file system; blocking. Raises `Unavailable`.

    A file keeps the space it once needed, which after an outage would be missing for the next one.
    """
    with frozen([path]):
        connection = connect(path)
        try:
            connection.execute("vacuum")
            connection.execute("pragma wal_checkpoint(truncate)").fetchall()
        except apsw.Error as error:
            raise mapped(error) from error
        finally:
            connection.close()
