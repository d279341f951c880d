"""How messages are written: behind what their topics hold, in the caller's transaction."""

from collections.abc import Sequence

import apsw

from gateway.bus.sqlite.layout import INSERT, first_id, last_id, row_of
from schemas.envelope import Message


def append(connection: apsw.Connection, messages: Sequence[Message], *, published_at: int) -> None:
    """Write messages, in order, behind what their topics hold; part of the caller's transaction.

    One whose id this stage has published on its topic before, and still keeps, is there already and is left out.
    """
    by_topic: dict[str, list[Message]] = {}
    for message in messages:
        by_topic.setdefault(message.topic, []).append(message)
    for topic, several in by_topic.items():
        _append_to(connection, topic, several, published_at)


def _append_to(connection: apsw.Connection, topic: str, several: Sequence[Message], published_at: int) -> None:
    number = connection.execute("select number from topic where name = ?", (topic,)).get
    fresh = {message.id: message for message in several if not _is_there(connection, number, message.id)}
    if not fresh:
        return
    number, following = connection.execute(
        "insert into topic (name, next) values (?1, ?2)"
        " on conflict (name) do update set next = next + ?2 returning number, next",
        (topic, len(fresh)),
    ).get
    offset = following - len(fresh)
    connection.executemany(
        INSERT, [row_of(message, number, offset + place, published_at) for place, message in enumerate(fresh.values())]
    )


def _is_there(connection: apsw.Connection, number: int | None, message_id: str) -> bool:
    if number is None:
        return False
    found = connection.execute(
        "select 1 from record where message_id = ? and id between ? and ? limit 1",
        (message_id, first_id(number), last_id(number)),
    ).get
    return found is not None
