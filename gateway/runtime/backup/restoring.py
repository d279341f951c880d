"""Puts a verified backup into an empty data folder, so that a gateway never starts on half of one."""

from pathlib import Path

from gateway.errors import Conflict, Invalid
from gateway.runtime.backup import disk
from gateway.runtime.backup.manifest import read_manifest
from gateway.runtime.backup.verifying import verify
from gateway.runtime.data_folder import RESTORING, DataFolder
from gateway.sqlite.connection import connect


def restore(target: Path, data: Path) -> None:
    """Copy the backup in `target` into the new or empty folder `data`; durable on return.

    A mark lies in `data` until all is done, and `DataFolder.create` refuses a marked folder. Raises
    `Conflict("data_folder_not_empty")`, `Invalid("backup_damaged")` with the first fault found, or `Unavailable`.
    """
    with disk.disk_errors():
        if data.exists() and any(data.iterdir()):
            raise Conflict(
                "data_folder_not_empty",
                "A backup is restored into an empty folder only: name a new one in GATEWAY_DATA.",
            )
        problems = verify(target)
        if problems:
            raise Invalid("backup_damaged", problems[0])
        disk.make_folders(data, data)
        mark = data / RESTORING
        disk.write(mark, b"")
        disk.sync(data)
        for entry in read_manifest(target).entries:
            place = data / entry.path
            disk.make_folders(data, place.parent)
            disk.copy(target / entry.path, place)
        for path in DataFolder(data).databases():
            # Opening puts the database back into WAL mode, which read-only openers insist on.
            connect(path).close()
        disk.sync_folders(data)
        mark.unlink()
        disk.sync(data)
    DataFolder(data).create()
