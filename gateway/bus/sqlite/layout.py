"""How a stage's file is laid out: tables, ids that hold topic and offset, and rows that are records."""

from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.bus.port import Record
from schemas.envelope import Message

OFFSET_BITS = 40
"""An id is topic number and offset, so that a topic's records lie together and in order without a second index."""

SCHEMA = """
create table if not exists topic (
    number integer primary key,
    name text not null unique,
    next integer not null
) strict;
create table if not exists record (
    id integer primary key,
    published_at integer not null,
    message_time integer not null,
    key text not null,
    message_id text not null,
    type text not null,
    source text not null,
    subject text not null,
    traceparent text not null,
    value blob not null
) strict;
create index if not exists record_by_message on record (message_id);
create table if not exists lease (
    topic text not null,
    reader text not null,
    owner text not null,
    epoch integer not null,
    beats integer not null,
    primary key (topic, reader)
) strict, without rowid;
create table if not exists position (
    topic text not null,
    reader text not null,
    producer text not null,
    next integer not null,
    primary key (topic, reader, producer)
) strict, without rowid;
pragma secure_delete=on;
"""
"""Instants are microseconds since 1970 UTC; `reader` is a consuming group; `beats` counts its owner's signs of life.

What retention deletes is overwritten, because citizens' words lie here in clear. That pragma comes last because it
yields a row, at which a list of statements would halt.

`topic.next` is the next offset to give out: it outlives retention, so an offset is never given twice.
"""

TABLES = 4

INSERT = "insert into record values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(instant: datetime) -> int:
    """Microseconds since 1970 of an aware instant."""
    return (instant - _EPOCH) // _MICROSECOND


def instant(micros: int) -> datetime:
    """The instant, in UTC, that lies so many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=micros)


def first_id(number: int, offset: int = 0) -> int:
    """Id of the record with this offset in a topic."""
    return number << OFFSET_BITS | offset


def last_id(number: int) -> int:
    """The greatest id that a record of this topic can have."""
    return (number + 1 << OFFSET_BITS) - 1


def row_of(message: Message, number: int, offset: int, published_at: int) -> tuple[Any, ...]:
    """The row that keeps a message at its place."""
    return (
        first_id(number, offset),
        published_at,
        micros(message.time),
        message.key,
        message.id,
        message.type,
        message.source,
        message.subject,
        message.traceparent,
        message.value,
    )


def record_of(row: tuple[Any, ...], topic: str, producer: str) -> Record:
    """The record that a row keeps."""
    place, published_at, time, key, message_id, kind, source, subject, traceparent, value = row
    message = Message(
        topic=topic,
        key=key,
        id=message_id,
        type=kind,
        source=source,
        time=instant(time),
        value=value,
        subject=subject,
        traceparent=traceparent,
    )
    return Record(message, producer, place & ((1 << OFFSET_BITS) - 1), instant(published_at))
