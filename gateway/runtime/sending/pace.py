"""How fast a channel may be spoken to: a token bucket per channel, and how many citizens at once."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `per_second` messages a second on average, to at most `at_once` citizens side by side."""

    per_second: float
    at_once: int


class Bucket:
    """Tokens come at a steady rate, up to one second's worth; whoever takes one waits for its turn."""

    def __init__(self, per_second: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Begin full."""
        self._per_second = per_second
        self._most = max(1.0, per_second)
        self._monotonic = monotonic
        self._tokens = self._most
        self._at = monotonic()

    async def take(self) -> None:
        """Wait until a token is there, in the order of asking."""
        await asyncio.sleep(self.reserve())

    def reserve(self) -> float:
        """Take a token that may only come; returns the seconds until it does."""
        now = self._monotonic()
        self._tokens = min(self._most, self._tokens + (now - self._at) * self._per_second) - 1.0
        self._at = now
        return max(0.0, -self._tokens / self._per_second)
