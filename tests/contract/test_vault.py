"""What the vault promises: sealed values open for their owner in their place only, and erasure is for ever."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.errors import Invalid, Unavailable
from gateway.vault.opening import open_vault
from gateway.vault.port import KeyProvider, Vault
from gateway.vault.provider import FileKeyProvider, add_master_key
from tests.servers import mongo

ALICE, BOB = "aa" * 16, "bb" * 16
PLACE = "commit:ticket/1:1"
PLAIN = "Nguyễn Thị Kiểm Tra, 0901 234 567".encode()


def sqlite_url(folder: Path) -> str:
    """The embedded vault."""
    return f"sqlite:///{folder / 'vault.db'}"


@dataclass(frozen=True)
class Place:
    """Where a vault and its master keys lie; opening it again is another process's view of it."""

    url: str
    keys: Path

    def vault(self, provider: KeyProvider | None = None) -> Vault:
        """The vault, with the keys of the file unless others are given."""
        return open_vault(self.url, provider or FileKeyProvider(self.keys))


@pytest.fixture(params=[pytest.param(sqlite_url, id="sqlite"), pytest.param(mongo.url_of, id="mongo")])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    add_master_key(tmp_path / "master.key")
    return Place(request.param(tmp_path), tmp_path / "master.key")


@pytest_asyncio.fixture
async def vault(place: Place) -> AsyncIterator[Vault]:
    found = place.vault()
    yield found
    await found.close()


async def refused(vault: Vault, owner: str, sealed: bytes, context: str) -> str:
    with pytest.raises(Invalid) as caught:
        await vault.open(owner, sealed, context=context)
    return caught.value.reason


@pytest.mark.parametrize("plain", [b"", b"\x00", PLAIN, os.urandom(600_000)], ids=["empty", "nul", "text", "large"])
async def test_a_sealed_value_opens_again(vault: Vault, plain: bytes) -> None:
    sealed = await vault.seal(ALICE, plain, context=PLACE)
    assert await vault.open(ALICE, sealed, context=PLACE) == plain
    assert plain == b"" or len(plain) == 1 or plain not in sealed
    assert sealed != await vault.seal(ALICE, plain, context=PLACE), "a nonce is used once"


async def test_another_owner_cannot_open_it(vault: Vault) -> None:
    sealed = await vault.seal(ALICE, PLAIN, context=PLACE)
    assert await refused(vault, BOB, sealed, PLACE) == "sealed_damaged", "an owner without a key"
    await vault.seal(BOB, PLAIN, context=PLACE)
    assert await refused(vault, BOB, sealed, PLACE) == "sealed_damaged", "an owner with another key"


async def test_it_does_not_open_in_another_place(vault: Vault) -> None:
    sealed = await vault.seal(ALICE, PLAIN, context=PLACE)
    assert await refused(vault, ALICE, sealed, "commit:ticket/1:2") == "sealed_damaged"


async def test_any_flipped_bit_is_noticed(vault: Vault) -> None:
    sealed = await vault.seal(ALICE, b"12", context=PLACE)
    for place in range(len(sealed) * 8):
        altered = bytearray(sealed)
        altered[place // 8] ^= 1 << place % 8
        assert await refused(vault, ALICE, bytes(altered), PLACE) == "sealed_damaged"
    for length in range(len(sealed)):
        assert await refused(vault, ALICE, sealed[:length], PLACE) == "sealed_damaged"


async def test_the_key_is_durable_before_its_first_use(place: Place, vault: Vault) -> None:
    sealed = await vault.seal(ALICE, PLAIN, context=PLACE)
    other = place.vault()
    assert await other.open(ALICE, sealed, context=PLACE) == PLAIN
    await other.close()


FIRST_USE = """
import asyncio, sys
from pathlib import Path
from gateway.vault.opening import open_vault
from gateway.vault.opening import open_vault
from gateway.vault.port import KeyProvider, Vault
from gateway.vault.provider import FileKeyProvider

async def main(url, keys, owners):
    vault = open_vault(url, FileKeyProvider(Path(keys)))
    print("ready", flush=True)
    sys.stdin.readline()
    for owner in owners:
        print((await vault.seal(owner, owner.encode(), context="x")).hex(), flush=True)
    await vault.close()

asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3].split(",")))
"""


def started(script: str, *arguments: str) -> subprocess.Popen[str]:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


async def test_two_processes_that_use_an_owner_first_agree_on_one_key(place: Place, vault: Vault) -> None:
    owners = [f"{number:032x}" for number in range(40)]
    children = [started(FIRST_USE, place.url, str(place.keys), ",".join(owners)) for _ in range(2)]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    outputs = await asyncio.gather(*(asyncio.to_thread(child.communicate, "go\n", 60) for child in children))
    for output, _ in outputs:
        sealed = [bytes.fromhex(line) for line in output.split()]
        assert len(sealed) == len(owners)
        for owner, value in zip(owners, sealed, strict=True):
            assert await vault.open(owner, value, context="x") == owner.encode()


async def test_many_tasks_that_use_an_owner_first_agree_on_one_key(vault: Vault) -> None:
    sealed = await asyncio.gather(*(vault.seal(ALICE, PLAIN, context=PLACE) for _ in range(50)))
    assert {await vault.open(ALICE, value, context=PLACE) for value in sealed} == {PLAIN}


async def test_an_erased_owner_is_refused_for_ever(place: Place, vault: Vault) -> None:
    sealed = await vault.seal(ALICE, PLAIN, context=PLACE)
    kept = await vault.seal(BOB, PLAIN, context=PLACE)
    await vault.erase(ALICE)
    await vault.erase(ALICE)
    for now in (vault, place.vault()):
        assert await refused(now, ALICE, sealed, PLACE) == "erased"
        with pytest.raises(Invalid) as caught:
            await now.seal(ALICE, PLAIN, context=PLACE)
        assert caught.value.reason == "erased"
        assert await now.open(BOB, kept, context=PLACE) == PLAIN, "only the erased owner is"
        if now is not vault:
            await now.close()


async def test_erasure_by_another_process_holds_here_at_once_although_the_key_is_in_memory(
    place: Place, vault: Vault
) -> None:
    sealed = await vault.seal(ALICE, PLAIN, context=PLACE)
    other = place.vault()
    await other.erase(ALICE)
    await other.close()
    assert await refused(vault, ALICE, sealed, PLACE) == "erased"


async def test_who_was_erased_is_known_in_every_process_and_nobody_gets_a_key_by_the_question(
    place: Place, vault: Vault
) -> None:
    await vault.seal(ALICE, PLAIN, context=PLACE)
    other = place.vault()
    assert [await other.is_erased(ALICE), await other.is_erased(BOB)] == [False, False]
    await vault.erase(ALICE)
    for now in (vault, other):
        assert [await now.is_erased(ALICE), await now.is_erased(BOB)] == [True, False]
    assert await vault.wrapped() == []
    await other.close()


async def test_an_owner_can_be_erased_before_the_first_value(vault: Vault) -> None:
    await vault.erase(ALICE)
    with pytest.raises(Invalid):
        await vault.seal(ALICE, PLAIN, context=PLACE)


async def test_after_a_rotation_everything_opens_without_the_old_master_key(place: Place) -> None:
    before = place.vault()
    owners = [f"{number:032x}" for number in range(700)]
    sealed = await asyncio.gather(*(before.seal(owner, owner.encode(), context=PLACE) for owner in owners))
    await before.erase(owners[0])
    await before.close()
    keys = place.keys
    add_master_key(keys)
    during = place.vault()
    assert await during.open(owners[1], sealed[1], context=PLACE) == owners[1].encode()
    assert await during.rewrap_all() == 699
    assert await during.rewrap_all() == 0
    await during.close()
    keys.write_text(keys.read_text().splitlines()[0])
    after = place.vault()
    assert await after.open(owners[699], sealed[699], context=PLACE) == owners[699].encode()
    assert await refused(after, owners[0], sealed[0], PLACE) == "erased"
    await after.close()


async def test_a_vault_does_not_open_with_another_or_a_missing_master_key(place: Place, vault: Vault) -> None:
    await vault.seal(ALICE, PLAIN, context=PLACE)
    place.keys.unlink()
    add_master_key(place.keys)
    with pytest.raises(Unavailable) as caught:
        place.vault()
    assert caught.value.reason == "master_key_missing"

    class Renamed:
        """Another key under the right id."""

        def current(self) -> tuple[str, bytes]:
            return ("x", bytes(32))

        def by_id(self, key_id: str) -> bytes:
            return bytes(32)

    with pytest.raises(Unavailable) as caught:
        place.vault(Renamed())
    assert caught.value.reason == "master_key_changed"
