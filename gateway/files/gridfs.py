"""The file store for many machines: sealed bytes in GridFS, found by address once they are there whole."""

import asyncio
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bson import ObjectId
from gridfs.asynchronous import AsyncGridFSBucket
from gridfs.errors import CorruptGridFile, FileExists, NoFile
from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from gateway.errors import Invalid
from gateway.files.address import address_of, checked, context_of
from gateway.files.port import Sealer
from gateway.files.reference import reference
from gateway.mongo.connection import Connection, at_opening
from gateway.mongo.errors import as_ours
from schemas.files import FileRef

BUCKET = "files"
FILES = "files.files"
CHUNKS = "files.chunks"
UPLOADS = "files.uploads"

INDEXES = {
    FILES: [IndexModel([("filename", ASCENDING)], unique=True, name="address")],
    CHUNKS: [IndexModel([("files_id", ASCENDING), ("n", ASCENDING)], unique=True)],
    UPLOADS: [],
}
"""GridFS knows a file from the entry that is written last; of two with one address the second is refused."""

ABANDONED = timedelta(days=1)
"""An upload that is noted longer than this ago has no writer any more."""

CLEARED_AT_OPENING = 1000
IN_A_THREAD = 64 * 1024


class GridFiles:
    """`gateway.files.port.Files` in one database, shared by any number of processes on any number of machines."""

    def __init__(self, url: str, vault: Sealer, address_key: bytes, *, max_bytes: int) -> None:
        """Make the indexes and clear away abandoned uploads; `address_key` (32 bytes) is part of the data.

        Raises `Unavailable`.
        """
        self._vault = vault
        self._key = address_key
        self._max_bytes = max_bytes
        self._connection = Connection(url, INDEXES)
        _clear_abandoned(url)

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
        with as_ours():
            if await self._connection[FILES].find_one({"filename": address}) is None:
                await self._upload(address, sealed)
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
        """The address of every file that is there whole, in order, after an address."""
        if limit <= 0:
            return []
        with as_ours():
            asked = self._connection[FILES].find({"filename": {"$gt": after}}).sort([("filename", ASCENDING)])
            return [doc["filename"] async for doc in asked.limit(limit)]

    async def sealed(self, address: str) -> bytes:
        """The sealed bytes as they lie there; raises `Invalid("file_missing")` or `Invalid("file_damaged")`."""
        with as_ours():
            try:
                stream = await self._bucket().open_download_stream_by_name(checked(address))
                return await stream.read()
            except NoFile:
                raise Invalid("file_missing", "There is no file at this address.") from None
            except CorruptGridFile:
                raise Invalid("file_damaged", "Pieces of the stored bytes are missing.") from None

    async def adopt(self, address: str, sealed: bytes) -> None:
        """Keep sealed bytes as another store keeps them, durable on return; what is there already stays."""
        with as_ours():
            if await self._connection[FILES].find_one({"filename": checked(address)}) is None:
                await self._upload(address, sealed)

    async def close(self) -> None:
        """Give up the connection."""
        await self._connection.close()

    async def _upload(self, address: str, sealed: bytes) -> None:
        """Note the upload, write the pieces, then the entry that makes a file of them, unless another was first."""
        stream = self._bucket().open_upload_stream(address)
        # The indexes were made at the opening; the stream would ask for them again with every file.
        object.__setattr__(stream, "_ensured_index", True)
        await self._connection[UPLOADS].insert_one({"_id": stream._id})  # noqa: SLF001 - its id, before it has an entry
        try:
            await stream.write(sealed)
            await stream.close()
        except (FileExists, DuplicateKeyError):
            await stream.abort()
        await self._connection[UPLOADS].delete_one({"_id": stream._id})  # noqa: SLF001 - the same

    def _bucket(self) -> AsyncGridFSBucket:
        return AsyncGridFSBucket(self._connection.database, BUCKET)

    async def _address(self, owner: str, content: bytes) -> str:
        if len(content) <= IN_A_THREAD:
            return address_of(self._key, owner, content)
        return await asyncio.to_thread(address_of, self._key, owner, content)


def _clear_abandoned(url: str) -> None:
    """Remove the pieces of uploads whose writers died; nobody was ever shown them."""
    before = ObjectId.from_datetime(datetime.now(UTC) - ABANDONED)
    with at_opening(url) as database:
        for note in database[UPLOADS].find({"_id": {"$lt": before}}).limit(CLEARED_AT_OPENING):
            if database[FILES].find_one({"_id": note["_id"]}) is None:
                database[CHUNKS].delete_many({"files_id": note["_id"]})
            database[UPLOADS].delete_one({"_id": note["_id"]})
