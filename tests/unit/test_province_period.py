"""Validity periods: overlaps and gaps against counting days."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.province.period import Period, gaps

START = date(2025, 6, 1)
SPAN = 40
offsets = st.integers(0, SPAN)


def day(offset: int) -> date:
    return START + timedelta(days=offset)


periods = st.builds(
    lambda first, length: Period(
        None if first == 0 else day(first), None if first + length >= SPAN else day(first + length)
    ),
    offsets,
    st.integers(0, SPAN),
)
DAYS = [day(offset) for offset in range(-3, SPAN + 4)]


@given(periods, periods)
def test_two_overlap_when_a_day_lies_in_both(one: Period, other: Period) -> None:
    assert one.overlaps(other) == any(one.covers(on) and other.covers(on) for on in DAYS)
    assert one.overlaps(other) == other.overlaps(one)


@given(st.lists(periods, max_size=5), periods)
def test_gaps_are_exactly_the_days_nobody_covers(found: list[Period], within: Period) -> None:
    missing = gaps(found, within)
    for on in DAYS:
        uncovered = within.covers(on) and not any(period.covers(on) for period in found)
        assert any(gap.covers(on) for gap in missing) == uncovered


def test_open_ends_stay_open() -> None:
    assert gaps([], Period()) == (Period(),)
    assert gaps([Period(None, START)], Period()) == (Period(day(1), None),)
    assert gaps([Period()], Period(START)) == ()
    assert Period(day(1), START).backwards
