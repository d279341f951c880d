"""What may be published, and how it is written: everything is checked before anything is written."""

from collections.abc import Iterable, Sequence

import apsw

from gateway.bus.sqlite.layout import INSERT, row_of
from gateway.errors import Invalid
from schemas.envelope import Message
from schemas.topics import topic_for

DEAD_LETTERS = "dlq"
DEAD_LETTER_FACTOR = 2
"""A dead letter holds a whole record in base64: one third more, and its own members."""


def check(messages: Iterable[Message], *, max_bytes: int) -> None:
    """Refuse what could not be read back as it is, or by nobody.

    `max_bytes` bounds value, key and attributes together; dead letters may be twice as large. Raises
    `Invalid("unknown_topic")`, `Invalid("message_too_large")`, `Invalid("naive_time")` or `Invalid("lone_surrogate")`.
    """
    for message in messages:
        if topic_for(message.topic) is None:
            raise Invalid("unknown_topic", "The topic is not declared in schemas/topics.py.")
        if message.time.tzinfo is None:
            raise Invalid("naive_time", "A message's time must name its zone.")
        limit = max_bytes * DEAD_LETTER_FACTOR if message.topic == DEAD_LETTERS else max_bytes
        if _size(message) > limit:
            raise Invalid("message_too_large", f"A message may have {limit} bytes.")


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


def _size(message: Message) -> int:
    texts = (message.key, message.id, message.type, message.source, message.subject, message.traceparent)
    try:
        return len(message.value) + sum(len(text.encode()) for text in texts)
    except UnicodeEncodeError:
        raise Invalid("lone_surrogate", "Keys and attributes must be well-formed Unicode.") from None
