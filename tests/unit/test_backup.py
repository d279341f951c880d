"""A backup taken while the gateway runs can be restored to a gateway that lost nothing it had acknowledged before."""

import asyncio
import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import apsw
import pytest

from gateway.errors import Conflict, Invalid, Unavailable
from gateway.files.local import LocalFiles
from gateway.outbox.opening import open_outbox
from gateway.outbox.port import Outbox, Part, PartState, context_of
from gateway.projections.port import Document
from gateway.projections.sqlite import SqliteDocuments
from gateway.runtime.backup import backup, databases, restore, verify
from gateway.runtime.backup.manifest import NAME, read_manifest
from gateway.runtime.data_folder import RESTORING, DataFolder
from gateway.sqlite.freeze import frozen
from gateway.sqlite.writer import Writer
from gateway.store.port import Commit
from gateway.store.sqlite import SqliteStore
from gateway.vault.provider import FileKeyProvider, add_master_key
from gateway.vault.sqlite import SqliteVault
from schemas.files import FileRef
from schemas.vocabulary import ReplyKind
from tests.unit.sqlite.turns import awaited

OWNER, ERASED = "aa" * 16, "ee" * 16
KEY = bytes(range(32))
NOW = datetime(2026, 3, 2, tzinfo=UTC)
LARGE = bytes(range(256)) * 600


@dataclass
class Opened:
    """The ports of one data folder."""

    store: SqliteStore
    vault: SqliteVault
    files: LocalFiles
    documents: SqliteDocuments
    outbox: Outbox

    async def commit(self, history: str, version: int, plain: bytes) -> Commit:
        """Record a commit with a sealed part."""
        sealed = await self.vault.seal(OWNER, plain, context=f"commit:{history}:{version}")
        return await self.store.record(Commit(uuid4(), history, version, NOW, OWNER, b"[]", sealed))

    async def close(self) -> None:
        """Close all."""
        for port in (self.outbox, self.documents, self.files, self.store, self.vault):
            await port.close()


def opened(data: Path) -> Opened:
    folder = DataFolder(data)
    folder.create()
    if not folder.master_keys.exists():
        add_master_key(folder.master_keys)
    vault = SqliteVault(folder.vault, FileKeyProvider(folder.master_keys))
    files = LocalFiles(folder.files, vault, KEY)
    outbox = open_outbox(f"sqlite:///{folder.outbox}")
    return Opened(SqliteStore(folder.store), vault, files, SqliteDocuments(folder.documents), outbox)


async def filled(data: Path) -> tuple[FileRef, FileRef]:
    """A data folder with something of everything; returns the references of a small and a large file."""
    ports = opened(data)
    for version in (1, 2, 3):
        await ports.commit("ticket/1", version, b"sealed")
    sealed = await ports.vault.seal(OWNER, b"document", context="document:ticket:1")
    await ports.documents.put(Document("ticket", "1", 3, {"state": "new"}, OWNER, sealed, ("code:1",)))
    small = await ports.files.put(OWNER, b"small", media_type="image/png")
    large = await ports.files.put(OWNER, LARGE, media_type="image/png")
    gone = await ports.vault.seal(ERASED, b"x", context="commit:ticket/2:1")
    await ports.store.record(Commit(uuid4(), "ticket/2", 1, NOW, ERASED, b"[]", gone))
    await ports.vault.erase(ERASED)
    await ports.close()
    return small, large


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "backups" / "monday"


def below(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


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


def stage(data: Path, name: str) -> Writer:
    schema = "create table if not exists numbers (number integer primary key)"
    return Writer(DataFolder(data).bus / f"{name}.db", schema=schema)


def add(number: int) -> Callable[[apsw.Connection], None]:
    def work(connection: apsw.Connection) -> None:
        connection.execute("insert into numbers values (?)", (number,))

    return work


async def test_all_databases_show_one_instant_while_stages_in_a_circle_go_on(
    data: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each number goes round through three files; no copy may hold one that the file before it lacks."""
    DataFolder(data).create()
    went_on = threading.Event()

    begin = databases.begin_snapshot

    def begin_late(connection: apsw.Connection) -> None:
        # Between two files the stages get the time to go on, if only the writers are not held off.
        went_on.clear()
        went_on.wait(0.02)
        begin(connection)

    monkeypatch.setattr(databases, "begin_snapshot", begin_late)
    names = ("send", "normalizer", "dispatcher")
    circle = [stage(data, name) for name in names]
    going = True

    async def go_round() -> None:
        number = 0
        while going:
            number += 1
            for writer in circle:
                await writer.run(add(number))
            went_on.set()

    running = asyncio.create_task(go_round())
    positions = []
    for turn in range(4):
        place = target / str(turn)
        await asyncio.to_thread(backup, data, place)
        rows = {entry.path: entry.rows["numbers"] for entry in read_manifest(place).entries}
        positions.append([rows[f"bus/{name}.db"] for name in names])
    going = False
    await running
    for writer in circle:
        await writer.close()
    for first, second, third in positions:
        assert first >= second >= third >= first - 1, positions
    assert positions[-1][0] > positions[0][0], "the stages did go on"
    assert verify(target / "3") == []


async def test_a_stuck_writer_does_not_halt_the_other_files(data: Path, target: Path) -> None:
    await filled(data)
    folder = DataFolder(data)
    with frozen([folder.vault]):
        with pytest.raises(Unavailable) as caught, frozen([folder.store, folder.vault], patience=0.05):
            raise AssertionError("held what another holds")
        assert caught.value.reason == "writer_stuck"
        store = SqliteStore(folder.store)
        await store.claim("key", b"value")
        await store.close()
    with frozen([folder.vault], patience=5):
        pass


async def test_no_commit_happens_while_writers_are_held_off(data: Path) -> None:
    DataFolder(data).create()
    writer = stage(data, "web")
    with frozen([DataFolder(data).bus / "web.db"]):
        waiting = asyncio.create_task(writer.run(add(1)))
        await awaited(DataFolder(data).bus / "web.db")
        assert not waiting.done()
    await waiting
    await writer.close()


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


def damage_a_byte(target: Path) -> None:
    path = target / "store.db"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def remove_a_large_file(target: Path) -> None:
    next(target.glob("files/??/??/*")).unlink()


def remove_the_manifest(target: Path) -> None:
    (target / NAME).unlink()


def garble_the_manifest(target: Path) -> None:
    (target / NAME).write_text('{"format": 1, "cut_at": "2026", "entries": [{}]}')


def climb_out_of_the_folder(target: Path) -> None:
    content = json.loads((target / NAME).read_text())
    content["entries"][0]["path"] = "../outside"
    (target / NAME).write_text(json.dumps(content))


def add_a_foreign_file(target: Path) -> None:
    (target / "other.db").write_bytes(b"")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (damage_a_byte, "store.db: differs"),
        (remove_a_large_file, "cannot be read"),
        (remove_the_manifest, "manifest_missing"),
        (garble_the_manifest, "manifest_malformed"),
        (climb_out_of_the_folder, "manifest_malformed"),
        (add_a_foreign_file, "other.db: is not in the manifest"),
    ],
)
async def test_a_changed_backup_is_found_and_not_restored(
    data: Path, target: Path, harm: Callable[[Path], None], told: str
) -> None:
    await filled(data)
    backup(data, target)
    harm(target)
    problems = verify(target)
    assert len(problems) == 1
    assert told in problems[0]
    shutil.rmtree(data)
    with pytest.raises(Invalid) as caught:
        restore(target, data)
    assert caught.value.reason == "backup_damaged"
    assert below(data) == [], "nothing is put back from a backup that is not sound"


def with_another_master_key(folder: DataFolder) -> None:
    folder.master_keys.unlink()
    add_master_key(folder.master_keys)


def without_an_owners_key(folder: DataFolder) -> None:
    changed(folder.vault, "delete from keys")


def without_a_large_file(folder: DataFolder) -> None:
    folder.large_files()[0].unlink()


def with_a_moved_value(folder: DataFolder) -> None:
    changed(folder.store, "update commits set version = 9 where history = 'ticket/1' and version = 3")


def changed(path: Path, sql: str) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(sql)
    connection.close()


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (with_another_master_key, "unknown_master_key"),
        (without_an_owners_key, "values have no data key"),
        (without_a_large_file, "large file"),
        (with_a_moved_value, "store.db: a sealed value does not open"),
    ],
)
async def test_a_backup_whose_parts_do_not_belong_together_is_found(
    data: Path, target: Path, harm: Callable[[DataFolder], None], told: str
) -> None:
    await filled(data)
    harm(DataFolder(data))
    backup(data, target)
    problems = verify(target)
    assert problems
    assert any(told in problem for problem in problems), problems


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
