"""Who sends on a channel: a claim in the store that lapses unless renewed, so that a dead sender is followed soon."""

import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.store.port import Store

LEASE = timedelta(seconds=10)
RENEWED_AFTER = LEASE.total_seconds() / 3
TRUSTED_FOR = LEASE.total_seconds() * 0.8
"""Seconds after which a holder that could not renew begins nothing any more: before anybody else may."""


class SendingLease:
    """One sender's claim on a channel; it tells by the monotonic clock whether it still may be relied on.

    A process that was halted and goes on may be wrong about it for a moment. The outbox knows better: it refuses the
    epoch of an earlier tenure.
    """

    def __init__(
        self,
        channel: str,
        store: Store,
        *,
        owner: str,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        role: str = "sender",
    ) -> None:
        """Take the channel, the store of the claim, the process's name, clocks, and what the holder does there."""
        self._key = f"lease/{role}/{channel}"
        # A process that follows a killed one may have its name, and must not take its claim for its own.
        self._value = f"{owner}/{secrets.token_hex(8)}".encode()
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._claimed_at: float | None = None

    async def take(self) -> bool:
        """Claim or renew, and say whether the claim is ours; raises `Unavailable`."""
        if self._claimed_at is not None and self._monotonic() - self._claimed_at < RENEWED_AFTER:
            return True
        asked_at = self._monotonic()
        held = await self._store.claim(self._key, self._value, until=self._clock() + LEASE)
        self._claimed_at = asked_at if held == self._value else None
        return self._claimed_at is not None

    @property
    def sure(self) -> bool:
        """Whether nobody else can hold it now."""
        return self._claimed_at is not None and self._monotonic() - self._claimed_at < TRUSTED_FOR

    def doubt(self) -> None:
        """Ask the store at the next `take`, whatever was known: somebody else has acted as the holder."""
        self._claimed_at = None

    async def release(self) -> None:
        """Give it up, so that the next sender need not wait for it to lapse."""
        self._claimed_at = None
        await self._store.release(self._key, self._value)
