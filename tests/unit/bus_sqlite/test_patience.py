"""How long the bus waits before it tries again."""

import pytest

from gateway.bus.patience import pause
from gateway.errors import Unavailable


@pytest.mark.parametrize(
    ("advised", "attempts", "seconds"),
    [
        (1.0, 1, 1.0),
        (1.0, 2, 2.0),
        (1.0, 5, 16.0),
        (1.0, 6, 30.0),
        (1.0, 10_000, 30.0),
        (0.0, 1, 0.01),
        (90.0, 3, 90.0),
    ],
)
def test_pauses_double_up_to_half_a_minute_or_what_is_advised(advised: float, attempts: int, seconds: float) -> None:
    assert pause(Unavailable("store_down", retry_after=advised), attempts) == seconds
