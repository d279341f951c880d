"""Where a run's gateway keeps everything, in its data folder or on a broker and a store, and how a test opens it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.bus.opening import open_bus
from gateway.bus.port import Bus
from gateway.outbox.opening import open_outbox
from gateway.outbox.port import Outbox
from gateway.projections.opening import open_documents
from gateway.projections.port import Documents
from gateway.runtime.data_folder import DataFolder
from gateway.store.opening import open_store
from gateway.store.port import Store
from gateway.vault.opening import open_vault
from gateway.vault.port import Vault
from gateway.vault.provider import FileKeyProvider


@dataclass(frozen=True, slots=True)
class Places:
    """Both URLs are empty for a gateway that is embedded in its data folder."""

    data: DataFolder
    bus_url: str = ""
    store_url: str = ""

    @property
    def clustered(self) -> bool:
        """Whether bus and store are servers, on which an id may lie twice."""
        return bool(self.bus_url)

    @property
    def begun(self) -> bool:
        """Whether outbox and vault can be opened: the gateway makes keys, and its files, when it first starts."""
        return self.data.master_keys.exists() and (self.clustered or self.data.outbox.exists())

    @property
    def settings(self) -> Mapping[str, str]:
        """The variables that lead a gateway there."""
        return {"GATEWAY_BUS_URL": self.bus_url, "GATEWAY_STORE_URL": self.store_url} if self.clustered else {}

    def bus(self, stage: str) -> Bus:
        """The bus of a stage."""
        return open_bus(self.bus_url or f"sqlite:///{self.data.bus}", stage, clock=lambda: datetime.now(UTC))

    def store(self) -> Store:
        """The histories."""
        return open_store(self._url(self.data.store))

    def documents(self) -> Documents:
        """The projected documents."""
        return open_documents(self._url(self.data.documents))

    def outbox(self) -> Outbox:
        """The replies on their way."""
        return open_outbox(self._url(self.data.outbox))

    def vault(self) -> Vault:
        """The data keys."""
        return open_vault(self._url(self.data.vault), FileKeyProvider(self.data.master_keys))

    def _url(self, path: Path) -> str:
        return self.store_url or f"sqlite:///{path}"
