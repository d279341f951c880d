"""How messages are written: behind what their topics hold, in the caller's transaction."""

from collections.abc import Iterable
from typing import Any

import apsw

from gateway.bus.sqlite.layout import INSERT, OFFSET_BITS, row_of
from schemas.envelope import Message

PLACE = f"""
select number, next, exists (
    select 1 from record
    where message_id = ?2 and id between number << {OFFSET_BITS} and (number + 1 << {OFFSET_BITS}) - 1
) from topic where name = ?1
"""
"""Where the next message of a topic goes, and whether this one is there already; nothing for a new topic."""


def append(connection: apsw.Connection, messages: Iterable[Message], *, published_at: int) -> None:
    """Write messages, in order, behind what their topics hold; part of the caller's transaction.

    One whose id this stage has published on its topic before, and still keeps, is there already and is left out.
    """
    cursor = connection.cursor()
    for message in messages:
        place = cursor.execute(PLACE, (message.topic, message.id)).get or _begun(cursor, message.topic)
        number, offset, is_there = place
        if not is_there:
            cursor.execute(INSERT, row_of(message, number, offset, published_at))
            cursor.execute("update topic set next = ? where number = ?", (offset + 1, number))


def _begun(cursor: apsw.Cursor, topic: str) -> Any:  # noqa: ANN401 - a row, as the driver types it
    return cursor.execute("insert into topic (name, next) values (?, 0) returning number, next, 0", (topic,)).get
