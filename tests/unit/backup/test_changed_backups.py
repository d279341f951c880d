"""A backup that was changed, or whose parts do not belong together, is found and not restored."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from gateway.errors import Invalid
from gateway.runtime.backup import backup, restore, verify
from gateway.runtime.backup.manifest import NAME
from gateway.runtime.data_folder import DataFolder
from gateway.vault.provider import add_master_key
from tests.unit.backup.filled_folder import below, filled


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
