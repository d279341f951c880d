"""Large sealed files, one each on disk: complete and durable under their name, or not there at all."""

import errno
import fcntl
import os
import secrets
from contextlib import suppress
from pathlib import Path

from gateway.errors import GatewayError, Invalid, Unavailable
from gateway.files.address import checked

PARTIAL = "partial"
FULL = (errno.ENOSPC, errno.EDQUOT)


class Folder:
    """Files at `aa/bb/<address>` under a root; blocking, so call it from a thread."""

    def __init__(self, root: Path) -> None:
        """Make the folder (0700) and remove what dead writers left half written; raises `Unavailable`."""
        self._root = root
        self._partial = root / PARTIAL
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._partial.mkdir(mode=0o700, exist_ok=True)
            for leftover in self._partial.iterdir():
                _remove_if_abandoned(leftover)
        except OSError as error:
            raise mapped(error) from error

    def write(self, address: str, sealed: bytes) -> None:
        """Keep the bytes unless they are there already; durable on return. Raises `Unavailable`."""
        path = self._path(address)
        try:
            path.parent.parent.mkdir(mode=0o700, exist_ok=True)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            if not path.exists():
                self._write_new(path, sealed)
            # Whoever made the names, now or in a process that died, they are durable only after this.
            for folder in (path.parent, path.parent.parent, self._root):
                _sync_folder(folder)
        except OSError as error:
            raise mapped(error) from error

    def read(self, address: str) -> bytes:
        """The bytes; raises `Invalid("file_missing")` or `Unavailable`."""
        try:
            descriptor = os.open(self._path(address), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                return file.read()
        except FileNotFoundError as error:
            raise Invalid("file_missing", "There is no file at this address.") from error
        except OSError as error:
            raise mapped(error) from error

    def _path(self, address: str) -> Path:
        return self._root / checked(address)[:2] / address[2:4] / address

    def _write_new(self, path: Path, sealed: bytes) -> None:
        made = self._partial / f"{path.name}.{secrets.token_hex(8)}"
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                # The lock says that the writer lives; `_remove_if_abandoned` takes away only what nobody locks.
                fcntl.flock(file, fcntl.LOCK_EX)
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
                made.replace(path)
        except BaseException:
            made.unlink(missing_ok=True)
            raise


def mapped(error: OSError) -> GatewayError:
    """The gateway's error for a file system's error; the class only, since its text holds paths."""
    if error.errno in FULL:
        return Unavailable("disk_full", type(error).__name__, retry_after=5.0)
    return Unavailable("files_unavailable", type(error).__name__)


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_if_abandoned(path: Path) -> None:
    # Another process may finish or remove it at any moment; then there is nothing left to do.
    with suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
