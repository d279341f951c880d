"""The vault as services see it: seal, open, erase."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from gateway.vault.wrapping import WrappedKey


class Vault(Protocol):
    """AES-256-GCM under the account's own data key, which is wrapped by the master key.

    `context` binds a sealed value to its place (additional authenticated data), so that it cannot be moved
    elsewhere: `commit:<history>:<version>`, `file:<address>`, `document:<kind>:<key>`, `outbox:<reply_id>:<number>`.
    """

    async def seal(self, owner: str, plain: bytes, *, context: str) -> bytes:
        """Seal under the owner's key, made durable at first use; raises `Invalid("erased")` for an erased owner."""

    async def open(self, owner: str, sealed: bytes, *, context: str) -> bytes:
        """Open a sealed value; raises `Invalid("erased")`, or `Invalid("sealed_damaged")` when altered or moved."""

    async def erase(self, owner: str) -> None:
        """Destroy the owner's key for ever, durable on return, when every process refuses the owner.

        The tombstone outlives a replay.
        """

    async def is_erased(self, owner: str) -> bool:
        """Whether an owner has a tombstone, in whatever process it was put up; raises `Unavailable`."""

    async def rewrap_all(self) -> int:
        """Wrap every data key under the current master key, after a rotation; returns how many were changed."""

    async def wrapped(self, *, after: str = "", limit: int = 500) -> Sequence[WrappedKey]:
        """Every data key, wrapped as it lies there, by owner, after an owner: useless without the master keys."""

    async def erased(self, *, after: str = "", limit: int = 500) -> Sequence[str]:
        """Every owner with a tombstone, in order, after an owner."""

    async def masters(self) -> Mapping[str, bytes]:
        """The proofs by which the master keys in use are recognised, by key id."""

    async def adopt(
        self, *, masters: Mapping[str, bytes] = {}, keys: Sequence[WrappedKey] = (), erased: Sequence[str] = ()
    ) -> None:
        """Keep what another vault under the same master keys holds, durable on return; for one that nobody uses yet.

        What is there already stays, and a tombstone beats a key whichever comes first. Raises `Conflict("other_key")`
        for an owner who has another key here, after which some of the given keys are kept.
        """

    async def close(self) -> None:
        """Release everything and forget keys held in memory."""


class KeyProvider(Protocol):
    """Where master keys come from: a file by default, a KMS elsewhere."""

    def current(self) -> tuple[str, bytes]:
        """Id and 32 bytes of the key that wraps new data keys."""

    def by_id(self, key_id: str) -> bytes:
        """An earlier key, for unwrapping during rotation; raises `Invalid("unknown_master_key")`."""
