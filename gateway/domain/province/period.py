"""Validity in whole days: units, agencies and routing rows hold from one date to another, both included."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included; None is open: since before the data begins, or until further."""

    first: date | None = None
    last: date | None = None

    def covers(self, on: date) -> bool:
        """Whether the day lies in the period."""
        return (self.first is None or self.first <= on) and (self.last is None or on <= self.last)

    def overlaps(self, other: "Period") -> bool:
        """Whether the two have a day in common."""
        return _starts(self) <= _ends(other) and _starts(other) <= _ends(self)

    @property
    def backwards(self) -> bool:
        """Whether it ends before it starts."""
        return _starts(self) > _ends(self)


def gaps(periods: Iterable[Period], within: Period) -> tuple[Period, ...]:
    """The parts of `within` that none of `periods` covers, in order."""
    found = []
    cursor = _starts(within)
    end = _ends(within)
    for period in sorted(periods, key=_starts):
        if _starts(period) > end:
            break
        if _starts(period) > cursor:
            found.append(_between(cursor, _starts(period) - DAY))
        if _ends(period) == date.max:
            return tuple(found)
        cursor = max(cursor, _ends(period) + DAY)
    if cursor <= end:
        found.append(_between(cursor, end))
    return tuple(found)


def _starts(period: Period) -> date:
    return period.first or date.min


def _ends(period: Period) -> date:
    return period.last or date.max


def _between(first: date, last: date) -> Period:
    return Period(None if first == date.min else first, None if last == date.max else last)
