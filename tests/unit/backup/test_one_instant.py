"""A backup shows all databases as of one instant, and holds writers off for no longer than that."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from gateway.errors import Unavailable
from gateway.runtime.backup import backup, databases, verify
from gateway.runtime.backup.manifest import read_manifest
from gateway.runtime.data_folder import DataFolder
from gateway.sqlite.freeze import frozen
from gateway.sqlite.writer import Writer
from gateway.store.sqlite import SqliteStore
from tests.unit.backup.filled_folder import filled
from tests.unit.sqlite.turns import awaited


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
