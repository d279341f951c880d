"""What may be published on any adapter, and by whom: declared topics, bounded sizes, times with their zone."""

import re
from collections.abc import Iterable

from gateway.errors import Invalid
from schemas.envelope import Message
from schemas.topics import topic_for

STAGE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")

MAX_MESSAGE_BYTES = 1_000_000
"""Value, key and attributes together: what a Kafka broker takes by default, and what is larger belongs into files."""

DEAD_LETTERS = "dlq"
DEAD_LETTER_FACTOR = 2
"""A dead letter holds a whole record in base64: one third more, and its own members."""


def check_stage(stage: str) -> None:
    """Refuse a name that is not one for a producing stage; raises `Invalid("bad_stage")`."""
    if STAGE.fullmatch(stage) is None:
        raise Invalid("bad_stage", "A stage is named in lower case, parts separated by dots.")


def check(messages: Iterable[Message], *, max_bytes: int = MAX_MESSAGE_BYTES) -> None:
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


def _size(message: Message) -> int:
    texts = message.key, message.id, message.type, message.source, message.subject, message.traceparent
    try:
        return len(message.value) + len("".join(texts).encode())
    except UnicodeEncodeError:
        raise Invalid("lone_surrogate", "Keys and attributes must be well-formed Unicode.") from None
