"""Pauses a channel that is down or overcharged, longer each time, and tries it with one message before all follow."""

import random
import time
from collections.abc import Callable

LONGEST_PAUSE = 300.0
"""Seconds to which pauses grow by themselves."""

LONGEST_ASKED_FOR = 3600.0
"""Seconds of pause that a platform is granted when it asks for more; then one message finds out."""

DOUBTS = 5
"""Unclear answers in a row after which the channel is taken to be ill: each further call would be one more unknown."""


def growing(times: int, *, chance: Callable[[], float] = random.random) -> float:
    """Seconds to wait after the `times`-th failure in a row: doubled each time, the upper half left to chance.

    Chance keeps those who failed together from coming back together.
    """
    return min(LONGEST_PAUSE, 2.0 ** min(times, 20)) * (0.5 + chance() / 2)


def granted(seconds: float, most: float = LONGEST_ASKED_FOR) -> float:
    """The pause that a platform asked for, within bounds; what is no number of seconds asks for nothing."""
    return min(seconds, most) if seconds > 0 else 0.0


class Circuit:
    """Closed: all may be sent. Paused: nothing. Afterwards one at a time, until one shows that the channel is well."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Begin closed."""
        self._monotonic = monotonic
        self._until = 0.0
        self._failures = 0
        self._doubts = 0
        self.reason: str | None = None
        """Why the channel is paused or on trial; None when it is well."""

    def slots(self, at_once: int) -> int:
        """How many messages may be under way now."""
        if self.seconds > 0:
            return 0
        return at_once if self.reason is None else 1

    @property
    def seconds(self) -> float:
        """How long the pause still lasts; 0.0 when there is none."""
        return max(0.0, self._until - self._monotonic())

    def failed(self, reason: str, seconds: float) -> None:
        """The whole channel takes nothing for `seconds`; failures of what was under way meanwhile are the same one."""
        asked_for = granted(seconds)
        if self.seconds == 0:
            self._failures += 1
            asked_for = max(asked_for, growing(self._failures))
        self._until = max(self._until, self._monotonic() + asked_for)
        self.reason = reason
        self._doubts = 0

    def doubted(self, reason: str) -> None:
        """An answer was lost: one is an accident, many in a row, or one on trial, are an outage."""
        self._doubts += 1
        if self._doubts >= DOUBTS or (self.reason is not None and self.seconds == 0):
            self.failed(reason, 0.0)

    def worked(self) -> None:
        """The platform answered about a message. An answer from before the pause does not end it."""
        self._doubts = 0
        if self.seconds == 0:
            self._failures = 0
            self.reason = None
