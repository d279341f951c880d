"""Where what a gateway keeps on disk lies: one folder, whose layout is written down here alone.

Embedded, that is everything. With a bus and a store elsewhere it is the secrets, the same ones on every machine, and
the spool of the machine's own edge.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import Conflict, Unavailable

RESTORING = "restore.incomplete"
"""Name of the mark that lies in a data folder while a backup is being put back into it."""


@dataclass(frozen=True, slots=True)
class Moved:
    """When the data of a folder was moved (ISO 8601), and to which bus and store: URLs without credentials."""

    at: str
    bus: str
    store: str


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The paths below `root`; nothing is touched before `create`."""

    root: Path

    @property
    def bus(self) -> Path:
        """Folder of the bus: one `<stage>.db` per producing stage."""
        return self.root / "bus"

    @property
    def store(self) -> Path:
        """File of the histories."""
        return self.root / "store.db"

    @property
    def vault(self) -> Path:
        """File of the wrapped data keys."""
        return self.root / "vault.db"

    @property
    def documents(self) -> Path:
        """File of the projected documents."""
        return self.root / "documents.db"

    @property
    def outbox(self) -> Path:
        """File of the replies on their way."""
        return self.root / "outbox.db"

    @property
    def files(self) -> Path:
        """Folder of the file store."""
        return self.root / "files"

    @property
    def file_catalogue(self) -> Path:
        """File of the file store's catalogue and small contents."""
        return self.files / "files.db"

    @property
    def secrets(self) -> Path:
        """Folder of the keys."""
        return self.root / "secrets"

    @property
    def master_keys(self) -> Path:
        """File of the master keys that wrap the data keys."""
        return self.secrets / "master.key"

    @property
    def locks(self) -> Path:
        """Folder of the locks by which one copy of a service knows of another."""
        return self.root / "locks"

    @property
    def spool(self) -> Path:
        """Folder of what a channel received while the bus did not confirm: one `<stage>.db` per receiving stage."""
        return self.root / "spool"

    @property
    def moved(self) -> Path:
        """Mark that what lay here was moved to a cluster: a JSON object, see `Moved`."""
        return self.root / "moved.json"

    @property
    def accesses(self) -> Path:
        """File that says who was given which citizen's file."""
        return self.root / "accesses.jsonl"

    def databases(self) -> Sequence[Path]:
        """Every database that is there, sorted."""
        found = {*self.root.glob("*.db"), *self.bus.glob("*.db"), *self.files.glob("*.db")}
        return sorted(found)

    def large_files(self) -> Sequence[Path]:
        """Every content that the file store keeps outside its database, sorted."""
        return sorted(self.files.glob("??/??/*"))

    def records(self) -> Sequence[Path]:
        """Every file that is written line by line, as far as there is one."""
        return [path for path in (self.accesses,) if path.exists()]

    def secret_files(self) -> Sequence[Path]:
        """Every file of the secrets folder, sorted."""
        return sorted(path for path in self.secrets.glob("*") if path.is_file())

    def moved_to(self) -> "Moved | None":
        """Where the data that lay here was moved, or None."""
        try:
            return Moved(**json.loads(self.moved.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            raise Unavailable("data_folder_unavailable", type(error).__name__) from error

    def refuse_moved(self) -> None:
        """Raise `Conflict("moved")` where the data that lay here was moved to a cluster, and say where it is."""
        found = self.moved_to()
        if found is not None:
            where = f"GATEWAY_BUS_URL to {found.bus} and GATEWAY_STORE_URL to {found.store}"
            raise Conflict("moved", f"What lay in {self.root} was moved to a cluster at {found.at}; set {where}.")

    def create(self, *, clustered: bool = False) -> None:
        """Make what is missing, with mode 0700; raises `Unavailable`, also on a folder that is half restored.

        `clustered`: bus, store and files lie elsewhere. Otherwise raises `Conflict("moved")` for a folder whose data
        was moved away.
        """
        if not clustered:
            self.refuse_moved()
        if (self.root / RESTORING).exists():
            raise Unavailable("restore_incomplete", "Restoring into this data folder did not finish; empty it first.")
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (self.secrets, self.locks) if clustered else (self.bus, self.files, self.secrets, self.locks):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise Unavailable("data_folder_unavailable", type(error).__name__) from error
