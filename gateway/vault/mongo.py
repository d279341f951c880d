"""The vault for many machines: wrapped data keys and tombstones in one MongoDB database."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from functools import partial

from gateway.errors import Invalid, Unavailable
from gateway.mongo.connection import Connection, at_opening
from gateway.mongo.errors import as_ours
from gateway.vault import leases, mongo_keys
from gateway.vault.leases import LeasedKeys
from gateway.vault.port import KeyProvider
from gateway.vault.sealing import KEY_BYTES, KEY_ID_BYTES, LARGE, NONCE_BYTES, DataKey, open_value, seal_value
from gateway.vault.wrapping import WrappedKey, proof_of, proves, rewrap, usable, wrap

ROTATED_AT_ONCE = 500


class MongoVault:
    """`gateway.vault.port.Vault` on one database, shared by any number of processes on any number of machines."""

    def __init__(self, url: str, provider: KeyProvider, *, cached_keys: int = 4096) -> None:
        """Make the indexes and check the master keys against the database.

        Raises `Unavailable("master_key_missing")` or `Unavailable("master_key_changed")` when the provider does not
        have the keys that this vault was written with, and `Unavailable` when there is no server.
        """
        self._provider = provider
        self._keys = LeasedKeys(cached_keys)
        self._proved = ""
        self._connection = Connection(url, mongo_keys.INDEXES)
        with at_opening(url) as database:
            found = mongo_keys.proofs(database)
        for master_id, proof in found.items():
            if not proves(proof, master_id, self._master(master_id)):
                raise Unavailable("master_key_changed", "The master key is not the one this vault was written with.")

    async def seal(self, owner: str, plain: bytes, *, context: str) -> bytes:
        """Seal under the owner's key, made durable at first use; raises `Invalid("erased")` for an erased owner."""
        key = self._keys.leased(owner) or await self._known(owner) or await self._made(owner)
        work = partial(seal_value, key, os.urandom(NONCE_BYTES), owner, plain, context)
        return await asyncio.to_thread(work) if len(plain) >= LARGE else work()

    async def open(self, owner: str, sealed: bytes, *, context: str) -> bytes:
        """Open a sealed value; raises `Invalid("erased")`, or `Invalid("sealed_damaged")` when altered or moved."""
        key = self._keys.leased(owner) or await self._known(owner)
        if key is None:
            raise Invalid("sealed_damaged", "The owner has no key, so this was not sealed for them here.")
        work = partial(open_value, key, owner, sealed, context)
        return await asyncio.to_thread(work) if len(sealed) >= LARGE else work()

    async def erase(self, owner: str) -> None:
        """Destroy the owner's key for ever, durable on return, when every process refuses the owner.

        Takes a second: that long another process may go on with a key that it asked about before. The server's own log
        and backups keep the wrapped key until they are overwritten; without the master key it opens nothing.
        """
        with as_ours():
            await mongo_keys.erase(self._connection, owner)
        self._keys.drop(owner)
        await asyncio.sleep(leases.WAIT)
        self._keys.drop(owner)

    async def is_erased(self, owner: str) -> bool:
        """Whether an owner has a tombstone, as seen less than a second ago; raises `Unavailable`."""
        if self._keys.leased(owner) is not None:
            return False
        try:
            await self._known(owner)
        except Invalid as error:
            if error.reason != "erased":
                raise
            return True
        return False

    async def rewrap_all(self) -> int:
        """Wrap every data key under the current master key, after a rotation; returns how many were changed.

        Run it when all processes know the new key; afterwards the earlier master keys may be taken from the file.
        """
        current_id, current = self._provider.current()
        changed = 0
        with as_ours():
            while old := await mongo_keys.under_other(self._connection, current_id, ROTATED_AT_ONCE):
                new = [
                    rewrap(key, self._master(key.master_id), current_id, current, os.urandom(NONCE_BYTES))
                    for key in old
                ]
                changed += await mongo_keys.replace(self._connection, old, new)
            proof = proof_of(current_id, current, os.urandom(NONCE_BYTES))
            await mongo_keys.change_masters(self._connection, current_id, proof)
        return changed

    async def wrapped(self, *, after: str = "", limit: int = 500) -> Sequence[WrappedKey]:
        """Every data key as it lies there, by owner, after an owner."""
        if limit <= 0:
            return []
        with as_ours():
            return await mongo_keys.wrapped(self._connection, after, limit)

    async def erased(self, *, after: str = "", limit: int = 500) -> Sequence[str]:
        """Every owner with a tombstone, in order, after an owner."""
        if limit <= 0:
            return []
        with as_ours():
            return await mongo_keys.owners_erased(self._connection, after, limit)

    async def masters(self) -> Mapping[str, bytes]:
        """The proofs of the master keys in use, by key id."""
        with as_ours():
            return await mongo_keys.masters(self._connection)

    async def adopt(
        self, *, masters: Mapping[str, bytes] = {}, keys: Sequence[WrappedKey] = (), erased: Sequence[str] = ()
    ) -> None:
        """Keep what another vault under the same master keys holds; raises `Conflict("other_key")`.

        Nobody uses a key meanwhile, so no lease on one is waited for.
        """
        with as_ours():
            await mongo_keys.adopt(self._connection, masters, keys, erased)
        for owner in erased:
            self._keys.drop(owner)

    async def close(self) -> None:
        """Release everything and forget keys held in memory."""
        self._keys.clear()
        await self._connection.close()

    async def _known(self, owner: str) -> DataKey | None:
        """The key of an owner who is not erased, leased from now; None for one without a key."""
        asked = self._keys.now()
        key = self._keys.known(owner)
        with as_ours():
            try:
                if key is not None:
                    await mongo_keys.refuse_erased(self._connection, owner)
                else:
                    stored = await mongo_keys.find_unless_erased(self._connection, owner)
                    key = None if stored is None else self._unwrapped(stored)
            except Invalid:
                self._keys.drop(owner)
                raise
        if key is not None:
            self._keys.lease(owner, key, asked)
        return key

    async def _made(self, owner: str) -> DataKey:
        """A key of the owner that is durable before anything is sealed under it; the first one made holds."""
        master_id, master = self._provider.current()
        secret, key_id = os.urandom(KEY_BYTES), os.urandom(KEY_ID_BYTES)
        new = wrap(master_id, master, owner, key_id, secret, os.urandom(NONCE_BYTES))
        proof = None if master_id == self._proved else proof_of(master_id, master, os.urandom(NONCE_BYTES))
        asked = self._keys.now()
        with as_ours():
            key = self._unwrapped(await mongo_keys.keep_first(self._connection, new, proof))
        self._proved = master_id
        self._keys.lease(owner, key, asked)
        return key

    def _unwrapped(self, stored: WrappedKey) -> DataKey:
        return usable(stored, self._master(stored.master_id))

    def _master(self, master_id: str) -> bytes:
        try:
            return self._provider.by_id(master_id)
        except Invalid as error:
            # The values are sound and will open once the operator brings the key back: no dead letter for this.
            raise Unavailable("master_key_missing", "A master key of this vault is missing.") from error
