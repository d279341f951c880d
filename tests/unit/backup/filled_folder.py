"""A data folder with something in every store, and the same ports opened on whatever was restored."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from gateway.files.local import LocalFiles
from gateway.outbox.opening import open_outbox
from gateway.outbox.port import Outbox
from gateway.projections.port import Document
from gateway.projections.sqlite import SqliteDocuments
from gateway.runtime.data_folder import DataFolder
from gateway.store.port import Commit
from gateway.store.sqlite import SqliteStore
from gateway.vault.provider import FileKeyProvider, add_master_key
from gateway.vault.sqlite import SqliteVault
from schemas.files import FileRef

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


def below(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))
