"""Reads records out of stage files: from an offset on, from an instant on, and merged over producing stages."""

import heapq
from collections.abc import Iterator, Sequence
from itertools import takewhile

from gateway.bus.port import Record
from gateway.bus.sqlite.layout import OFFSET_BITS, first_id, last_id, record_of
from gateway.bus.sqlite.stages import StageFile

MOST_BYTES = 4_000_000
"""Values read at one go from one stage; at least one record is read whatever its size."""


def fetch(stage: StageFile, topic: str, start: int, *, limit: int, stop: int | None = None) -> list[Record]:
    """Up to `limit` records with offsets from `start` to before `stop`, in order; fewer when they are large."""
    number = stage.number(topic)
    if number is None:
        return []
    upper = last_id(number) if stop is None else first_id(number, stop) - 1
    rows = stage.connection.execute(
        "select * from record where id between ? and ? order by id limit ?", (first_id(number, start), upper, limit)
    )
    found: list[Record] = []
    size = 0
    for row in rows:
        found.append(record_of(row, topic, stage.name))
        size += len(found[-1].message.value)
        if size >= MOST_BYTES:
            rows.close()
            break
    return found


def end(stage: StageFile, topic: str) -> int:
    """The offset that the next record of this topic will get."""
    found = stage.connection.execute("select next from topic where name = ?", (topic,)).get
    return 0 if found is None else int(found)


def beginning(stage: StageFile, topic: str) -> int:
    """The offset of the oldest record that is kept; the end when none is."""
    number = stage.number(topic)
    if number is None:
        return 0
    oldest = stage.connection.execute(
        "select min(id) from record where id between ? and ?", (first_id(number), last_id(number))
    ).get
    return end(stage, topic) if oldest is None else oldest & ((1 << OFFSET_BITS) - 1)


def published_at(stage: StageFile, topic: str, offset: int) -> int | None:
    """When the first kept record from this offset on was published, in microseconds since 1970."""
    number = stage.number(topic)
    if number is None:
        return None
    found: int | None = stage.connection.execute(
        "select published_at from record where id between ? and ? order by id limit 1",
        (first_id(number, offset), last_id(number)),
    ).get
    return found


def offset_at(stage: StageFile, topic: str, instant: int) -> int:
    """The first offset published at or after an instant (microseconds since 1970).

    Found by halving, since offsets grow with time. After a step back of the machine's clock several places fit; one
    of them is found.
    """
    low, high = beginning(stage, topic), end(stage, topic)
    while low < high:
        middle = (low + high) // 2
        at = published_at(stage, topic, middle)
        if at is not None and at < instant:
            low = middle + 1
        else:
            high = middle
    return low


def merged(parts: Sequence[Sequence[Record]]) -> Iterator[Record]:
    """Records of several stages by time of publication, each stage's own order kept."""
    return heapq.merge(*parts, key=lambda record: record.published_at)


def up_to_the_unread(parts: Sequence[Sequence[Record]], cut: Sequence[Sequence[Record]]) -> list[Sequence[Record]]:
    """As much of each part as was published before anything that is still unread behind one of those that are `cut`.

    The part whose end decides stays whole, so that reading gets on whatever the machine's clock did.
    """
    if not cut:
        return list(parts)
    first = min(cut, key=lambda part: part[-1].published_at)
    until = first[-1].published_at
    return [
        part if part is first else list(takewhile(lambda record: record.published_at <= until, part)) for part in parts
    ]
