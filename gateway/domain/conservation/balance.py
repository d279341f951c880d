"""What the ledger says of a channel, and how far the stages must be for it to say that something is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Handled:
    """Up to which instant of publication a channel's reader, the rules, and the due times have handled everything."""

    read: Mapping[str, datetime]
    decided: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that every stage has passed by and that has no outcome; `seen` is where it was last seen."""

    channel: str
    name: str
    received_at: datetime
    seen: str


@dataclass(frozen=True, slots=True)
class Balance:
    """A channel's ledger: `received` is the sum of `outcomes`, `in_flight` and the number of `unaccounted`.

    `raw` counts requests, batches and mails, `received` what was in them; a raw message that is not read yet counts
    as one. `ignored` and dead letters are outcomes.
    """

    channel: str
    raw: int
    received: int
    outcomes: Mapping[str, int]
    in_flight: int
    oldest_in_flight: datetime | None
    unaccounted: tuple[Missing, ...]
