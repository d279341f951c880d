"""The vault on one machine: wrapped data keys and tombstones in one SQLite file."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import apsw

from gateway.errors import Invalid, Unavailable
from gateway.sqlite.connection import connect
from gateway.sqlite.errors import mapped
from gateway.sqlite.freeze import frozen
from gateway.sqlite.reader import Reader
from gateway.sqlite.writer import Writer
from gateway.vault import sqlite_keys
from gateway.vault.cache import KeyCache
from gateway.vault.port import KeyProvider
from gateway.vault.sealing import KEY_BYTES, KEY_ID_BYTES, LARGE, NONCE_BYTES, DataKey, open_value, seal_value
from gateway.vault.tombstones import Tombstones
from gateway.vault.wrapping import WrappedKey, proof_of, proves, rewrap, usable, wrap

ROTATED_AT_ONCE = 500
SCRUB_PATIENCE_MS = 1000


class SqliteVault:
    """`gateway.vault.port.Vault` on one file, shared by any number of processes of one machine."""

    def __init__(self, path: Path, provider: KeyProvider, *, cached_keys: int = 4096) -> None:
        """Open or create the file and check the master keys against it.

        Raises `Unavailable("master_key_missing")` or `Unavailable("master_key_changed")` when the provider does not
        have the keys that this vault was written with, and `Unavailable` when the file cannot be opened.
        """
        self._path = path
        self._provider = provider
        self._cache = KeyCache(cached_keys)
        self._writer = Writer(path, schema=sqlite_keys.SCHEMA)
        self._reader = Reader(path)
        self._tombstones = Tombstones(path)
        for master_id, proof in self._tombstones.proofs().items():
            if not proves(proof, master_id, self._master(master_id)):
                raise Unavailable("master_key_changed", "The master key is not the one this vault was written with.")

    async def seal(self, owner: str, plain: bytes, *, context: str) -> bytes:
        """Seal under the owner's key, made durable at first use; raises `Invalid("erased")` for an erased owner."""
        key = await self._known(owner) or await self._made(owner)
        work = partial(seal_value, key, os.urandom(NONCE_BYTES), owner, plain, context)
        return await asyncio.to_thread(work) if len(plain) >= LARGE else work()

    async def open(self, owner: str, sealed: bytes, *, context: str) -> bytes:
        """Open a sealed value; raises `Invalid("erased")`, or `Invalid("sealed_damaged")` when altered or moved."""
        key = await self._known(owner)
        if key is None:
            raise Invalid("sealed_damaged", "The owner has no key, so this was not sealed for them here.")
        work = partial(open_value, key, owner, sealed, context)
        return await asyncio.to_thread(work) if len(sealed) >= LARGE else work()

    async def erase(self, owner: str) -> None:
        """Destroy the owner's key for ever, durable on return; the tombstone outlives a replay.

        From the tombstone on every process refuses the owner. Raises `Unavailable("erasure_unfinished")` when an old
        page with the wrapped key could not yet be removed from the write-ahead log; erase again then.
        """
        await self._writer.run(partial(sqlite_keys.erase, owner=owner))
        self._cache.drop(owner)
        await asyncio.to_thread(self._scrub)

    async def is_erased(self, owner: str) -> bool:
        """Whether an owner has a tombstone; raises `Unavailable`."""
        try:
            self._tombstones.refuse(owner)
        except Invalid:
            return True
        return False

    async def rewrap_all(self) -> int:
        """Wrap every data key under the current master key, after a rotation; returns how many were changed.

        Run it when all processes know the new key; afterwards the earlier master keys may be taken from the file.
        """
        current_id, current = self._provider.current()
        changed = 0
        while True:
            old = await self._reader.run(partial(sqlite_keys.under_other, master_id=current_id, limit=ROTATED_AT_ONCE))
            if not old:
                break
            new = [
                rewrap(key, self._master(key.master_id), current_id, current, os.urandom(NONCE_BYTES)) for key in old
            ]
            changed += await self._writer.run(partial(sqlite_keys.replace, old=old, new=new))
        proof = proof_of(current_id, current, os.urandom(NONCE_BYTES))
        await self._writer.run(partial(sqlite_keys.change_masters, current_id=current_id, proof=proof))
        await asyncio.to_thread(self._scrub)
        return changed

    async def wrapped(self, *, after: str = "", limit: int = 500) -> Sequence[WrappedKey]:
        """Every data key as it lies there, by owner, after an owner."""
        return await self._reader.run(partial(sqlite_keys.wrapped, after=after, limit=max(limit, 0)))

    async def erased(self, *, after: str = "", limit: int = 500) -> Sequence[str]:
        """Every owner with a tombstone, in order, after an owner."""
        return await self._reader.run(partial(sqlite_keys.owners_erased, after=after, limit=max(limit, 0)))

    async def masters(self) -> Mapping[str, bytes]:
        """The proofs of the master keys in use, by key id."""
        return await self._reader.run(sqlite_keys.proofs)

    async def adopt(
        self, *, masters: Mapping[str, bytes] = {}, keys: Sequence[WrappedKey] = (), erased: Sequence[str] = ()
    ) -> None:
        """Keep what another vault under the same master keys holds; raises `Conflict("other_key")`."""
        await self._writer.run(partial(sqlite_keys.adopt, masters=masters, keys=keys, erased=erased))
        for owner in erased:
            self._cache.drop(owner)

    async def close(self) -> None:
        """Release everything and forget keys held in memory."""
        self._cache.clear()
        await self._writer.close()
        await self._reader.close()
        self._tombstones.close()

    async def _known(self, owner: str) -> DataKey | None:
        self._tombstones.refuse(owner)
        key = self._cache.get(owner)
        if key is None:
            stored = await self._reader.run(partial(sqlite_keys.find, owner=owner))
            key = None if stored is None else self._remembered(stored)
        return key

    async def _made(self, owner: str) -> DataKey:
        """A key of the owner that is durable before anything is sealed under it; the first one made holds."""
        master_id, master = self._provider.current()
        secret, key_id = os.urandom(KEY_BYTES), os.urandom(KEY_ID_BYTES)
        new = wrap(master_id, master, owner, key_id, secret, os.urandom(NONCE_BYTES))
        proof = proof_of(master_id, master, os.urandom(NONCE_BYTES))
        return self._remembered(await self._writer.run(partial(sqlite_keys.keep_first, key=new, proof=proof)))

    def _remembered(self, stored: WrappedKey) -> DataKey:
        key = usable(stored, self._master(stored.master_id))
        self._cache.put(stored.owner, key)
        return key

    def _master(self, master_id: str) -> bytes:
        try:
            return self._provider.by_id(master_id)
        except Invalid as error:
            # The values are sound and will open once the operator brings the key back: no dead letter for this.
            raise Unavailable("master_key_missing", "A master key of this vault is missing.") from error

    def _scrub(self) -> None:
        """Empty the write-ahead log, where older pages would keep what was deleted."""
        with frozen([self._path]):
            connection = connect(self._path)
            try:
                connection.set_busy_timeout(SCRUB_PATIENCE_MS)
                busy, _, _ = connection.execute("pragma wal_checkpoint(truncate)").get
            except apsw.Error as error:
                raise mapped(error) from error
            finally:
                connection.close()
        if busy:
            raise Unavailable("erasure_unfinished", "A long read keeps old pages; erase again.", retry_after=5.0)
