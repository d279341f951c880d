"""Group commit: many asynchronous writers share one fsync, and several processes share one file fairly."""

import asyncio
import fcntl
import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import apsw

from gateway.errors import Unavailable
from gateway.sqlite.connection import connect
from gateway.sqlite.errors import mapped

T = TypeVar("T")
Work = Callable[[apsw.Connection], T]

GROUP = 256
"""Most units of work per commit: beyond this a commit's latency grows and nothing is gained."""

WAITING = 4096
"""Bound on queued work; beyond it callers are refused at once rather than queued without end."""


class Writer:
    """The one writing connection of this process to one file.

    Work is a function of the connection. Each unit is atomic by itself (savepoint): one that raises is undone alone.
    All units of a group become durable together before any of their futures is resolved. Between processes an
    advisory lock on `<file>.lock` is taken before `BEGIN IMMEDIATE`: the kernel queues the waiters, whereas SQLite's
    own busy handler starves them. SQLite errors reach callers as the gateway's kinds.
    """

    def __init__(self, path: Path, *, schema: str = "", after_commit: Callable[[], None] | None = None) -> None:
        """Open the file, apply `schema` (idempotent DDL) and start the thread; raises `Unavailable`."""
        self._path = path
        self._queue: queue.Queue[tuple[Work[Any], asyncio.Future[Any]] | None] = queue.Queue(WAITING)
        self._after_commit = after_commit
        self._lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._connection = connect(path)
            self._apply(schema)
        except BaseException:
            os.close(self._lock)
            raise
        self._thread = threading.Thread(target=self._run, name=f"writer {path.name}", daemon=True)
        self._closed = False
        self._thread.start()

    def _apply(self, schema: str) -> None:
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            self._connection.execute("begin immediate")
            self._connection.execute(schema)
            self._connection.execute("commit")
        except apsw.Error as error:
            raise mapped(error) from error
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    async def run(self, work: Work[T]) -> T:
        """Do the work in a group's transaction; durable on return. Raises the work's own or a mapped error."""
        if self._closed:
            raise Unavailable("closed", "The database is closed.")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait((work, future))
        except queue.Full as error:
            raise Unavailable("overloaded", "Too many writes are waiting.", retry_after=1.0) from error
        return await asyncio.shield(future)

    async def close(self) -> None:
        """Finish what is queued, then close the file."""
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._queue.put, None)
        await asyncio.to_thread(self._thread.join)
        self._connection.close()
        os.close(self._lock)

    def _run(self) -> None:
        stopping = False
        while not stopping:
            item = self._queue.get()
            group: list[tuple[Work[Any], asyncio.Future[Any]]] = []
            while item is not None:
                group.append(item)
                if len(group) == GROUP:
                    break
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
            stopping = item is None
            if group:
                self._commit(group)

    def _commit(self, group: list[tuple[Work[Any], asyncio.Future[Any]]]) -> None:
        done: list[tuple[asyncio.Future[Any], Any, BaseException | None]] = []
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            self._connection.execute("begin immediate")
            for work, future in group:
                done.append((future, *self._unit(work)))
            self._connection.execute("commit")
        except apsw.Error as error:
            if not self._connection.get_autocommit():
                self._connection.execute("rollback")
            failure = mapped(error)
            done = [(future, None, failure) for _, future in group]
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)
        self._resolve(done)
        if self._after_commit is not None:
            self._after_commit()

    def _unit(self, work: Work[Any]) -> tuple[Any, BaseException | None]:
        try:
            with self._connection:
                value = work(self._connection)
        except apsw.Error as error:
            # A full disk or a failed write may have ended the whole transaction; then nothing of the group holds.
            if self._connection.get_autocommit():
                raise
            return None, mapped(error)
        except Exception as error:  # noqa: BLE001 - handed to the caller, who awaits it; the group goes on
            return None, error
        return value, None

    @staticmethod
    def _resolve(done: list[tuple[asyncio.Future[Any], Any, BaseException | None]]) -> None:
        loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any, BaseException | None]]] = {}
        for entry in done:
            loops.setdefault(entry[0].get_loop(), []).append(entry)
        for loop, entries in loops.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, entries)


def _settle(entries: list[tuple[asyncio.Future[Any], Any, BaseException | None]]) -> None:
    for future, value, error in entries:
        if future.done():
            continue
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)
