"""Group commit: many asynchronous writers share one fsync, and several processes share one file fairly."""

import asyncio
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import apsw

from gateway.errors import Unavailable
from gateway.sqlite.connection import connect
from gateway.sqlite.errors import mapped
from gateway.sqlite.group import Done, commit_group
from gateway.sqlite.turn import Turn

T = TypeVar("T")
Work = Callable[[apsw.Connection], T]
Item = tuple[Work[Any], "asyncio.Future[Any]"]

GROUP = 256
"""Most units of work per commit: beyond this a commit's latency grows and nothing is gained."""

WAITING = 4096
"""Bound on queued work; beyond it callers are refused at once rather than queued without end."""


class Writer:
    """The one writing connection of this process to one file.

    Work is a function of the connection. Each unit is atomic by itself (savepoint): one that raises is undone alone.
    All units of a group become durable together before any of their futures is resolved. Between processes the
    file's turn is taken before `BEGIN IMMEDIATE`. SQLite errors reach callers as the gateway's kinds; a full or
    failing disk fails the whole group, and the next group tries anew.
    """

    def __init__(
        self,
        path: Path,
        *,
        schema: str = "",
        after_commit: Callable[[], None] | None = None,
        waiting: int = WAITING,
    ) -> None:
        """Open the file, apply `schema` (idempotent DDL) and start the thread; raises `Unavailable`.

        `after_commit` is called in the writer's thread after each durable group; it must not raise nor block.
        """
        self._queue: queue.Queue[Item | None] = queue.Queue(waiting)
        self._after_commit = after_commit
        self._closed = False
        self._stopped = False
        self._turn = Turn(path)
        try:
            self._connection = _opened(path, self._turn, schema)
        except BaseException:
            self._turn.close()
            raise
        self._thread = threading.Thread(target=self._run, name=f"writer {path.name}", daemon=True)
        self._thread.start()

    async def run(self, work: Work[T]) -> T:
        """Do the work in a group's transaction; durable on return. Raises the work's own or a mapped error.

        Cancelling the caller does not take the work back: it is done all the same.
        """
        if self._closed:
            raise Unavailable("closed", "The database is closed.")
        if self._stopped:
            raise _stopped()
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
        await asyncio.to_thread(self._finish)

    def _finish(self) -> None:
        self._queue.put(None)
        self._thread.join()
        # The last connection to close checkpoints the log: the same turn as for any other write.
        with self._turn.held():
            self._connection.close()
        self._turn.close()

    def _run(self) -> None:
        stopping = False
        while not stopping:
            group, stopping = self._gather()
            try:
                if group:
                    self._commit(group)
            except BaseException:
                # Nobody may wait for ever for a thread that is gone.
                self._stopped = True
                _resolve([(future, Done(error=_stopped())) for _, future in group + self._rest()])
                raise

    def _commit(self, group: list[Item]) -> None:
        done = commit_group(self._connection, self._turn, [work for work, _ in group])
        _resolve(list(zip((future for _, future in group), done, strict=True)))
        if self._after_commit is not None and any(answer.error is None for answer in done):
            self._after_commit()

    def _gather(self) -> tuple[list[Item], bool]:
        """Wait for work, then take along what else is queued; True when it was the last."""
        group: list[Item] = []
        item = self._queue.get()
        while item is not None:
            group.append(item)
            if len(group) == GROUP:
                return group, False
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return group, False
        return group, True

    def _rest(self) -> list[Item]:
        rest: list[Item] = []
        while not self._queue.empty():
            item = self._queue.get_nowait()
            if item is not None:
                rest.append(item)
        return rest


def _stopped() -> Unavailable:
    return Unavailable("writer_stopped", "The writing thread has stopped.")


def _opened(path: Path, turn: Turn, schema: str) -> apsw.Connection:
    """Open under the file's turn: two processes that switch a new file to WAL at once would find it locked."""
    with turn.held():
        connection = connect(path)
        try:
            connection.execute("begin immediate")
            connection.execute(schema)
            connection.execute("commit")
        except apsw.Error as error:
            connection.close()
            raise mapped(error) from error
    return connection


def _resolve(done: list[tuple["asyncio.Future[Any]", Done]]) -> None:
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Done]]] = {}
    for entry in done:
        loops.setdefault(entry[0].get_loop(), []).append(entry)
    for loop, entries in loops.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle, entries)


def _settle(entries: list[tuple["asyncio.Future[Any]", Done]]) -> None:
    for future, answer in entries:
        if future.done():
            continue
        if answer.error is None:
            future.set_result(answer.value)
        else:
            future.set_exception(answer.error)
