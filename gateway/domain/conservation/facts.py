"""What can be known of a received message: facts that may be told again, and in any order."""

from dataclasses import dataclass
from datetime import datetime

DEAD = "dead_letter"
"""The outcome of what a stage put aside without anything in its place."""

GATHERING = "gathering"
"""No outcome yet: the quiet period's end will give one."""

Order = tuple[int, int]
"""Version of the commit in its history, and the weight of what it says there: the greatest one holds."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A raw message; `trace` names it across replays. Times are aware UTC; `published_at` is the bus's own."""

    channel: str
    trace: str
    received_at: datetime
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Read:
    """What a reader found in a raw message; `outcome` where reading it is all that becomes of it."""

    channel: str
    trace: str
    item: str
    received_at: datetime
    published_at: datetime
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Became:
    """What a commit says of an item; `until` is when a `GATHERING` one is to be decided."""

    item: str
    order: Order
    outcome: str
    at: datetime
    until: datetime | None = None

    def greater_than(self, other: "Became") -> bool:
        """Whether this holds instead of the other, whichever was heard of first."""
        return (self.order, self.outcome) > (other.order, other.outcome)


@dataclass(frozen=True, slots=True)
class PutAside:
    """A dead letter: of a raw message by its trace, or of an item."""

    at: datetime
    trace: str | None = None
    item: str | None = None


Fact = Arrived | Read | Became | PutAside
