"""Unwrapped keys on lease: each is used for about a second after it was last known that its owner was not erased."""

import time
from collections.abc import Callable

from gateway.vault.cache import KeyCache
from gateway.vault.sealing import DataKey

LEASE = 0.9
"""Seconds for which a key may be used without asking."""

WAIT = 1.0
"""Seconds that an erasure waits for every lease to end; longer, since clocks of machines may run apart."""


class LeasedKeys:
    """At most `capacity` keys by owner, of which only a leased one may be used without asking."""

    def __init__(self, capacity: int, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Take the bound, at least 1, and a clock of seconds that never goes back."""
        self._keys = KeyCache(capacity)
        self._until: dict[str, float] = {}
        self._monotonic = monotonic

    def now(self) -> float:
        """The instant to note before it is asked whether an owner was erased."""
        return self._monotonic()

    def leased(self, owner: str) -> DataKey | None:
        """The owner's key if it may be used now."""
        return self._keys.get(owner) if self._until.get(owner, 0.0) > self._monotonic() else None

    def known(self, owner: str) -> DataKey | None:
        """The owner's key, which may be used once it is leased again."""
        return self._keys.get(owner)

    def lease(self, owner: str, key: DataKey, asked: float) -> None:
        """Let a key be used: at `asked`, by `now`, its owner was not erased."""
        self._keys.put(owner, key)
        self._until[owner] = max(asked + LEASE, self._until.get(owner, 0.0))
        if len(self._until) > 2 * len(self._keys):
            self._until = {name: until for name, until in self._until.items() if self._keys.get(name) is not None}

    def drop(self, owner: str) -> None:
        """Forget one key, if it is there."""
        self._keys.drop(owner)
        self._until.pop(owner, None)

    def clear(self) -> None:
        """Forget all keys."""
        self._keys.clear()
        self._until.clear()
