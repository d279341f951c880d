"""A backup taken while the gateway runs can be restored to a gateway that lost nothing it had acknowledged before."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from gateway.errors import Conflict, Invalid, Unavailable
from gateway.outbox.port import Part, PartState, context_of
from gateway.runtime.backup import backup, restore, verify
from gateway.runtime.backup.manifest import read_manifest
from gateway.runtime.data_folder import RESTORING, DataFolder
from schemas.vocabulary import ReplyKind
from tests.unit.backup.filled_folder import ERASED, LARGE, NOW, OWNER, Opened, below, filled, opened


async def test_what_was_backed_up_is_restored_whole(data: Path, target: Path, tmp_path: Path) -> None:
    small, large = await filled(data)
    manifest = backup(data, target)
    assert manifest.rows("commits") == 4
    assert manifest.rows("files") == 2
    assert read_manifest(target) == manifest
    assert verify(target) == []
    restore(target, tmp_path / "again")
    ports = opened(tmp_path / "again")
    commits = await ports.store.commits("ticket/1")
    assert [await ports.vault.open(OWNER, one.sealed, context=f"commit:ticket/1:{one.version}") for one in commits] == [
        b"sealed"
    ] * 3
    assert [await ports.files.open(ref) for ref in (small, large)] == [b"small", LARGE]
    assert [found.version for found in await ports.documents.find("ticket", "code:1")] == [3]
    with pytest.raises(Invalid) as caught:
        await ports.vault.seal(ERASED, b"x", context="x")
    assert caught.value.reason == "erased"
    assert (await ports.commit("ticket/1", 4, b"sealed")).version == 4, "it goes on where the backup ended"
    await ports.close()


async def filed(ports: Opened, owner: str) -> UUID:
    reply_id = uuid4()
    sealed = await ports.vault.seal(owner, b"reply", context=context_of(reply_id, 0))
    part = Part(reply_id, 0, 1, "zalo", owner, "conversation/1", ReplyKind.RECEIPT, None, NOW, NOW, sealed)
    await ports.outbox.file([part])
    return reply_id


async def reopened(ports: Opened, reply_id: UUID, owner: str) -> bytes:
    part = await ports.outbox.part(reply_id, 0)
    assert part is not None
    return await ports.vault.open(owner, part.sealed, context=context_of(reply_id, 0))


async def test_replies_on_their_way_are_restored_and_those_to_an_erased_citizen_stay_shut(
    data: Path, target: Path, tmp_path: Path
) -> None:
    await filled(data)
    ports = opened(data)
    other = "bb" * 16
    kept, shut = await filed(ports, OWNER), await filed(ports, other)
    await ports.vault.erase(other)
    await ports.close()
    assert backup(data, target).rows("parts") == 2
    assert verify(target) == []
    restore(target, tmp_path / "again")
    ports = opened(tmp_path / "again")
    assert (await ports.outbox.counts("zalo"))[PartState.WAITING] == 2
    assert await reopened(ports, kept, OWNER) == b"reply"
    with pytest.raises(Invalid) as caught:
        await reopened(ports, shut, other)
    assert caught.value.reason == "erased"
    await ports.close()


async def test_a_reply_that_the_backups_keys_do_not_open_is_told(data: Path, target: Path) -> None:
    await filled(data)
    ports = opened(data)
    moved = await ports.vault.seal(OWNER, b"reply", context="elsewhere")
    part = Part(uuid4(), 0, 1, "zalo", OWNER, "conversation/1", ReplyKind.RECEIPT, None, NOW, NOW, moved)
    await ports.outbox.file([part])
    await ports.close()
    backup(data, target)
    assert [problem for problem in verify(target) if problem.startswith("outbox.db: a sealed value does not open")]


async def test_everything_in_a_backup_is_private(data: Path, target: Path) -> None:
    await filled(data)
    backup(data, target)
    for path in (target, *below(target)):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path.name


async def test_looking_at_a_backup_changes_nothing(data: Path, target: Path) -> None:
    await filled(data)
    backup(data, target)
    before = [(path, path.stat().st_mtime_ns) for path in below(target)]
    assert verify(target) == []
    assert [(path, path.stat().st_mtime_ns) for path in below(target)] == before


async def test_a_folder_that_holds_something_is_neither_backed_up_into_nor_restored_into(
    data: Path, target: Path, tmp_path: Path
) -> None:
    await filled(data)
    backup(data, target)
    with pytest.raises(Conflict) as caught:
        backup(data, target)
    assert caught.value.reason == "target_not_empty"
    before = below(data)
    with pytest.raises(Conflict) as caught:
        restore(target, data)
    assert caught.value.reason == "data_folder_not_empty"
    assert below(data) == before
    with pytest.raises(Invalid) as nothing:
        backup(tmp_path / "nowhere", tmp_path / "other")
    assert nothing.value.reason == "nothing_to_back_up"


async def test_a_gateway_does_not_start_on_a_half_restored_folder(data: Path, target: Path, tmp_path: Path) -> None:
    await filled(data)
    backup(data, target)
    again = tmp_path / "again"
    restore(target, again)
    DataFolder(again).create()
    (again / RESTORING).touch()
    with pytest.raises(Unavailable) as caught:
        DataFolder(again).create()
    assert caught.value.reason == "restore_incomplete"
