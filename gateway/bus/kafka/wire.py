"""A message as a Kafka record and back: CloudEvents 1.0, binary mode (Kafka protocol binding 1.0.2, section 3.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from aiokafka import ConsumerRecord

from gateway.bus.port import Record
from schemas.envelope import Message

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST_MILLIS = 253_402_214_400_000
"""A day before the calendar's end, so that it can be said in every zone."""


@dataclass(frozen=True, slots=True)
class Written:
    """What `send` takes of a message, beside the topic."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def written(message: Message) -> Written:
    """A message as it is written."""
    headers = [(name, text.encode()) for name, text in message.headers().items()]
    return Written(message.key.encode(), message.value, headers)


def millis(instant: datetime) -> int:
    """Milliseconds since 1970, which is as exactly as Kafka dates a record; the rest is cut off."""
    return (instant - EPOCH) // timedelta(milliseconds=1)


def instant(milliseconds: int) -> datetime:
    """The instant of a record's time; one before 1970, or after the year 9999, is as near to it as can be said."""
    return EPOCH + timedelta(milliseconds=min(max(milliseconds, 0), LATEST_MILLIS))


def read(found: "ConsumerRecord[bytes, bytes]", topic: str) -> Record:
    """A record of a declared topic.

    Anybody with access may have written it. What lacks the attributes of ours becomes a message of no known type,
    which the reading stage refuses and keeps as a dead letter; its id is derived from its place, so it stays the same.
    """
    headers = {name: _text(value) for name, value in found.headers}
    published_at = instant(found.timestamp)
    message = Message(
        topic=topic,
        key=_text(found.key),
        id=headers.get("ce_id", str(uuid5(NAMESPACE_URL, f"{topic}/{found.partition}/{found.offset}"))),
        type=headers.get("ce_type", ""),
        source=headers.get("ce_source", ""),
        time=_time(headers, published_at),
        value=found.value or b"",
        subject=headers.get("ce_subject", ""),
        traceparent=headers.get("traceparent", ""),
    )
    return Record(message, str(found.partition), found.offset, published_at)


def _text(value: bytes | None) -> str:
    return (value or b"").decode(errors="replace")


def _time(headers: Mapping[str, str], otherwise: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(headers.get("ce_time", ""))
    except ValueError:
        return otherwise
    return otherwise if found.tzinfo is None else found
