"""Opens everything a service needs on one data folder, checked before the first message is taken."""

import fcntl
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from gateway.bus.opening import open_bus
from gateway.bus.port import Bus
from gateway.domain.identity import Identity
from gateway.domain.province import Province
from gateway.errors import Conflict, Invalid
from gateway.files.local import LocalFiles
from gateway.files.port import Files
from gateway.outbox.opening import open_outbox
from gateway.outbox.port import Outbox
from gateway.projections.port import Documents
from gateway.projections.sqlite import SqliteDocuments
from gateway.runtime.bounded_child import BoundedChildren
from gateway.runtime.data_folder import DataFolder
from gateway.runtime.metrics import Metrics
from gateway.runtime.province_folder import load_province
from gateway.runtime.room import Room
from gateway.runtime.secret_files import read_or_make
from gateway.runtime.settings import GatewaySettings, Profile
from gateway.store.opening import open_store
from gateway.store.port import Store
from gateway.vault.port import Vault
from gateway.vault.provider import FileKeyProvider
from gateway.vault.sqlite import SqliteVault

MEGABYTE = 1_000_000

LARGEST_FILE = 60_000_000
"""Bytes; a recording of a call may have 50 MiB (`WEB_RECORDING_BYTES`)."""


def utc_now() -> datetime:
    """The clock of a running gateway; tests hand in their own."""
    return datetime.now(UTC)


@dataclass
class Deployment:
    """The opened ports and data of one process."""

    settings: GatewaySettings
    folder: DataFolder
    province: Province
    identity: Identity
    session_key: bytes
    store: Store
    vault: Vault
    files: Files
    documents: Documents
    outbox: Outbox
    metrics: Metrics
    children: BoundedChildren = field(default_factory=BoundedChildren)
    clock: Callable[[], datetime] = utc_now
    process: str = field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}")
    buses: dict[str, Bus] = field(default_factory=dict)
    _locks: list[int] = field(default_factory=list)

    @property
    def trial(self) -> bool:
        """Whether what is made here is marked as a trial."""
        return self.settings.profile is Profile.TRIAL

    def bus(self, stage: str) -> Bus:
        """The bus of a stage; one instance per stage and process."""
        if stage not in self.buses:
            beside = next(iter(self.buses.values()), None)
            self.buses[stage] = open_bus(f"sqlite:///{self.folder.bus}", stage, clock=self.clock, beside=beside)
        return self.buses[stage]

    @cached_property
    def room(self) -> Room:
        """Whether the disk has room for what would be acknowledged next."""
        return Room(self.folder.root, self.settings.disk_reserve_mb * MEGABYTE)

    def only_copy(self, service: str) -> None:
        """Make sure that no other process runs this service on this folder; raises `Conflict` if one does."""
        path = self.folder.locks / f"{service}.lock"
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = path.read_text().strip()
            os.close(lock)
            sentence = f"{service} runs on this data folder already (process {holder})."
            raise Conflict("already_running", sentence) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        self._locks.append(lock)

    async def close(self) -> None:
        """Close buses first, since what they finish still needs the store."""
        for bus in self.buses.values():
            await bus.close()
        await self.outbox.close()
        await self.documents.close()
        await self.files.close()
        await self.store.close()
        await self.vault.close()
        await self.children.close()
        for lock in self._locks:
            os.close(lock)


async def open_deployment(settings: GatewaySettings) -> Deployment:
    """Open the data folder with its keys and the province; raises `Invalid`, `Conflict` or `Unavailable`."""
    province = load_province(settings.province)
    folder = DataFolder(settings.data)
    folder.create()
    identity = Identity(_key_of_data(folder, "identity", settings.profile))
    _key_of_data(folder, "master", settings.profile)
    address_key = _key_of_data(folder, "files", settings.profile)
    vault = SqliteVault(folder.vault, FileKeyProvider(folder.secrets / "master.key"))
    store = open_store(f"sqlite:///{folder.store}")
    await _same_identity(store, identity)
    return Deployment(
        settings=settings,
        folder=folder,
        province=province,
        identity=identity,
        session_key=read_or_make(folder.secrets, "session", settings.profile),
        store=store,
        vault=vault,
        files=LocalFiles(folder.files, vault, address_key, max_bytes=LARGEST_FILE),
        documents=SqliteDocuments(folder.documents),
        outbox=open_outbox(f"sqlite:///{folder.outbox}"),
        metrics=Metrics(),
    )


def _key_of_data(folder: DataFolder, name: str, profile: Profile) -> bytes:
    """A key that data is written with: made before there is any, and never anew, since that would hide what is lost."""
    if folder.store.exists() and not (folder.secrets / f"{name}.key").exists():
        raise Invalid("secret_missing", f"{name}.key is missing in the secrets folder, and data was written with it.")
    return read_or_make(folder.secrets, name, profile)


async def _same_identity(store: Store, identity: Identity) -> None:
    """Every id and code is derived from the identity key: another key would give citizens other accounts."""
    mine = identity.fingerprint().encode()
    if await store.claim("identity/fingerprint", mine) != mine:
        raise Invalid("identity_changed", "The identity key is not the one this data was written with.")
