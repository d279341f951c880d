"""Counts office hours: the clocks of Article 10 run in working time only, never in wall-clock time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.errors import Invalid

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """One opening of the offices within a day, in local time; `opens` is before `closes`."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Office hours of a deployment as pure data; all arithmetic is on absolute time.

    `week` has seven entries from Monday on, each the day's shifts in order and without overlap. `days_off` are public
    holidays and decreed days off; `days_worked` are days worked in exchange, with the shifts of `exchange_day`.
    Outside the years that the loader filled in, days off are unknown and only the week counts.
    """

    zone: ZoneInfo
    week: tuple[tuple[Shift, ...], ...]
    days_off: frozenset[date] = frozenset()
    days_worked: frozenset[date] = frozenset()
    exchange_day: int = 0

    def __post_init__(self) -> None:
        """Refuse a week without any shift, on which no clock could ever end; raises `Invalid`."""
        if len(self.week) != 7 or not any(self.week):
            raise Invalid("no_office_hours", "A working week needs seven days and at least one shift.")

    def shifts(self, day: date) -> tuple[Shift, ...]:
        """The openings of one day; empty on a day off. A decreed working day wins over a day off."""
        if day in self.days_worked:
            return self.week[self.exchange_day]
        return () if day in self.days_off else self.week[day.weekday()]

    def is_working_day(self, day: date) -> bool:
        """Whether the offices open at all on that day."""
        return bool(self.shifts(day))

    def add(self, start: datetime, hours: int) -> datetime:
        """The instant at which `hours` working hours after `start` have passed, in the calendar's zone.

        A start outside office hours counts from the next opening. A clock that ends exactly at closing time ends
        there, not at the next opening. Raises `Invalid` for a naive `start` or negative `hours`.
        """
        _require_aware(start)
        if hours < 0:
            raise Invalid("negative_hours", "A clock cannot run for less than no time.")
        left = timedelta(hours=hours)
        for opens, closes in self._openings(start):
            begin = max(opens, start.astimezone(UTC))
            if left <= closes - begin:
                return (begin + left).astimezone(self.zone)
            left -= closes - begin
        raise Invalid("beyond_calendar", "The clock would end after the last representable day.")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from `start` to `end`; zero when `end` is not later. Raises `Invalid` for a naive instant."""
        _require_aware(start)
        _require_aware(end)
        total = timedelta()
        first, last = start.astimezone(UTC), end.astimezone(UTC)
        for opens, closes in self._openings(start):
            begin = max(opens, first)
            if begin >= last:
                break
            total += min(closes, last) - begin
        return total

    def _openings(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Openings that end after `start`, in UTC, to the end of the calendar that Python can count."""
        day = start.astimezone(self.zone).date()
        begin = start.astimezone(UTC)
        while day < date.max - DAY:
            for shift in self.shifts(day):
                closes = datetime.combine(day, shift.closes, self.zone).astimezone(UTC)
                if closes > begin:
                    yield datetime.combine(day, shift.opens, self.zone).astimezone(UTC), closes
            day += DAY


def _require_aware(instant: datetime) -> None:
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise Invalid("naive_instant", "An instant needs its time zone.")
