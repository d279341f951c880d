"""What every adapter gives out whole, every adapter takes: nothing is lost, changed, reordered or doubled."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from gateway.errors import Conflict, Invalid
from gateway.files.opening import open_files
from gateway.outbox.opening import open_outbox
from gateway.outbox.port import Outbox, PartState
from gateway.outbox.reply import Filed
from gateway.projections.opening import open_documents
from gateway.projections.port import Document, Written
from gateway.store.opening import open_store
from gateway.store.port import Claim, Commit, Entry, Timer
from gateway.vault.opening import open_vault
from gateway.vault.port import Vault
from gateway.vault.provider import FileKeyProvider, add_master_key
from gateway.vault.wrapping import WrappedKey
from tests.contract.outbox_play import ECHO, NOON, at, due, filed, states
from tests.servers import mongo

Place = Callable[[Path, str], str]
ALICE, BOB, CARL = "aa" * 16, "bb" * 16, "cc" * 16


def embedded(folder: Path, name: str) -> str:
    """A place on this machine."""
    return f"sqlite:///{folder / name}"


def cluster(folder: Path, name: str) -> str:
    """A database."""
    return mongo.url_of(folder / name)


PLACES = [pytest.param(embedded, id="sqlite"), pytest.param(cluster, id="mongo")]


@pytest.fixture(params=PLACES)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    found: Place = request.param
    return found(tmp_path, "source")


@pytest.fixture(params=PLACES)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    found: Place = request.param
    return found(tmp_path, "target")


@pytest.fixture
def provider(tmp_path: Path) -> FileKeyProvider:
    add_master_key(tmp_path / "master.key")
    return FileKeyProvider(tmp_path / "master.key")


def commit(history: str, version: int = 1, **changes: object) -> Commit:
    made = Commit(uuid4(), history, version, NOON, ALICE, b"[]", b"\x01sealed")
    return replace(made, **changes)  # type: ignore[arg-type]  # a test's own keyword arguments


async def test_the_index_is_given_out_in_pages_in_the_order_of_indexing(source: str) -> None:
    store = open_store(source)
    try:
        for history in ("ticket/3", "ticket/1", "ticket/2"):
            await store.record(commit(history, terms=("b:1", "a:1") if history == "ticket/1" else ("b:1",)))
        await store.index("b:1", "ticket/0")
        await store.index("b:1", "ticket/3")
        found: list[Entry] = []
        while page := await store.terms(after=found[-1] if found else None, limit=2):
            assert len(page) <= 2
            found += page
        told = [(one.term, one.history) for one in found]
        assert told == [("a:1", "ticket/1"), *(("b:1", f"ticket/{number}") for number in (3, 1, 2, 0))]
        assert await store.find("b:1") == ["ticket/3", "ticket/1", "ticket/2", "ticket/0"]
        assert await store.terms(limit=0) == []
    finally:
        await store.close()


async def test_an_index_that_is_laid_down_first_keeps_its_order(target: str) -> None:
    """Histories are copied by name; their terms were indexed in another order."""
    store = open_store(target)
    try:
        for history in ("ticket/2", "ticket/1"):
            await store.index("place:x", history)
        for history in ("ticket/1", "ticket/2", "ticket/3"):
            await store.record(commit(history, terms=("place:x",)))
        assert await store.find("place:x") == ["ticket/2", "ticket/1", "ticket/3"]
    finally:
        await store.close()


async def test_the_open_timers_of_a_history_are_told(source: str) -> None:
    store = open_store(source)
    try:
        timers = [Timer("ticket/1", kind, NOON + timedelta(hours=hours)) for kind, hours in (("b", 1), ("a", 2))]
        await store.record(commit("ticket/1", timers_set=tuple(timers)))
        await store.record(commit("ticket/10", timers_set=(Timer("ticket/10", "a", NOON),)))
        assert await store.timers("ticket/1") == [timers[1], timers[0]]
        await store.record(commit("ticket/1", 2, timers_cancelled=("b",)))
        assert await store.timers("ticket/1") == [timers[1]]
        assert await store.timers("ticket/2") == []
    finally:
        await store.close()


async def test_every_claim_is_told_lapsed_or_not(source: str) -> None:
    store = open_store(source)
    try:
        claims = [Claim("a/1", b"\x00", None), Claim("b", b"x", NOON), Claim("c", b"", NOON + timedelta(days=9000))]
        for one in reversed(claims):
            await store.claim(one.key, one.value, until=one.until)
        assert await store.claims() == claims
        assert await store.claims(after="a/1", limit=1) == [claims[1]]
        assert await store.claims(limit=0) == []
    finally:
        await store.close()


async def adopted(source: Vault, target: Vault) -> None:
    """Everything that one vault holds, in the other one."""
    await target.adopt(masters=await source.masters(), keys=await source.wrapped(), erased=await source.erased())


async def test_a_value_opens_under_keys_that_were_moved(source: str, target: str, provider: FileKeyProvider) -> None:
    old, new = open_vault(source, provider), open_vault(target, provider)
    try:
        sealed = {owner: await old.seal(owner, b"plain", context="c") for owner in (BOB, ALICE, CARL)}
        await old.erase(CARL)
        for _ in range(2):
            await adopted(old, new)
        assert [await new.open(owner, sealed[owner], context="c") for owner in (ALICE, BOB)] == [b"plain"] * 2
        with pytest.raises(Invalid) as caught:
            await new.open(CARL, sealed[CARL], context="c")
        assert caught.value.reason == "erased"
        assert await new.wrapped() == await old.wrapped()
        assert [key.owner for key in await old.wrapped(limit=1)] == [ALICE]
        assert [key.owner for key in await old.wrapped(after=ALICE)] == [BOB]
        assert list(await new.erased()) == [CARL]
        assert await new.masters() == await old.masters()
    finally:
        await old.close()
        await new.close()


async def test_a_tombstone_beats_a_key_whichever_comes_first(target: str, provider: FileKeyProvider) -> None:
    vault = open_vault(target, provider)
    try:
        keys = [WrappedKey(owner, bytes(8), provider.current()[0], bytes(60)) for owner in (ALICE, BOB)]
        await vault.adopt(keys=keys[:1])
        await vault.adopt(erased=[ALICE, BOB])
        await vault.adopt(keys=keys)
        assert list(await vault.wrapped()) == []
        assert list(await vault.erased()) == [ALICE, BOB]
        assert list(await vault.erased(after=ALICE, limit=1)) == [BOB]
    finally:
        await vault.close()


async def test_another_key_of_an_owner_is_refused(target: str, provider: FileKeyProvider) -> None:
    vault = open_vault(target, provider)
    try:
        sealed = await vault.seal(ALICE, b"plain", context="c")
        with pytest.raises(Conflict) as caught:
            await vault.adopt(keys=[WrappedKey(ALICE, bytes(8), provider.current()[0], bytes(60))])
        assert caught.value.reason == "other_key"
        assert await vault.open(ALICE, sealed, context="c") == b"plain"
    finally:
        await vault.close()


async def test_a_file_opens_where_its_sealed_bytes_were_moved(
    source: str, target: str, provider: FileKeyProvider, tmp_path: Path
) -> None:
    vault = open_vault(f"sqlite:///{tmp_path / 'vault.db'}", provider)
    old, new = (open_files(url, vault, bytes(32), max_bytes=300_000) for url in (source, target))
    try:
        contents = (b"small", os.urandom(200_000))
        refs = [await old.put(ALICE, content, media_type="image/jpeg") for content in contents]
        addresses = sorted(ref.address for ref in refs)
        assert list(await old.addresses()) == addresses
        assert list(await old.addresses(after=addresses[0], limit=1)) == addresses[1:]
        for _ in range(2):
            for address in addresses:
                await new.adopt(address, await old.sealed(address))
        assert [await new.open(ref) for ref in refs] == list(contents)
        assert list(await new.addresses()) == addresses
        assert [await new.sealed(name) for name in addresses] == [await old.sealed(name) for name in addresses]
        for refused in (new.sealed("0" * 64), new.sealed("../x"), new.adopt("../x", b"")):
            with pytest.raises(Invalid):
                await refused
    finally:
        for opened in (old, new, vault):
            await opened.close()


async def played(outbox: Outbox) -> list[UUID]:
    """Replies in every state, one of them forgotten; their ids in the order of filing, the forgotten one last."""
    parts = [await filed(outbox, f"{number:032x}", 2, remote_id=None) for number in range(6)]
    await filed(outbox, f"{1:032x}")
    for reply, part in enumerate(parts[:4]):
        await outbox.begin(part[0], NOON)
        match reply:
            case 0:
                await outbox.sent(part[0].reply_id, 0, remote_id="mid-1", now=NOON)
            case 1:
                await outbox.unknown(part[0].reply_id, 0, reason="lost", now=NOON)
            case 2:
                await outbox.failed(part[0].reply_id, 0, reason="refused", now=NOON)
                await outbox.repeat(part[0].reply_id, 0, by="op1", now=NOON)
            case _:
                pass
    await outbox.failed(parts[4][0].reply_id, 0, reason="refused", now=NOON)
    for ending in await outbox.endings("zalo", limit=10):
        await outbox.told(ending)
    assert await outbox.trim(at(1)) == 1
    return [parts[number][0].reply_id for number in (0, 1, 2, 3, 5, 4)]


async def every(outbox: Outbox) -> list[Filed]:
    """All replies, two at a time."""
    found: list[Filed] = []
    while page := await outbox.replies(after=found[-1] if found else None, limit=2):
        found += page
    return found


async def test_an_outbox_stands_as_it_stood(source: str, target: str) -> None:
    old, new = (open_outbox(url, echo=ECHO, clock=lambda: NOON) for url in (source, target))
    try:
        order = await played(old)
        for _ in range(2):
            await new.adopt(replies=await every(old), forgotten=await old.forgotten())
        assert await every(new) == await every(old)
        assert [one.reply.parts[0].reply_id for one in await every(new)][:5] == order[:5]
        assert await new.forgotten() == await old.forgotten() == [order[5]]
        assert await new.counts("zalo") == await old.counts("zalo")
        assert [act.by for act in await new.acts(order[2])] == ["op1"]
        again = [replace(part, state=PartState.WAITING) for part in await old.parts(order[0])]
        assert not await new.file(again), "it is known"
        assert not await new.file([replace(again[0], reply_id=order[5], count=1)]), "and so is the forgotten one"
        assert await due(new) == [(order[0], 1), (order[2], 0), (order[4], 0)]
        assert (await new.take_over("zalo", NOON)).interrupted == 1
        assert await states(new, await new.parts(order[3])) == ["unknown", "waiting"]
        later = await filed(new, f"{5:032x}")
        assert (later[0].reply_id, 0) not in await due(new), "behind what was there"
    finally:
        await old.close()
        await new.close()


async def test_a_reply_that_is_adopted_again_stands_as_it_is_given_then(target: str, tmp_path: Path) -> None:
    old = open_outbox(f"sqlite:///{tmp_path / 'old.db'}", echo=ECHO, clock=lambda: NOON)
    new = open_outbox(target, echo=ECHO, clock=lambda: NOON)
    try:
        (part,) = await filed(old)
        await new.adopt(replies=await every(old))
        await old.begin(part, NOON)
        await old.sent(part.reply_id, 0, remote_id="mid-2", now=NOON)
        await new.adopt(replies=await every(old))
        assert await every(new) == await every(old)
        assert (await new.counts("zalo"))[PartState.SENT] == 1
        (ending,) = await old.endings("zalo", limit=1)
        await old.told(ending)
        await old.trim(at(1))
        await new.adopt(forgotten=await old.forgotten())
        assert await every(new) == []
        assert await new.counts("zalo") == dict.fromkeys(PartState, 0)
    finally:
        await old.close()
        await new.close()


async def test_documents_are_told_by_their_last_write(source: str) -> None:
    documents = open_documents(source)
    try:
        for kind, key, version in (("b", "1", 1), ("b", "2", 1), ("a", "1", 1), ("b", "1", 2)):
            await documents.put(Document(kind, key, version, {"n": version}, sealed=b"\x01", terms=("t",)))
        assert list(await documents.kinds()) == ["a", "b"]
        found: list[Written] = []
        while page := await documents.written("b", after=found[-1] if found else None, limit=1):
            found += page
        assert [(one.document.key, one.document.version) for one in found] == [("2", 1), ("1", 2)]
        assert found[1].document == await documents.get("b", "1")
        assert list(await documents.written("c")) == []
    finally:
        await documents.close()
