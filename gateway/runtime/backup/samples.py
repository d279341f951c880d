"""Opens a sample of a backup's sealed values with the keys of the same backup: the only proof that they belong."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import apsw

from gateway.errors import GatewayError
from gateway.outbox.port import context_of
from gateway.runtime.backup.databases import looking_into
from gateway.runtime.data_folder import DataFolder
from gateway.vault import sqlite_keys
from gateway.vault.provider import FileKeyProvider
from gateway.vault.sealing import open_value
from gateway.vault.wrapping import usable

SAMPLE = 100
"""Newest values of each kind that are opened; damage of single bytes is the digests' business."""

Sealed = tuple[str, str, bytes]
"""Owner, context, sealed bytes."""


def sealed_problems(folder: DataFolder) -> list[str]:
    """Sentences on sealed values that do not open, and on large files that the catalogue lists but nobody has."""
    kinds: tuple[tuple[Path, Callable[[apsw.Connection, DataFolder], Iterator[Sealed]]], ...] = (
        (folder.store, _commits),
        (folder.documents, _documents),
        (folder.outbox, _parts),
        (folder.file_catalogue, _files),
    )
    present = [(path, sealed) for path, sealed in kinds if path.exists()]
    if not folder.vault.exists():
        return ["vault.db: is not in the backup"] if present else []
    try:
        provider = FileKeyProvider(folder.master_keys)
        with looking_into(folder.vault) as keys:
            return [
                f"{path.relative_to(folder.root)}: {problem}"
                for path, sealed in present
                for problem in _problems(path, sealed, keys, provider, folder)
            ]
    except GatewayError as error:
        return [f"keys: {error}"]


def _problems(
    path: Path,
    sealed: Callable[[apsw.Connection, DataFolder], Iterator[Sealed]],
    keys: apsw.Connection,
    provider: FileKeyProvider,
    folder: DataFolder,
) -> Iterator[str]:
    keyless = 0
    try:
        with looking_into(path) as connection:
            for owner, context, value in sealed(connection, folder):
                key = sqlite_keys.find(keys, owner)
                if key is not None:
                    open_value(usable(key, provider.by_id(key.master_id)), owner, value, context)
                else:
                    keyless += not sqlite_keys.has_tombstone(keys, owner)
    except OSError:
        yield "a large file of the catalogue is missing"
    except GatewayError as error:
        yield f"a sealed value does not open: {error}"
    if keyless:
        yield f"{keyless} of the sampled sealed values have no data key"


def _commits(connection: apsw.Connection, _: DataFolder) -> Iterator[Sealed]:
    sql = "select owner, history, version, sealed from commits where sealed != x'' order by id desc limit ?"
    for owner, history, version, sealed in connection.execute(sql, (SAMPLE,)):
        yield owner, f"commit:{history}:{version}", sealed


def _documents(connection: apsw.Connection, _: DataFolder) -> Iterator[Sealed]:
    sql = "select owner, kind, key, sealed from documents where sealed != x'' order by id desc limit ?"
    for owner, kind, key, sealed in connection.execute(sql, (SAMPLE,)):
        yield owner, f"document:{kind}:{key}", sealed


def _parts(connection: apsw.Connection, _: DataFolder) -> Iterator[Sealed]:
    sql = "select account, reply, number, sealed from parts order by id desc limit ?"
    for owner, reply, number, sealed in connection.execute(sql, (SAMPLE,)):
        yield owner, context_of(UUID(bytes=reply), number), sealed


def _files(connection: apsw.Connection, folder: DataFolder) -> Iterator[Sealed]:
    for stored in ("not null", "null"):
        # Of a file that was moved here it is not known whose it is.
        known = f"sealed is {stored} and owner <> ''"
        sql = f"select owner, address, sealed from files where {known} order by id desc limit ?"
        for owner, address, sealed in connection.execute(sql, (SAMPLE,)):
            path = folder.files / address[:2] / address[2:4] / address
            yield owner, f"file:{address}", path.read_bytes() if sealed is None else sealed
