"""Unwrapped keys in memory, few enough to be bounded: the least recently used one goes first."""

from collections import OrderedDict

from gateway.vault.sealing import DataKey


class KeyCache:
    """At most `capacity` keys by owner; knows nothing of erasure, which is asked for before every use."""

    def __init__(self, capacity: int) -> None:
        """Take the bound, at least 1."""
        self._capacity = capacity
        self._keys: OrderedDict[str, DataKey] = OrderedDict()

    def get(self, owner: str) -> DataKey | None:
        """The owner's key, which thereby becomes the most recently used one."""
        if owner in self._keys:
            self._keys.move_to_end(owner)
        return self._keys.get(owner)

    def put(self, owner: str, key: DataKey) -> None:
        """Remember a key, forgetting the least recently used one beyond the bound."""
        self._keys[owner] = key
        self._keys.move_to_end(owner)
        if len(self._keys) > self._capacity:
            self._keys.popitem(last=False)

    def drop(self, owner: str) -> None:
        """Forget one key, if it is there."""
        self._keys.pop(owner, None)

    def clear(self) -> None:
        """Forget all keys."""
        self._keys.clear()

    def __len__(self) -> int:
        return len(self._keys)
