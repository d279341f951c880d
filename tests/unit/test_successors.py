"""Whoever was erased is met again under another account, once more after each erasure, and nothing old with them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest_asyncio

from gateway.domain.identity import Identity
from gateway.runtime.successors import Successors
from gateway.store.port import Commit, Store
from gateway.store.sqlite import SqliteStore
from gateway.vault.provider import FileKeyProvider
from gateway.vault.sqlite import SqliteVault
from schemas.conversation import history_of

IDENTITY = Identity(b"i" * 32)
AN = IDENTITY.account("zalo", "oa:an")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = SqliteStore(tmp_path / "store.db")
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def vault(tmp_path: Path) -> AsyncIterator[SqliteVault]:
    keys = tmp_path / "master.key"
    keys.write_text("11" * 32)
    keys.chmod(0o600)
    opened = SqliteVault(tmp_path / "vault.db", FileKeyProvider(keys))
    yield opened
    await opened.close()


def hear(identity: Identity, name: str = "m1") -> tuple[str, UUID]:
    """What a reader derives of a message."""
    account = identity.account("zalo", "oa:an")
    return account, identity.inbound_id("zalo", account, name)


def who(found: tuple[str, UUID]) -> tuple[str, UUID]:
    return found


async def test_each_erasure_is_followed_by_another_account(store: Store, vault: SqliteVault) -> None:
    successors = Successors(vault, store, IDENTITY)
    met = []
    for _ in range(3):
        found = await successors.heard(hear, who)
        assert found is not None
        met.append(found[0])
        assert await successors.current(AN) == found[0]
        await vault.erase(found[0])
    assert met[0] == AN
    assert len(set(met)) == 3
    names = (await successors.identity()).names
    assert {names[one] for one in met} == {await successors.current(AN)}


async def test_what_was_taken_before_any_of_the_erasures_is_not_heard_again(store: Store, vault: SqliteVault) -> None:
    successors = Successors(vault, store, IDENTITY)
    for name in ("m1", "m2"):
        found = await successors.heard(partial(hear, name=name), who)
        assert found is not None
        account, message = found
        await store.record(Commit(message, history_of(account), 1, NOON, account, b"[]"))
        await vault.erase(account)
    for name in ("m1", "m2"):
        assert await successors.heard(partial(hear, name=name), who) is None
    assert await successors.heard(lambda identity: hear(identity, "m3"), who) is not None


async def test_what_concerns_nobody_is_heard_as_it_is(store: Store, vault: SqliteVault) -> None:
    await vault.erase(AN)
    assert await Successors(vault, store, IDENTITY).heard(lambda _: uuid4(), lambda _: None) is not None
