"""The file store as services see it: sealed bytes addressed by a keyed hash of owner and bytes."""

from collections.abc import Sequence
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

    async def addresses(self, *, after: str = "", limit: int = 500) -> Sequence[str]:
        """The address of every file that is kept, in order, after an address."""

    async def sealed(self, address: str) -> bytes:
        """The sealed bytes at an address as they lie there; raises `Invalid("file_missing")` or `file_damaged`."""

    async def adopt(self, address: str, sealed: bytes) -> None:
        """Keep sealed bytes as another store keeps them, durable on return; what is there already stays.

        Raises `Invalid("bad_address")` and `Unavailable`.
        """

    async def close(self) -> None:
        """Finish what is under way and release everything."""
