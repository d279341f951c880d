"""Pace and pauses, with the clock in the test's hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.runtime.sending.circuit import DOUBTS, LONGEST_ASKED_FOR, LONGEST_PAUSE, Circuit, growing
from gateway.runtime.sending.pace import Bucket


class Hand:
    """A monotonic clock."""

    now = 1000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


@given(st.floats(0.5, 100), st.lists(st.floats(0, 5), min_size=1, max_size=60))
def test_no_more_is_let_through_than_the_rate_and_one_seconds_burst(per_second: float, gaps: list[float]) -> None:
    clock = Hand()
    bucket = Bucket(per_second, monotonic=clock)
    times = []
    for gap in gaps:
        clock.now += gap
        times.append(clock.now + bucket.reserve())
    assert times == sorted(times), "in the order of asking"
    for first in range(len(times)):
        for last in range(first, len(times)):
            allowed = max(1.0, per_second) + (times[last] - times[first]) * per_second
            assert last - first + 1 <= allowed + 1e-6 * len(times)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_pauses_grow_up_to_their_bound_and_are_left_to_chance_by_half(times: int, chance: float) -> None:
    pause = growing(times, chance=lambda: chance)
    assert min(LONGEST_PAUSE, 2.0 ** min(times, 20)) / 2 <= pause <= LONGEST_PAUSE
    assert growing(times + 1, chance=lambda: chance) >= pause


def test_a_failed_channel_pauses_is_tried_with_one_message_and_opens_again() -> None:
    clock = Hand()
    circuit = Circuit(monotonic=clock)
    assert circuit.slots(8) == 8
    circuit.failed("rate_limited", 30)
    assert circuit.slots(8) == 0
    circuit.worked()
    assert circuit.slots(8) == 0, "an answer from before the pause does not end it"
    clock.now += 30.1
    assert circuit.slots(8) == 1
    circuit.worked()
    assert (circuit.slots(8), circuit.reason) == (8, None)


def test_failures_of_one_moment_count_once_and_the_longest_wish_holds() -> None:
    clock = Hand()
    circuit = Circuit(monotonic=clock)
    for seconds in (1.0, 90.0, 5.0):
        circuit.failed("outage", seconds)
    assert circuit.seconds == 90.0
    clock.now += 91
    circuit.failed("outage", 0.0)
    assert circuit.seconds <= 4.0, "the second failure in a row, not the fourth"


@pytest.mark.parametrize("seconds", [1e9, math.inf])
def test_a_platforms_wish_is_granted_up_to_an_hour(seconds: float) -> None:
    circuit = Circuit(monotonic=Hand())
    circuit.failed("quota", seconds)
    assert circuit.seconds == LONGEST_ASKED_FOR


@pytest.mark.parametrize("seconds", [0.0, -1.0, math.nan, -math.inf])
def test_what_is_no_wish_pauses_as_any_first_failure(seconds: float) -> None:
    circuit = Circuit(monotonic=Hand())
    circuit.failed("quota", seconds)
    assert 1.0 <= circuit.seconds <= 2.0


def test_lost_answers_in_a_row_are_an_outage_and_single_ones_are_not() -> None:
    clock = Hand()
    circuit = Circuit(monotonic=clock)
    for _ in range(3):
        for _ in range(DOUBTS - 1):
            circuit.doubted("timeout")
        circuit.worked()
    assert (circuit.slots(8), circuit.reason) == (8, None)
    for _ in range(DOUBTS):
        circuit.doubted("timeout")
    assert (circuit.slots(8), circuit.reason) == (0, "timeout")
    clock.now += 301
    circuit.doubted("timeout")
    assert circuit.slots(8) == 0, "one on trial is enough"
