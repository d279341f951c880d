"""What the vault on MongoDB promises beyond the port: leases on keys, and erasures that beat whoever makes a key."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.errors import Invalid, Unavailable
from gateway.vault import mongo_keys
from gateway.vault.leases import LEASE, WAIT, LeasedKeys
from gateway.vault.mongo import MongoVault
from gateway.vault.provider import FileKeyProvider, add_master_key
from gateway.vault.wrapping import usable, wrap
from tests.servers import mongo

ALICE, BOB = "aa" * 16, "bb" * 16
PLACE = "commit:ticket/1:1"
PLAIN = "Nguyễn Thị Kiểm Tra, 0901 234 567".encode()


def opened(folder: Path) -> MongoVault:
    keys = folder / "master.key"
    if not keys.exists():
        add_master_key(keys)
    return MongoVault(mongo.url_of(folder), FileKeyProvider(keys))


@pytest_asyncio.fixture
async def vault(tmp_path: Path) -> AsyncIterator[MongoVault]:
    found = opened(tmp_path)
    yield found
    await found.close()


async def test_while_another_process_uses_the_key_without_pause_an_erasure_that_returned_holds(
    tmp_path: Path, vault: MongoVault
) -> None:
    other = opened(tmp_path)
    sealed = await vault.seal(ALICE, PLAIN, context=PLACE)
    erasing = asyncio.create_task(other.erase(ALICE))
    opened_before = 0
    while not erasing.done():
        try:
            await vault.open(ALICE, sealed, context=PLACE)
            opened_before += 1
        except Invalid as error:
            assert error.reason == "erased"  # noqa: PT017 - until the erasure returned, either answer may be
        await asyncio.sleep(0)
    await erasing
    for call in (vault.open(ALICE, sealed, context=PLACE), vault.seal(ALICE, PLAIN, context=PLACE)):
        with pytest.raises(Invalid) as caught:
            await call
        assert caught.value.reason == "erased"
    assert opened_before > 0
    await other.close()


def test_a_lease_counts_from_before_it_was_asked_and_is_shorter_than_an_erasure_waits() -> None:
    now = [100.0]
    keys = LeasedKeys(2, monotonic=lambda: now[0])
    key = usable(wrap("m", bytes(32), ALICE, bytes(8), bytes(32), bytes(12)), bytes(32))
    asked = keys.now()
    now[0] += LEASE / 2
    keys.lease(ALICE, key, asked)
    assert keys.leased(ALICE) is key
    now[0] += LEASE / 2
    assert keys.leased(ALICE) is None
    assert keys.known(ALICE) is key
    assert LEASE < WAIT
    for number in range(10):
        keys.lease(f"{number}", key, now[0])
    assert keys.known(ALICE) is None, "it is bounded"
    assert len(keys._until) <= 4


async def test_an_owner_erased_while_their_key_is_made_has_none(vault: MongoVault) -> None:
    """The erasure comes after a maker looked for a tombstone and before its key is there."""
    new = wrap("m", bytes(32), ALICE, bytes(8), bytes(32), bytes(12))
    await mongo_keys.erase(vault._connection, ALICE)
    with pytest.raises(Invalid) as caught:
        await mongo_keys.keep_first(vault._connection, new, b"proof")
    assert caught.value.reason == "erased"
    assert await mongo_keys.find(vault._connection, ALICE) is None


async def test_a_damaged_wrapped_key_concerns_its_owner_only(tmp_path: Path, vault: MongoVault) -> None:
    sealed = {owner: await vault.seal(owner, PLAIN, context=PLACE) for owner in (ALICE, BOB)}
    theirs = await mongo_keys.find(vault._connection, BOB)
    assert theirs is not None
    changed = {"$set": {"wrapped": theirs.wrapped}}
    await vault._connection[mongo_keys.KEYS].update_one({"_id": ALICE}, changed)
    other = opened(tmp_path)
    with pytest.raises(Invalid) as caught:
        await other.open(ALICE, sealed[ALICE], context=PLACE)
    assert caught.value.reason == "data_key_damaged"
    assert await other.open(BOB, sealed[BOB], context=PLACE) == PLAIN
    await other.close()


async def test_a_closed_vault_opens_nothing(vault: MongoVault) -> None:
    sealed = await vault.seal(ALICE, PLAIN, context=PLACE)
    await vault.close()
    with pytest.raises(Unavailable):
        await vault.open(ALICE, sealed, context=PLACE)
