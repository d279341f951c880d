"""The file store as services see it: sealed bytes addressed by a keyed hash of owner and bytes."""

from typing import Protocol

from schemas.files import FileRef


class Files(Protocol):
    """Bounded blobs, sealed under their owner's data key."""

    async def put(self, owner: str, content: bytes, *, media_type: str) -> FileRef:
        """Keep the bytes, durable on return; putting the same again gives the same reference.

        Raises `Invalid("file_too_large")` beyond the configured bound and `Unavailable` when not durable.
        """

    async def open(self, ref: FileRef) -> bytes:
        """The bytes; raises `Invalid("file_missing")`, `Invalid("file_damaged")` or `Invalid("erased")`."""

    async def close(self) -> None:
        """Finish what is under way and release everything."""
