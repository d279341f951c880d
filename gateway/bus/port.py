"""The bus as services see it: publish durably, and consume so that output and progress are one."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.envelope import Message


@dataclass(frozen=True, slots=True)
class Record:
    """A message as it lies on a topic.

    `partition` and `offset` place it: offsets grow by publication within one partition, not always by one. How records
    are spread over partitions is the adapter's affair; those of one key and producer are in one. `published_at` is the
    bus's own time (UTC, aware, to the millisecond at least), unlike the message's `time`.
    """

    message: Message
    partition: str
    offset: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Lag:
    """What a group still has before it: number of records, and the age in seconds of the oldest (0.0 if none)."""

    messages: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Beginning:
    """Replay everything that is kept."""


@dataclass(frozen=True, slots=True)
class End:
    """Only what is published from now on."""


@dataclass(frozen=True, slots=True)
class At:
    """From the first record published at or after this aware instant."""

    time: datetime


@dataclass(frozen=True, slots=True)
class Positions:
    """Next offset to read, per partition name as found in `Record.partition`; partitions not named keep theirs."""

    next: Mapping[str, int]


Place = Beginning | End | At | Positions

Handler = Callable[[Record], Awaitable[Sequence[Message]]]
"""Returns what follows from a record; published together with the progress, or not at all.

The bus calls it for records of one key one after another, in order; records of different keys may run side by side.
It may be called again for a record whose completion was not durable. Raising `Unavailable` makes the bus wait and
call again, keeping the key's order; any other exception ends `consume` with that exception and without progress
(the guard in `gateway.runtime` turns `Invalid` into a dead letter before the bus sees it).
"""


class Bus(Protocol):
    """A durable, ordered, replayable log of messages by topic."""

    async def publish(self, *messages: Message) -> None:
        """Make all of them durable, or none; durable on return. Nothing given is nothing done.

        Raises `Invalid("message_too_large")` or `Invalid("unknown_topic")` before anything is written, and
        `Unavailable` when they could not be made durable (they may be found published all the same).
        """

    async def consume(self, topic: str, *, group: str, handler: Handler) -> None:
        """Hand every record of `topic` to `handler`, from the group's progress (at first: the beginning).

        Runs until cancelled, or until the bus is closed. Each partition has one live owner per group; further copies
        share the partitions, or wait while there are none left. What an owner that stopped or died had not completed,
        another one handles. A stale owner's completion is refused (fenced) and raises `Conflict("lease_lost")` in it.
        """

    async def lag(self, topic: str, *, group: str) -> Lag:
        """How far the group is behind on this topic, whoever reads for it."""

    async def seek(self, topic: str, *, group: str, to: Place) -> None:
        """Move a group's progress, for replay.

        Raises `Conflict("group_running")` while it has an owner, `Invalid("unknown_partition")` or
        `Invalid("bad_position")` for a place that is not there, and `Invalid("naive_time")`.
        """

    def read(self, topic: str, *, start: Place, follow: bool = False) -> AsyncIterator[Record]:
        """Yield records without a group, by time of publication; ends at the present end.

        Partitions that `Positions` leaves out are read from their start. With `follow`, goes on until the caller stops
        or the bus is closed.
        """

    async def topics(self) -> Sequence[str]:
        """Names of the topics that exist, sorted."""

    async def trim(self, topic: str, *, before: datetime) -> int:
        """Delete records published before this instant; returns how many. Retention's tool.

        Of this producer, where the adapter keeps producers apart; and the adapter may count marks of its own as well.
        """

    async def close(self) -> None:
        """Stop consuming and release everything; publishes under way are finished first."""
