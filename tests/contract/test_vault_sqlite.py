"""What the embedded vault promises of its files: nothing plain, nothing erased, and no opening without asking."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.errors import Invalid, Unavailable
from gateway.vault.provider import FileKeyProvider, add_master_key
from gateway.vault.sqlite import SqliteVault
from gateway.vault.tombstones import Tombstones

ALICE, BOB = "aa" * 16, "bb" * 16
PLACE = "commit:ticket/1:1"
PLAIN = "Nguyễn Thị Kiểm Tra, 0901 234 567".encode()


def opened(folder: Path) -> SqliteVault:
    """The embedded vault on a folder; opening it again is another process's view of it."""
    keys = folder / "master.key"
    if not keys.exists():
        add_master_key(keys)
    return SqliteVault(folder / "vault.db", FileKeyProvider(keys))


@pytest_asyncio.fixture
async def vault(tmp_path: Path) -> AsyncIterator[SqliteVault]:
    found = opened(tmp_path)
    yield found
    await found.close()


async def refused(vault: SqliteVault, owner: str, sealed: bytes, context: str) -> str:
    with pytest.raises(Invalid) as caught:
        await vault.open(owner, sealed, context=context)
    return caught.value.reason


async def test_of_an_erased_key_no_byte_is_left_on_disk(tmp_path: Path, vault: SqliteVault) -> None:
    await vault.seal(ALICE, PLAIN, context=PLACE)
    stored = await vault._reader.run(lambda c: c.execute("select wrapped from keys where owner = ?", (ALICE,)).get)
    assert any(stored in path.read_bytes() for path in await copies(tmp_path)), "the search finds what is there"
    await vault.erase(ALICE)
    assert not any(stored in path.read_bytes() for path in await copies(tmp_path))


async def copies(folder: Path) -> list[Path]:
    """Copies of the vault's files, made by another process: closing a live file here would drop its locks."""
    target = folder / "looked at"
    script = 'rm -rf "$2"; mkdir "$2"; cp "$1"/vault.db* "$2"'
    await asyncio.to_thread(subprocess.run, ["sh", "-c", script, "sh", str(folder), str(target)], check=True)
    return list(target.iterdir())


async def test_no_plain_value_lies_on_disk(tmp_path: Path, vault: SqliteVault) -> None:
    canary = b"CANARY-" + os.urandom(8).hex().encode()
    await vault.seal(ALICE, canary, context=PLACE)
    assert not any(canary in path.read_bytes() for path in await copies(tmp_path))


async def test_a_damaged_wrapped_key_concerns_its_owner_only(tmp_path: Path, vault: SqliteVault) -> None:
    sealed = {owner: await vault.seal(owner, PLAIN, context=PLACE) for owner in (ALICE, BOB)}
    # The wrapped key of the one put in the place of the other's.
    sql = "update keys set wrapped = (select wrapped from keys where owner = ?) where owner = ?"
    await vault._writer.run(lambda c: c.execute(sql, (BOB, ALICE)))
    other = opened(tmp_path)
    assert await refused(other, ALICE, sealed[ALICE], PLACE) == "data_key_damaged"
    assert await other.open(BOB, sealed[BOB], context=PLACE) == PLAIN
    await other.close()


async def test_a_vault_that_cannot_ask_for_tombstones_opens_nothing(tmp_path: Path, vault: SqliteVault) -> None:
    sealed = await vault.seal(ALICE, PLAIN, context=PLACE)
    vault._tombstones.close()
    with pytest.raises(Unavailable):
        await vault.open(ALICE, sealed, context=PLACE)
    vault._tombstones = Tombstones(tmp_path / "vault.db")
    assert await vault.open(ALICE, sealed, context=PLACE) == PLAIN
