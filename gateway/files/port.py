"""The file store as services see it: sealed bytes addressed by a keyed hash of owner and bytes."""

from typing import Protocol

from schemas.files import FileRef


class Sealer(Protocol):
    """What the file store needs of the vault; see `gateway.vault.port.Vault` for the promises."""

    async def seal(self, owner: str, plain: bytes, *, context: str) -> bytes:
        """Seal under the owner's key; raises `Invalid("erased")`."""

    async def open(self, owner: str, sealed: bytes, *, context: str) -> bytes:
        """Open a sealed value; raises `Invalid("erased")` or `Invalid("sealed_damaged")`."""


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
