"""Bounds what uploads hold in memory together."""

from gateway.errors import Unavailable


class UploadMemory:
    """Counts the bytes that uploads hold at once, so that many of them cannot exhaust the machine."""

    def __init__(self, limit: int) -> None:
        """Take the most bytes that may be held."""
        self._left = limit

    def take(self, size: int) -> None:
        """Reserve `size` bytes; raises `Unavailable` when others hold too many."""
        if size > self._left:
            raise Unavailable("uploads_busy", "Too many uploads are under way.", retry_after=10.0)
        self._left -= size

    def give_back(self, size: int) -> None:
        """Release what was reserved."""
        self._left += size
