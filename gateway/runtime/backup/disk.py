"""Copies files so that the copy is durable, private and known by its digest."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.errors import Unavailable

CHUNK = 1 << 20


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn a file system's error into `Unavailable`; its text would hold paths."""
    try:
        yield
    except OSError as error:
        raise Unavailable("disk_unavailable", type(error).__name__, retry_after=5.0) from error


def make_folders(root: Path, inner: Path) -> None:
    """Make `root` and the folders down to `inner`, each with mode 0700."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = root
    for part in inner.relative_to(root).parts:
        folder = folder / part
        folder.mkdir(mode=0o700, exist_ok=True)


def create(path: Path) -> int:
    """Open a new file for writing with mode 0600; one that exists is an error."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def write(path: Path, content: bytes) -> None:
    """A new file with this content, flushed to disk."""
    with os.fdopen(create(path), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def copy(source: Path, path: Path) -> None:
    """A new file with another's content, flushed to disk."""
    with source.open("rb") as reading, os.fdopen(create(path), "wb") as file:
        while chunk := reading.read(CHUNK):
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def digest(path: Path) -> tuple[int, str]:
    """Size in bytes and SHA-256 in hex of a file that nobody writes."""
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """Flush a file or a folder's names to disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folders(root: Path) -> None:
    """Flush the names in `root` and in every folder below it."""
    for folder in [root, *(path for path in root.rglob("*") if path.is_dir())]:
        sync(folder)
