"""Opens everything a service needs, where its settings say, checked before the first message is taken."""

import fcntl
import os
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from gateway.bus.opening import open_bus
from gateway.bus.port import Bus
from gateway.domain.identity import Identity
from gateway.domain.province import Province
from gateway.errors import Conflict
from gateway.files.opening import open_files
from gateway.files.port import Files
from gateway.outbox.opening import open_outbox
from gateway.outbox.port import Outbox
from gateway.projections.opening import open_documents
from gateway.projections.port import Documents
from gateway.runtime.bounded_child import BoundedChildren
from gateway.runtime.data_folder import DataFolder
from gateway.runtime.folder_lock import FolderLock
from gateway.runtime.kept_keys import key_of_data, same_keys, was_written
from gateway.runtime.metrics import Metrics
from gateway.runtime.migration.marks import refuse_half_moved
from gateway.runtime.province_folder import load_province
from gateway.runtime.room import Room
from gateway.runtime.secret_files import read_or_make
from gateway.runtime.settings import GatewaySettings, Profile
from gateway.runtime.spool.backlog import Backlog
from gateway.runtime.spool.edge import EdgeBus
from gateway.runtime.successors import Successors
from gateway.store.opening import open_store
from gateway.store.port import Store
from gateway.vault.opening import open_vault
from gateway.vault.port import Vault
from gateway.vault.provider import FileKeyProvider

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
    folder_lock: FolderLock | None = None
    process: str = field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}")
    buses: dict[str, Bus] = field(default_factory=dict)
    edges: dict[str, EdgeBus] = field(default_factory=dict)
    _locks: list[int] = field(default_factory=list)

    @property
    def trial(self) -> bool:
        """Whether what is made here is marked as a trial."""
        return self.settings.profile is Profile.TRIAL

    def bus(self, stage: str) -> Bus:
        """The bus of a stage; one instance per stage and process."""
        if stage not in self.buses:
            beside = next(iter(self.buses.values()), None)
            url = self.settings.bus_url or f"sqlite:///{self.folder.bus}"
            self.buses[stage] = open_bus(url, stage, clock=self.clock, beside=beside)
        return self.buses[stage]

    def edge(self, stage: str) -> Bus:
        """The bus through which a channel makes durable what it received, before it acknowledges it.

        A bus in the data folder is on this machine's disk anyway; before another one lies the spool.
        """
        if not self.settings.bus_url:
            return self.bus(stage)
        if stage not in self.edges:
            backlog = Backlog(self.folder.spool / stage, stage, self.clock)
            self.edges[stage] = EdgeBus(self.bus(stage), backlog, self.room.check)
        return self.edges[stage]

    def check_room(self) -> None:
        """Raise `Unavailable("disk_full")` where nothing more can be acknowledged for want of disk space.

        In a cluster this machine's disk is needed only while the spool is, which looks for itself.
        """
        if not self.settings.clustered:
            self.room.check()

    @cached_property
    def successors(self) -> Successors:
        """Who follows whom among the accounts of those whose data was erased."""
        return Successors(self.vault, self.store, self.identity)

    @cached_property
    def room(self) -> Room:
        """Whether the disk has room for what would be acknowledged next."""
        return Room(self.folder.root, self.settings.disk_reserve_mb * MEGABYTE)

    def alone(self) -> None:
        """Make sure that nobody else uses the data folder, not even a command, as long as this is open.

        Raises `Conflict("data_folder_in_use")`. Whoever comes later is refused by `open_deployment`.
        """
        if self.folder_lock is not None:
            self.folder_lock.alone()

    def only_copy(self, service: str) -> None:
        """Make sure that no other process runs this service on what lies in the data folder; raises `Conflict`.

        Where nothing but secrets and the spool lies there, any number of copies may run: what only one of them may do
        is decided by claims in the store and by the groups of the bus.
        """
        if self.settings.clustered:
            return
        path = self.folder.locks / f"{service}.lock"
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = path.read_text().strip()
            os.close(lock)
            sentence = f"{service} runs on this data folder already (process {holder})"
            raise Conflict("already_running", f"{sentence}: end it, or name another folder in GATEWAY_DATA.") from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        self._locks.append(lock)

    async def close(self) -> None:
        """Close buses first, since what they finish still needs the store."""
        for edge in self.edges.values():
            await edge.close()
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
        if self.folder_lock is not None:
            self.folder_lock.close()


async def open_deployment(settings: GatewaySettings, *, moving: bool = False) -> Deployment:
    """Open bus, store and keys, and the province; raises `Invalid`, `Conflict` or `Unavailable`.

    `moving` is for who moves a data folder into a cluster, which nobody else may open before all of it is there.
    """
    province = load_province(settings.province)
    folder = DataFolder(settings.data)
    folder.create(clustered=settings.clustered)
    async with AsyncExitStack() as opened:
        folder_lock = None if settings.clustered else FolderLock(folder)
        if folder_lock is not None:
            opened.callback(folder_lock.close)
            # It may have been moved while this process was on its way to the lock.
            folder.refuse_moved()
        written = await _was_written(settings, folder)
        identity = Identity(key_of_data(folder, "identity", settings.profile, written=written))
        key_of_data(folder, "master", settings.profile, written=written)
        session_key = read_or_make(folder.secrets, "session", settings.profile)
        address_key = key_of_data(folder, "files", settings.profile, written=written)
        vault = open_vault(_url(settings, folder.vault), FileKeyProvider(folder.master_keys))
        opened.push_async_callback(vault.close)
        store = open_store(_url(settings, folder.store))
        opened.push_async_callback(store.close)
        if not moving:
            await refuse_half_moved(store)
        await same_keys(store, identity, address_key)
        files = open_files(_url(settings, folder.files), vault, address_key, max_bytes=LARGEST_FILE)
        opened.push_async_callback(files.close)
        documents = open_documents(_url(settings, folder.documents))
        opened.push_async_callback(documents.close)
        outbox = open_outbox(_url(settings, folder.outbox))
        # From here on whoever got the deployment closes it.
        opened.pop_all()
    return Deployment(
        settings=settings,
        folder=folder,
        province=province,
        identity=identity,
        session_key=session_key,
        store=store,
        vault=vault,
        files=files,
        documents=documents,
        outbox=outbox,
        metrics=Metrics(),
        folder_lock=folder_lock,
    )


def _url(settings: GatewaySettings, path: Path) -> str:
    """Where a part of the store lies: in the one database of the settings, else at its place in the data folder."""
    return settings.store_url or f"sqlite:///{path}"


async def _was_written(settings: GatewaySettings, folder: DataFolder) -> bool:
    """Whether there is data already; in a data folder the keys are made before the store, so that it tells."""
    if not settings.store_url:
        return folder.store.exists()
    store = open_store(settings.store_url)
    try:
        return await was_written(store)
    finally:
        await store.close()
