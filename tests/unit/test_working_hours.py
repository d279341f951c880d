"""Office-hour arithmetic against a counter that walks minute by minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.working_hours import Shift, WorkingCalendar
from gateway.errors import Invalid

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = (Shift(time(7, 30), time(11, 30)), Shift(time(13, 30), time(17)))
WEEK = (DAY,) * 5 + ((),) * 2
MONDAY = date(2026, 11, 2)
MINUTE = timedelta(minutes=1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


def counted_end(calendar: WorkingCalendar, start: datetime, hours: int) -> datetime:
    left, now = hours * 60, start
    while left:
        local = now.astimezone(ZONE)
        if any(shift.opens <= local.time() < shift.closes for shift in calendar.shifts(local.date())):
            left -= 1
        now += MINUTE
    return now


days = st.dates(MONDAY - timedelta(days=3), MONDAY + timedelta(days=24))
calendars = st.builds(
    WorkingCalendar,
    st.just(ZONE),
    st.just(WEEK),
    st.frozensets(days, max_size=6),
    st.frozensets(days, max_size=3),
)
starts = st.integers(0, 7 * 24 * 60).map(lambda minutes: at(2, 0) + minutes * MINUTE)


@settings(max_examples=60, deadline=None)
@given(calendars, starts, st.integers(1, 48))
def test_a_clock_ends_where_counting_minutes_ends(calendar: WorkingCalendar, start: datetime, hours: int) -> None:
    assert calendar.add(start, hours) == counted_end(calendar, start, hours)


@settings(max_examples=200, deadline=None)
@given(calendars, starts, st.integers(0, 100), st.integers(0, 100))
def test_two_clocks_in_a_row_are_one_clock(calendar: WorkingCalendar, start: datetime, one: int, two: int) -> None:
    end = calendar.add(start, one + two)
    assert calendar.between(start, end) == timedelta(hours=one + two)
    if two:
        assert calendar.add(calendar.add(start, one), two) == end


@settings(max_examples=200, deadline=None)
@given(calendars, starts, st.integers(0, 5000), st.integers(0, 5000))
def test_working_time_adds_up_over_any_cut(calendar: WorkingCalendar, start: datetime, one: int, two: int) -> None:
    middle = start + one * MINUTE
    end = middle + two * MINUTE
    parts = calendar.between(start, middle) + calendar.between(middle, end)
    assert calendar.between(start, end) == parts
    assert calendar.between(end, start) == timedelta()


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (at(2, 7, 30), 4, at(2, 11, 30)),  # exactly at closing: not 13:30
        (at(2, 13, 0), 1, at(2, 14, 30)),  # in the lunch break: from the next opening
        (at(6, 16, 30), 1, at(9, 8, 0)),  # over the weekend
        (at(7, 9, 0), 8, at(10, 8, 0)),  # on a Saturday: from Monday on; a day has 7.5 hours
        (at(2, 17, 0), 0, at(3, 7, 30)),  # no time at all: the next moment of work
    ],
)
def test_known_ends(start: datetime, hours: int, end: datetime) -> None:
    assert WorkingCalendar(ZONE, WEEK).add(start, hours) == end


def test_a_decreed_working_saturday_counts_and_its_monday_does_not() -> None:
    calendar = WorkingCalendar(ZONE, WEEK, frozenset({date(2026, 11, 9)}), frozenset({date(2026, 11, 14)}))
    assert calendar.add(at(6, 16, 0), 2) == at(10, 8, 30)
    assert calendar.add(at(13, 16, 30), 1) == at(14, 8, 0)
    assert calendar.is_working_day(date(2026, 11, 14))
    assert not calendar.is_working_day(date(2026, 11, 9))


def test_the_zone_of_the_start_does_not_matter() -> None:
    calendar = WorkingCalendar(ZONE, WEEK)
    assert (
        calendar.add(at(2, 9).astimezone(UTC), 3) == calendar.add(at(2, 9), 3) == at(2, 13, 30) + timedelta(minutes=30)
    )
    assert calendar.add(at(2, 9).astimezone(UTC), 3).tzinfo == ZONE


def test_what_cannot_be_counted_is_refused() -> None:
    calendar = WorkingCalendar(ZONE, WEEK)
    with pytest.raises(Invalid, match="naive_instant"):
        calendar.add(datetime(2026, 11, 2, 9), 1)  # noqa: DTZ001 - the missing zone is the point
    with pytest.raises(Invalid, match="negative_hours"):
        calendar.add(at(2, 9), -1)
    with pytest.raises(Invalid, match="no_office_hours"):
        WorkingCalendar(ZONE, ((),) * 7)
    with pytest.raises(Invalid, match="beyond_calendar"):
        calendar.add(datetime(9999, 12, 30, tzinfo=UTC), 48)
