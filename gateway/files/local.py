"""The file store on one machine: small contents in an SQLite file, large ones as files, a catalogue of both."""

import asyncio
import hmac
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import apsw

from gateway.errors import Invalid
from gateway.files.address import address_of, checked, context_of
from gateway.files.folder import Folder
from gateway.files.port import Sealer
from gateway.files.reference import reference
from gateway.sqlite.reader import Reader
from gateway.sqlite.writer import Writer
from schemas.files import FileRef

SMALL = 64 * 1024
"""Up to this many bytes a content lies in the database: one group commit instead of five fsyncs."""

MAX_BYTES = 25_000_000

SCHEMA = """
create table if not exists files (
    id integer primary key,
    address text not null unique,
    owner text not null,
    size integer not null,
    sealed blob
);
"""
"""`sealed` is null for a content that lies in the folder."""


class LocalFiles:
    """`gateway.files.port.Files` in one folder: `files.db` and `aa/bb/<address>`."""

    def __init__(self, folder: Path, vault: Sealer, address_key: bytes, *, max_bytes: int = MAX_BYTES) -> None:
        """Open or create the folder; `address_key` (32 bytes) is part of the data. Raises `Unavailable`."""
        self._vault = vault
        self._key = address_key
        self._max_bytes = max_bytes
        self._folder = Folder(folder)
        self._writer = Writer(folder / "files.db", schema=SCHEMA)
        self._reader = Reader(folder / "files.db")

    async def put(self, owner: str, content: bytes, *, media_type: str) -> FileRef:
        """Keep the bytes, durable on return; putting the same again gives the same reference.

        Raises `Invalid` with `file_too_large`, `bad_reference` or `erased`, and `Unavailable` when not durable.
        """
        if len(content) > self._max_bytes:
            raise Invalid("file_too_large", "The file is larger than allowed.")
        address = await self._address(owner, content)
        ref = reference(address, owner, len(content), media_type)
        # Sealing comes even for what is kept already: it refuses an erased owner.
        sealed = await self._vault.seal(owner, content, context=context_of(address))
        inline: bytes | None = sealed
        if len(content) > SMALL:
            await asyncio.to_thread(self._folder.write, address, sealed)
            inline = None
        await self._writer.run(partial(_insert, address=address, owner=owner, size=len(content), sealed=inline))
        return ref

    async def open(self, ref: FileRef) -> bytes:
        """The bytes; raises `Invalid` with `file_missing`, `file_damaged`, `erased` or `bad_address`."""
        address = checked(ref.address)
        sealed = await self.sealed(address)
        try:
            content = await self._vault.open(ref.owner, sealed, context=context_of(address))
        except Invalid as error:
            if error.reason != "sealed_damaged":
                raise
            raise Invalid("file_damaged", "The stored bytes were altered or belong to somebody else.") from error
        if not hmac.compare_digest(await self._address(ref.owner, content), address):
            raise Invalid("file_damaged", "The stored bytes do not belong to this address.")
        return content

    async def addresses(self, *, after: str = "", limit: int = 500) -> Sequence[str]:
        """The address of every file that is kept, in order, after an address."""
        return await self._reader.run(partial(_addresses, after=after, limit=max(limit, 0)))

    async def sealed(self, address: str) -> bytes:
        """The sealed bytes as they lie there; raises `Invalid("file_missing")`."""
        found = await self._reader.run(partial(_find, address=checked(address)))
        return await asyncio.to_thread(self._folder.read, address) if found is None else found

    async def adopt(self, address: str, sealed: bytes) -> None:
        """Keep sealed bytes as another store keeps them, which does not know whose they are; durable on return."""
        inline: bytes | None = sealed
        if len(sealed) > SMALL:
            await asyncio.to_thread(self._folder.write, checked(address), sealed)
            inline = None
        work = partial(_insert, address=checked(address), owner="", size=len(sealed), sealed=inline)
        await self._writer.run(work)

    async def close(self) -> None:
        """Finish what is under way and release everything."""
        await self._writer.close()
        await self._reader.close()

    async def _address(self, owner: str, content: bytes) -> str:
        if len(content) <= SMALL:
            return address_of(self._key, owner, content)
        return await asyncio.to_thread(address_of, self._key, owner, content)


def _insert(connection: apsw.Connection, *, address: str, owner: str, size: int, sealed: bytes | None) -> None:
    connection.execute(
        "insert or ignore into files (address, owner, size, sealed) values (?, ?, ?, ?)",
        (address, owner, size, sealed),
    )


def _addresses(connection: apsw.Connection, *, after: str, limit: int) -> Sequence[str]:
    sql = "select address from files where address > ? order by address limit ?"
    return [address for (address,) in connection.execute(sql, (after, limit))]


def _find(connection: apsw.Connection, *, address: str) -> bytes | None:
    row = connection.execute("select sealed from files where address = ?", (address,)).fetchone()
    if row is None:
        raise Invalid("file_missing", "There is no file at this address.")
    sealed: bytes | None = row[0]
    return sealed
