"""What every file store promises: whole or not at all, sealed, under an address that tells nothing."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Invalid
from gateway.files.address import address_of, checked
from gateway.files.opening import open_files
from gateway.files.port import Files
from gateway.vault.opening import open_vault
from gateway.vault.port import Vault
from gateway.vault.provider import FileKeyProvider, add_master_key
from schemas.files import FileRef
from tests.servers import mongo

ALICE, BOB = "aa" * 16, "bb" * 16
KEY = bytes(range(32))
MOST = 600_000
PHOTO = b"\xff\xd8\xff\xe0 small photo"
LARGE = os.urandom(500_000)
BOTH = pytest.mark.parametrize("content", [PHOTO, LARGE], ids=["small", "large"])


def sqlite_url(folder: Path) -> str:
    """The file store of one machine."""
    return f"sqlite:///{folder / 'files'}"


@dataclass(frozen=True)
class Place:
    """Where files lie; opening it again is another process's view of it."""

    url: str

    def files(self, vault: Vault, key: bytes = KEY) -> Files:
        """The file store."""
        return open_files(self.url, vault, key, max_bytes=MOST)


@pytest.fixture(params=[pytest.param(sqlite_url, id="sqlite"), pytest.param(mongo.url_of, id="gridfs")])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(request.param(tmp_path))


@pytest_asyncio.fixture
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    add_master_key(tmp_path / "master.key")
    found = open_vault(f"sqlite:///{tmp_path / 'vault.db'}", FileKeyProvider(tmp_path / "master.key"))
    yield found
    await found.close()


@pytest_asyncio.fixture
async def files(place: Place, vault: Vault) -> AsyncIterator[Files]:
    found = place.files(vault)
    yield found
    await found.close()


async def reason(files: Files, ref: FileRef) -> str:
    with pytest.raises(Invalid) as caught:
        await files.open(ref)
    return caught.value.reason


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 255 * 1024, 255 * 1024 + 1, MOST])
async def test_bytes_come_back_as_they_were(files: Files, size: int) -> None:
    content = os.urandom(size)
    ref = await files.put(ALICE, content, media_type="image/jpeg")
    assert (ref.size, ref.owner, ref.media_type) == (size, ALICE, "image/jpeg")
    assert await files.open(ref) == content


@BOTH
async def test_the_same_put_again_gives_the_same_reference(files: Files, content: bytes) -> None:
    ref = await files.put(ALICE, content, media_type="image/jpeg")
    again = await asyncio.gather(*(files.put(ALICE, content, media_type="image/jpeg") for _ in range(8)))
    assert set(again) == {ref}
    assert await files.open(ref) == content


async def test_a_file_that_is_too_large_is_refused(files: Files) -> None:
    with pytest.raises(Invalid) as caught:
        await files.put(ALICE, bytes(MOST + 1), media_type="image/jpeg")
    assert caught.value.reason == "file_too_large"


async def test_an_address_that_was_never_put_is_missing(files: Files) -> None:
    ref = FileRef(address="0" * 64, owner=ALICE, size=1, media_type="image/jpeg")
    assert await reason(files, ref) == "file_missing"


def test_an_unknown_file_store_is_refused(vault: Vault) -> None:
    for wrong in ("", "sqlite:///", "s3://bucket", "/var/files"):
        with pytest.raises(Invalid) as caught:
            open_files(wrong, vault, KEY, max_bytes=MOST)
        assert caught.value.reason == "unknown_files"


async def test_the_same_bytes_of_two_owners_are_two_files(files: Files) -> None:
    refs = [await files.put(owner, PHOTO, media_type="image/jpeg") for owner in (ALICE, BOB)]
    assert refs[0].address != refs[1].address
    stolen = refs[0].model_copy(update={"owner": BOB})
    assert await reason(files, stolen) == "file_damaged"


@BOTH
async def test_what_was_put_is_there_after_reopening(files: Files, place: Place, vault: Vault, content: bytes) -> None:
    ref = await files.put(ALICE, content, media_type="image/jpeg")
    await files.close()
    again = place.files(vault)
    assert await again.open(ref) == content
    await again.close()


async def test_bytes_sealed_for_this_address_under_another_address_key_are_not_taken(
    files: Files, place: Place, vault: Vault
) -> None:
    ref = await files.put(ALICE, PHOTO, media_type="image/jpeg")
    await files.close()
    other = place.files(vault, bytes(32))
    assert await reason(other, ref) == "file_damaged"
    await other.close()


@BOTH
async def test_an_erased_owner_has_no_files(files: Files, vault: Vault, content: bytes) -> None:
    ref = await files.put(ALICE, content, media_type="image/jpeg")
    kept = await files.put(BOB, content, media_type="image/jpeg")
    await vault.erase(ALICE)
    assert await reason(files, ref) == "erased"
    with pytest.raises(Invalid) as caught:
        await files.put(ALICE, content, media_type="image/jpeg")
    assert caught.value.reason == "erased"
    assert await files.open(kept) == content


@pytest.mark.parametrize("wrong", [{"owner": "Nguyễn Văn A"}, {"media_type": "x" * 101}])
async def test_a_reference_never_holds_what_the_contract_forbids(files: Files, wrong: dict[str, str]) -> None:
    given = {"owner": ALICE, "media_type": "image/jpeg"} | wrong
    with pytest.raises(Invalid) as caught:
        await files.put(given["owner"], PHOTO, media_type=given["media_type"])
    assert caught.value.reason == "bad_reference"
    assert next(iter(wrong.values())) not in str(caught.value)


@pytest.mark.parametrize("address", ["", "../../secrets/master.key", "a" * 63, "A" * 64, "a" * 64 + "\n", "ａ" * 64])
async def test_no_path_from_outside_reaches_the_file_system(files: Files, address: str) -> None:
    ref = FileRef.model_construct(address=address, owner=ALICE, size=1, media_type="image/jpeg")
    assert await reason(files, ref) == "bad_address"


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_an_address_is_keyed_and_depends_on_owner_and_bytes(one: bytes, other: bytes) -> None:
    address = address_of(KEY, ALICE, one)
    assert checked(address) == address
    assert (address == address_of(KEY, ALICE, other)) == (one == other)
    assert address != address_of(bytes(32), ALICE, one)
    assert address != address_of(KEY, BOB, one)
    assert address_of(KEY, "ab", b"c" + one) != address_of(KEY, "a", b"bc" + one)
