"""Whether the disk has room: what was acknowledged needs some more to become a ticket."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from gateway.errors import Unavailable

LOOK_SECONDS = 0.1
"""For so long one look at the disk holds. What can be written meanwhile is little beside the reserve, and whatever
does not fit is refused by the write itself: the look only sees to it that this happens before the disk is full."""


def free_bytes(path: Path) -> int:
    """Free space for unprivileged writers where `path` lies."""
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize


def size_bytes(path: Path) -> int:
    """Space of the whole disk on which `path` lies."""
    found = os.statvfs(path)
    return found.f_blocks * found.f_frsize


class Room:
    """Free space where `path` lies, against a reserve."""

    def __init__(
        self,
        path: Path,
        reserve: int,
        *,
        free: Callable[[Path], int] = free_bytes,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep `reserve` bytes free; `free` looks, `seconds` is a clock that only goes forward."""
        self._path = path
        self._reserve = reserve
        self._free = free
        self._seconds = seconds
        self._holds_until = float("-inf")
        self._enough = False

    def check(self) -> None:
        """Raise `Unavailable("disk_full")` below the reserve, as last looked at."""
        now = self._seconds()
        if now >= self._holds_until:
            self._enough = self._free(self._path) >= self._reserve
            self._holds_until = now + LOOK_SECONDS
        if not self._enough:
            raise Unavailable("disk_full", "There is too little free space.", retry_after=5.0)
