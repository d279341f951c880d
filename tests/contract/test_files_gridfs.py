"""What files in GridFS promise beyond the port: half an upload is never served, and one address is one file."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from bson import ObjectId
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import AutoReconnect

from gateway.errors import Invalid, Unavailable
from gateway.files.gridfs import ABANDONED, CHUNKS, FILES, UPLOADS, GridFiles
from gateway.vault.opening import open_vault
from gateway.vault.port import Vault
from gateway.vault.provider import FileKeyProvider, add_master_key
from tests.servers import mongo

ALICE = "aa" * 16
LARGE = bytes(700_000)


def opened(folder: Path, vault: Vault) -> GridFiles:
    return GridFiles(mongo.url_of(folder), vault, bytes(32), max_bytes=1_000_000)


@pytest_asyncio.fixture
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    add_master_key(tmp_path / "master.key")
    found = open_vault(f"sqlite:///{tmp_path / 'vault.db'}", FileKeyProvider(tmp_path / "master.key"))
    yield found
    await found.close()


@pytest_asyncio.fixture
async def files(tmp_path: Path, vault: Vault) -> AsyncIterator[GridFiles]:
    found = opened(tmp_path, vault)
    yield found
    await found.close()


async def counted(files: GridFiles, *names: str) -> list[int]:
    return [await files._connection[name].count_documents({}) for name in names]


async def test_putting_the_same_at_once_leaves_one_file_and_its_own_pieces(files: GridFiles) -> None:
    refs = await asyncio.gather(*(files.put(ALICE, LARGE, media_type="image/jpeg") for _ in range(6)))
    assert len(set(refs)) == 1
    assert await counted(files, FILES, CHUNKS, UPLOADS) == [1, 3, 0]
    assert await files.open(refs[0]) == LARGE


class Dying:
    """Lets a number of the driver's inserts through and then fails each, as when the process were gone."""

    def __init__(self, patch: pytest.MonkeyPatch, alive: int) -> None:
        """Take how many inserts still go through."""
        self.alive = alive
        for name in ("insert_one", "insert_many"):
            patch.setattr(AsyncCollection, name, self.mortal(getattr(AsyncCollection, name)))

    def mortal(self, insert: Any) -> Any:  # noqa: ANN401 - a driver's method, with whatever it takes
        """The insert, or the failure."""

        async def guarded(*arguments: Any, **more: Any) -> Any:  # noqa: ANN401 - handed through
            self.alive -= 1
            if self.alive < 0:
                raise AutoReconnect("gone")
            return await insert(*arguments, **more)

        return guarded


async def test_wherever_an_upload_dies_nothing_is_served_and_putting_it_again_succeeds(files: GridFiles) -> None:
    """It notes the upload, lays down the pieces, and then makes a file of them."""
    for alive in range(3):
        content = LARGE + bytes([alive])
        with pytest.MonkeyPatch.context() as patch:
            Dying(patch, alive)
            with pytest.raises(Unavailable):
                await files.put(ALICE, content, media_type="image/jpeg")
        assert await counted(files, FILES, UPLOADS) == [alive, alive], (
            "one whole file, and one note, of each round before"
        )
        ref = await files.put(ALICE, content, media_type="image/jpeg")
        assert await files.open(ref) == content


async def test_pieces_of_an_abandoned_upload_are_cleared_away_and_nothing_else(
    tmp_path: Path, vault: Vault, files: GridFiles
) -> None:
    kept = await files.put(ALICE, LARGE, media_type="image/jpeg")
    long_ago = ObjectId.from_datetime(datetime.now(UTC) - ABANDONED - timedelta(minutes=1))
    for name in (long_ago, ObjectId()):
        await files._connection[UPLOADS].insert_one({"_id": name})
        await files._connection[CHUNKS].insert_one({"files_id": name, "n": 0, "data": b"half"})
    whole = (await files._connection[FILES].find_one({}) or {})["_id"]
    await opened(tmp_path, vault).close()
    left = {doc["files_id"] async for doc in files._connection[CHUNKS].find({})}
    assert whole in left
    assert long_ago not in left
    assert len(left) == 2, "one may still be under way"
    assert await files.open(kept) == LARGE


async def test_a_file_with_missing_or_altered_pieces_is_noticed(files: GridFiles) -> None:
    ref = await files.put(ALICE, LARGE, media_type="image/jpeg")
    piece = await files._connection[CHUNKS].find_one({"n": 1})
    assert piece is not None
    altered = bytes([piece["data"][0] ^ 1]) + piece["data"][1:]
    await files._connection[CHUNKS].update_one({"_id": piece["_id"]}, {"$set": {"data": altered}})
    await damaged(files, ref)
    await files._connection[CHUNKS].delete_one({"_id": piece["_id"]})
    await damaged(files, ref)


async def damaged(files: GridFiles, ref: object) -> None:
    with pytest.raises(Invalid) as caught:
        await files.open(ref)  # type: ignore[arg-type]
    assert caught.value.reason == "file_damaged"
