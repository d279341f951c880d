"""Holds every writer off some database files for a moment: what a checkpoint or a common snapshot needs."""

import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gateway.errors import Unavailable

PATIENCE = 5.0
"""Seconds after which a stuck writer makes us give up, so that one halted process never halts all files."""


@contextmanager
def frozen(paths: Sequence[Path], *, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the writers' locks (`<file>.lock`) of all `paths` at once; no commit happens inside.

    Raises `Unavailable("writer_stuck")` when they cannot be had within `patience` seconds; nothing is held then.
    """
    locks = _Locks(sorted({Path(f"{path}.lock") for path in paths}))
    try:
        if not locks.taken.wait(patience):
            raise Unavailable("writer_stuck", "A process holds a database's lock for too long.")
        yield
    finally:
        locks.release()


class _Locks:
    """Locks taken in a thread, because the kernel queues only those who block; polling would starve."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.taken = threading.Event()
        self._held: list[int] = []
        self._given_up = False
        self._mutex = threading.Lock()
        threading.Thread(target=self._take, args=(paths,), name="freeze", daemon=True).start()

    def _take(self, paths: Sequence[Path]) -> None:
        for path in paths:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            with self._mutex:
                if self._given_up:
                    os.close(descriptor)
                    return
                self._held.append(descriptor)
        self.taken.set()

    def release(self) -> None:
        """Let the writers go on; a lock that arrives later is dropped at once."""
        with self._mutex:
            self._given_up = True
            for descriptor in self._held:
                os.close(descriptor)
            self._held.clear()
