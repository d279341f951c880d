"""Tells whether anything was written in a folder, from times and sizes alone: what idle readers can afford to look at.

A wake-up can be lost (a full queue, a socket file swept away); this look cannot be, and costs microseconds per file.
"""

import os
import time
from pathlib import Path

LOG_SUFFIX = ".db-wal"

SETTLED_NANOSECONDS = 2_000_000_000
"""A time younger than this proves nothing: another write within one tick of the file system may leave it as it is."""


def settled(changed_at: int) -> bool:
    """Whether something changed then (nanoseconds since 1970) would by now show any later change."""
    return time.time_ns() - changed_at > SETTLED_NANOSECONDS


class Traces:
    """What the stage files' logs looked like when last seen; every commit writes to a log."""

    def __init__(self, folder: Path) -> None:
        """Look at the logs in `folder`."""
        self._folder = folder
        self._listed_at = 0
        self._logs: list[str] = []
        self._seen: tuple[tuple[int, int], ...] | None = None

    def changed(self) -> bool:
        """Whether a log may have been written since the last call; True at first."""
        found = []
        newest = 0
        for path in self._found():
            try:
                state = os.stat(path)  # noqa: PTH116 - a Path would cost more than the look itself
            except FileNotFoundError:
                continue
            newest = max(newest, state.st_mtime_ns)
            found.append((state.st_mtime_ns, state.st_size))
        before, now = self._seen, tuple(found)
        self._seen = now if settled(newest) else None
        return before != now

    def _found(self) -> list[str]:
        """Paths of the logs, listed anew when a file came or went."""
        changed_at = os.stat(self._folder).st_mtime_ns  # noqa: PTH116 - as above
        if changed_at != self._listed_at:
            names = os.listdir(self._folder)  # noqa: PTH208 - as above
            self._logs = [f"{self._folder}/{name}" for name in names if name.endswith(LOG_SUFFIX)]
            self._listed_at = changed_at if settled(changed_at) else 0
        return self._logs
