"""How far histories are known to reach: what was once read or recorded stays, so it need not be asked for again."""

from collections import OrderedDict


class KnownVersions:
    """The highest version seen of each of the histories seen last."""

    def __init__(self, capacity: int = 10_000) -> None:
        """Take the bound, at least 1."""
        self._capacity = capacity
        self._versions: OrderedDict[str, int] = OrderedDict()

    def note(self, history: str, version: int) -> None:
        """A commit with this version, and thereby every earlier one, was read or recorded."""
        self._versions[history] = max(version, self._versions.get(history, 0))
        self._versions.move_to_end(history)
        if len(self._versions) > self._capacity:
            self._versions.popitem(last=False)

    def reaches(self, history: str, version: int) -> bool:
        """Whether a commit with this version is known to be there; version 0, before the first, always is."""
        return 0 <= version <= self._versions.get(history, 0)
