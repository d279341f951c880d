"""How messages are written: behind what their topics hold, in the caller's transaction."""

from collections.abc import Sequence

import apsw

from gateway.bus.sqlite.layout import INSERT, row_of
from schemas.envelope import Message


def append(connection: apsw.Connection, messages: Sequence[Message], *, published_at: int) -> None:
    """Write messages, in order, behind what their topics hold; part of the caller's transaction."""
    by_topic: dict[str, list[Message]] = {}
    for message in messages:
        by_topic.setdefault(message.topic, []).append(message)
    for topic, several in by_topic.items():
        number, following = connection.execute(
            "insert into topic (name, next) values (?1, ?2)"
            " on conflict (name) do update set next = next + ?2 returning number, next",
            (topic, len(several)),
        ).get
        offset = following - len(several)
        connection.executemany(
            INSERT, [row_of(message, number, offset + place, published_at) for place, message in enumerate(several)]
        )
