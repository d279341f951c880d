"""Ways to leave a running gateway without room and to give it room again."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.runtime.data_folder import DataFolder
from tests.gateway_process import GatewayProcess

A_LITTLE = 100_000
"""Bytes that the log of received messages may still grow, so that some are acknowledged before it is full."""

PIECE = 65_536


@contextmanager
def no_file_may_grow(gateway: GatewayProcess) -> Iterator[None]:
    """Bound how large a file the running process may write: needs no rights, and the writes fail in the kernel."""
    wal = DataFolder(gateway.data).bus / "web_ingest.receive.db-wal"
    before = resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE, (wal.stat().st_size + A_LITTLE, before[1]))
    try:
        yield
    finally:
        resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def no_space_left(gateway: GatewayProcess) -> Iterator[None]:
    """Fill the file system of the data folder to the last block; only for one that is nobody else's."""
    filler = gateway.data.parent / "filler"
    descriptor = os.open(filler, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        for size in (PIECE, 1):
            _fill(descriptor, size)
        yield
    finally:
        os.close(descriptor)
        filler.unlink()


def _fill(descriptor: int, size: int) -> None:
    while True:
        try:
            os.write(descriptor, b"\0" * size)
        except OSError:
            return


@contextmanager
def small_file_system(folder: Path, size: str) -> Iterator[Path | None]:
    """A file system of its own in memory; None where it may not be mounted."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
