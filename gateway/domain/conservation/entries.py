"""What is known of each message, and whether it was passed by."""

from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.domain.conservation.balance import Handled
from gateway.domain.conservation.facts import DEAD, GATHERING, Became

BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class RawEntry:
    """A raw message; `arrived` once its own record was read, `read` once something that was found in it was."""

    channel: str
    received_at: datetime
    published_at: datetime = BEGINNING
    arrived: bool = False
    read: bool = False
    dead: bool = False

    @property
    def received(self) -> int:
        """For how many messages it stands itself: for one, until what is in it is known."""
        return int(self.arrived and not self.read)

    @property
    def outcome(self) -> str | None:
        """What became of it, as long as it counts itself."""
        return DEAD if self.dead else None


@dataclass(slots=True)
class ItemEntry:
    """What a reader found."""

    channel: str
    received_at: datetime
    published_at: datetime
    by_reader: str | None = None
    became: Became | None = None
    dead: bool = False

    @property
    def outcome(self) -> str | None:
        """Its current outcome; the record of the rules goes before what a reader or a guard said."""
        if self.became is not None:
            return None if self.became.outcome == GATHERING else self.became.outcome
        return self.by_reader or (DEAD if self.dead else None)


def passed_by(entry: RawEntry | ItemEntry, handled: Handled) -> str | None:
    """Where an open entry was last seen, if every stage that should have gone on with it has gone past it."""
    if isinstance(entry, RawEntry):
        return f"raw.{entry.channel}" if entry.published_at < handled.read.get(entry.channel, BEGINNING) else None
    if entry.became is None:
        return "inbound" if entry.published_at < handled.decided else None
    due = entry.became.until
    return GATHERING if due is not None and due < handled.due else None
