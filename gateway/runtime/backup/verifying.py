"""Says what is wrong with a backup before it is needed: digests, databases, counts, and whether its keys open it."""

from collections.abc import Iterator
from pathlib import Path

from gateway.errors import GatewayError
from gateway.runtime.backup import disk
from gateway.runtime.backup.databases import looking_into, rows
from gateway.runtime.backup.manifest import Entry, Manifest, read_manifest
from gateway.runtime.backup.samples import sealed_problems
from gateway.runtime.data_folder import DataFolder


def verify(target: Path) -> list[str]:
    """Sentences on what is wrong with the backup in `target`, in order; empty when it can be restored.

    Changes nothing. The sentences name files, tables and reasons, never values.
    """
    try:
        manifest = read_manifest(target)
    except GatewayError as error:
        return [str(error)]
    # A database whose bytes changed is not looked into: what it says could not be relied on.
    return list(_changed(target, manifest)) or [*_inner(target, manifest), *sealed_problems(DataFolder(target))]


def _changed(target: Path, manifest: Manifest) -> Iterator[str]:
    listed = {entry.path for entry in manifest.entries}
    for entry in manifest.entries:
        try:
            same = disk.digest(target / entry.path) == (entry.size, entry.sha256)
        except OSError:
            yield f"{entry.path}: cannot be read"
            continue
        if not same:
            yield f"{entry.path}: differs from the manifest"
    folder = DataFolder(target)
    for path in (*folder.databases(), *folder.secret_files(), *folder.large_files(), *folder.records()):
        if path.relative_to(target).as_posix() not in listed:
            yield f"{path.relative_to(target)}: is not in the manifest"


def _inner(target: Path, manifest: Manifest) -> Iterator[str]:
    for entry in manifest.entries:
        if entry.rows:
            yield from _database_problems(target, entry)


def _database_problems(target: Path, entry: Entry) -> Iterator[str]:
    try:
        with looking_into(target / entry.path) as connection:
            sound = connection.execute("pragma quick_check").get == "ok"
            counted = rows(connection, count=True)
    except GatewayError as error:
        yield f"{entry.path}: {error}"
        return
    if not sound:
        yield f"{entry.path}: quick_check found damage"
    yield from (
        f"{entry.path}: {table} has {counted.get(table, 0)} rows instead of {number}"
        for table, number in entry.rows.items()
        if counted.get(table, 0) != number
    )
