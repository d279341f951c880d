"""One writer at a time per file, across processes and in the order of asking: the kernel queues on a lock file."""

import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from gateway.errors import Unavailable
from gateway.sqlite.commit_thread import CommitThread


class Turn:
    """The lock `<file>.lock`, taken before `BEGIN IMMEDIATE`: SQLite's own busy handler starves waiting writers."""

    def __init__(self, path: Path) -> None:
        """Open or create the lock file of the database `path`; raises `Unavailable`."""
        try:
            self._file = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Unavailable("database_unavailable", type(error).__name__) from error

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the turn and hold it; raises `Unavailable` when the file system refuses locks."""
        self._take()
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    @asynccontextmanager
    async def awaited(self, thread: CommitThread) -> AsyncIterator[None]:
        """The same without blocking the event loop: a turn that is not free at once is waited for in a thread."""
        if not self._taken_at_once():
            await thread.run(self._take)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the lock file back."""
        os.close(self._file)

    def _take(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
        except OSError as error:
            raise Unavailable("database_unavailable", type(error).__name__) from error

    def _taken_at_once(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise Unavailable("database_unavailable", type(error).__name__) from error
        return True
