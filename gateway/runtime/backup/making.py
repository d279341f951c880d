"""Takes a backup of a data folder while the gateway runs, such that a gateway restored from it loses nothing.

What must hold between the copies, and why copying the files one after another cannot give it:

* A consumer's position lies in its own output file and points into its producers' files. If it were ahead of the
  producer's copy, the restored producer would give the missing offsets to new messages, and these would be skipped:
  lost. So a consumer's file would have to be copied before its producers' files. But stages form circles (the
  normalizer reads the send stage's reply events, the send stage reads the normalizer's replies), and in a circle no
  order does it.
* What a stage publishes is a function of a commit recorded before. Bus copies that are ahead of the store's copy
  would hold messages of commits that nobody knows; after the restore the versions would be given out again.
* A data key is durable before the first value sealed under it, a file before the first reference to it.

Therefore all databases are copied as of one instant: every writer is held off for some milliseconds (the writers'
own locks), a read transaction is begun on each database, the key files are read, and the writers go on. In such a cut
whatever was durable before is in, and with it everything that it rests on. Copying then takes its time from the
snapshots. Large files are immutable and are copied afterwards: all that the cut refers to are among them.

What was acknowledged after the cut is not in the backup. A write made durable but not yet acknowledged may be in it,
as after a crash; every stage is made for that. The key files lie in the backup in clear (0600): keep it as safe as the
data folder, or move `secrets/` to another place.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from gateway.errors import Conflict, Invalid
from gateway.runtime.backup import databases, disk
from gateway.runtime.backup.manifest import NAME, Entry, Manifest, to_json
from gateway.runtime.data_folder import DataFolder
from gateway.sqlite.freeze import frozen


def backup(data: Path, target: Path) -> Manifest:
    """Copy the data folder `data` into the new or empty folder `target`; blocking, for a thread or a command.

    The manifest is written last: a folder without one is not a backup. Raises `Conflict("target_not_empty")`,
    `Invalid("nothing_to_back_up")`, or `Unavailable` when a disk or a database fails or a writer is stuck.
    """
    folder = DataFolder(data)
    with disk.disk_errors():
        if target.exists() and any(target.iterdir()):
            raise Conflict("target_not_empty", "A backup goes into an empty folder.")
        if not folder.databases():
            raise Invalid("nothing_to_back_up", "There is no database in the data folder.")
        disk.make_folders(target, target)
        with databases.database_errors(), ExitStack() as stack:
            paths = folder.databases()
            sources = databases.opened(paths, stack)
            with frozen(paths):
                for source in sources:
                    databases.begin_snapshot(source)
                secrets = {path: path.read_bytes() for path in folder.secret_files()}
                cut_at = datetime.now(UTC)
            entries = []
            for path, source in zip(paths, sources, strict=True):
                rows = databases.rows(source, count=True)
                databases.copy_snapshot(source, _place(folder, path, target))
                source.execute("rollback")
                entries.append(_entry(folder, path, target, rows))
        entries += [_written(folder, path, target, content) for path, content in secrets.items()]
        entries += [_copied(folder, path, target) for path in (*folder.large_files(), *folder.records())]
        manifest = Manifest(cut_at, tuple(entries))
        disk.sync_folders(target)
        disk.write(target / NAME, to_json(manifest).encode())
        disk.sync(target)
    return manifest


def _place(folder: DataFolder, path: Path, target: Path) -> Path:
    place = target / path.relative_to(folder.root)
    disk.make_folders(target, place.parent)
    return place


def _written(folder: DataFolder, path: Path, target: Path, content: bytes) -> Entry:
    disk.write(_place(folder, path, target), content)
    return _entry(folder, path, target, {})


def _copied(folder: DataFolder, path: Path, target: Path) -> Entry:
    disk.copy(path, _place(folder, path, target))
    return _entry(folder, path, target, {})


def _entry(folder: DataFolder, path: Path, target: Path, rows: Mapping[str, int]) -> Entry:
    relative = path.relative_to(folder.root)
    size, sha256 = disk.digest(target / relative)
    return Entry(relative.as_posix(), size, sha256, rows)
