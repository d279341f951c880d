"""What the file store on one machine promises of its folder: whole or not at all, private, durable."""

import asyncio
import errno
import fcntl
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.errors import Invalid, Unavailable
from gateway.files.folder import PARTIAL, Folder, mapped
from gateway.files.local import SMALL, LocalFiles
from gateway.vault.provider import FileKeyProvider, add_master_key
from gateway.vault.sqlite import SqliteVault
from schemas.files import FileRef

ALICE, BOB = "aa" * 16, "bb" * 16
KEY = bytes(range(32))
MOST = 300_000
PHOTO = b"\xff\xd8\xff\xe0 small photo"
LARGE = os.urandom(200_000)
BOTH = pytest.mark.parametrize("content", [PHOTO, LARGE], ids=["small", "large"])


@pytest_asyncio.fixture
async def vault(tmp_path: Path) -> AsyncIterator[SqliteVault]:
    add_master_key(tmp_path / "master.key")
    found = SqliteVault(tmp_path / "vault.db", FileKeyProvider(tmp_path / "master.key"))
    yield found
    await found.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest_asyncio.fixture
async def files(folder: Path, vault: SqliteVault) -> AsyncIterator[LocalFiles]:
    found = LocalFiles(folder, vault, KEY, max_bytes=MOST)
    yield found
    await found.close()


def below(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def large_ones(folder: Path) -> list[Path]:
    return sorted(folder.glob("??/??/*"))


async def reason(files: LocalFiles, ref: FileRef) -> str:
    with pytest.raises(Invalid) as caught:
        await files.open(ref)
    return caught.value.reason


@pytest.mark.parametrize("size", [0, 1, SMALL, SMALL + 1, MOST])
async def test_bytes_come_back_as_they_were(files: LocalFiles, folder: Path, size: int) -> None:
    content = os.urandom(size)
    ref = await files.put(ALICE, content, media_type="image/jpeg")
    assert (ref.size, ref.owner, ref.media_type) == (size, ALICE, "image/jpeg")
    assert await files.open(ref) == content
    assert len(large_ones(folder)) == (size > SMALL), "only large ones lie outside the database"


@BOTH
async def test_the_same_put_again_gives_the_same_reference_and_writes_nothing(
    files: LocalFiles, folder: Path, content: bytes
) -> None:
    ref = await files.put(ALICE, content, media_type="image/jpeg")
    before = [(path, path.stat().st_ino, path.stat().st_mtime_ns) for path in large_ones(folder)]
    again = await asyncio.gather(*(files.put(ALICE, content, media_type="image/jpeg") for _ in range(8)))
    assert set(again) == {ref}
    assert [(path, path.stat().st_ino, path.stat().st_mtime_ns) for path in large_ones(folder)] == before
    assert await files._reader.run(lambda c: c.execute("select count(*) from files").get) == 1


async def test_a_damaged_large_file_is_noticed(files: LocalFiles, folder: Path) -> None:
    ref = await files.put(ALICE, LARGE, media_type="image/jpeg")
    (path,) = large_ones(folder)
    sound = path.read_bytes()
    for damaged in (sound[:-1], sound[:100], b"", sound[:50] + bytes([sound[50] ^ 1]) + sound[51:]):
        path.write_bytes(damaged)
        assert await reason(files, ref) == "file_damaged"
    path.write_bytes(sound)
    assert await files.open(ref) == LARGE
    path.unlink()
    assert await reason(files, ref) == "file_missing"


async def test_a_damaged_small_file_is_noticed(files: LocalFiles) -> None:
    ref = await files.put(ALICE, PHOTO, media_type="image/jpeg")
    await files._writer.run(lambda c: c.execute("update files set sealed = substr(sealed, 1, length(sealed) - 1)"))
    assert await reason(files, ref) == "file_damaged"


async def test_a_file_that_is_too_large_is_refused_before_anything_is_written(files: LocalFiles, folder: Path) -> None:
    before = below(folder)
    with pytest.raises(Invalid) as caught:
        await files.put(ALICE, bytes(MOST + 1), media_type="image/jpeg")
    assert caught.value.reason == "file_too_large"
    assert below(folder) == before


async def test_an_address_that_was_never_put_is_missing(files: LocalFiles, folder: Path) -> None:
    ref = FileRef(address="0" * 64, owner=ALICE, size=1, media_type="image/jpeg")
    assert await reason(files, ref) == "file_missing"
    with pytest.raises(Invalid) as caught:
        Folder(folder).read("0" * 64)
    assert caught.value.reason == "file_missing"


async def test_everything_is_readable_by_its_user_only(files: LocalFiles, folder: Path) -> None:
    for content in (PHOTO, LARGE):
        await files.put(ALICE, content, media_type="image/jpeg")
    assert mode(folder) == 0o700
    for path in below(folder):
        assert mode(path) == (0o700 if path.is_dir() else 0o600), path.name


async def test_no_plain_byte_lies_on_disk(files: LocalFiles, tmp_path: Path) -> None:
    canary = "CANARY-" + os.urandom(8).hex()
    for content in (canary, canary * 5000):
        await files.put(ALICE, content.encode(), media_type="text/plain")
    assert holding(canary, tmp_path) == ""
    (tmp_path / "planted").write_text(f"... {canary} ...")
    assert "planted" in holding(canary, tmp_path), "the search finds what is there"


def holding(text: str, folder: Path) -> str:
    """Names of the files that hold a text, found by another process: closing a live database would drop its locks."""
    found = subprocess.run(["grep", "-rlaF", text, folder], check=False, capture_output=True, text=True)
    assert found.returncode in (0, 1)
    return found.stdout


def test_what_a_dead_writer_left_is_removed_and_what_a_living_one_writes_is_not(folder: Path) -> None:
    Folder(folder)
    abandoned = folder / PARTIAL / "abandoned"
    abandoned.write_bytes(b"half")
    alive = folder / PARTIAL / "alive"
    with alive.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        Folder(folder)
        assert alive.exists()
    assert not abandoned.exists()


def test_a_write_that_fails_leaves_nothing(folder: Path) -> None:
    store = Folder(folder)
    address = "ab" * 32
    (folder / "ab").mkdir()
    # A folder in the place of the file: renaming onto it fails as a full or broken disk would.
    (folder / "ab" / "ab").write_bytes(b"not a folder")
    with pytest.raises(Unavailable):
        store.write(address, b"sealed")
    assert list((folder / PARTIAL).iterdir()) == []


@pytest.mark.parametrize(
    ("number", "expected"),
    [(errno.ENOSPC, "disk_full"), (errno.EDQUOT, "disk_full"), (errno.EIO, "files_unavailable")],
)
def test_a_failing_disk_is_unavailable_and_its_path_is_not_told(number: int, expected: str) -> None:
    error = mapped(OSError(number, "text", "/a/path"))
    assert isinstance(error, Unavailable)
    assert error.reason == expected
    assert "path" not in str(error)


async def test_a_full_disk_is_unavailable_and_leaves_no_half_file(
    files: LocalFiles, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable) as caught:
        await files.put(ALICE, LARGE, media_type="image/jpeg")
    assert caught.value.reason == "disk_full"
    monkeypatch.undo()
    assert [path for path in below(folder) if path.is_file() and not path.name.startswith("files.db")] == []
    ref = await files.put(ALICE, LARGE, media_type="image/jpeg")
    assert await files.open(ref) == LARGE
