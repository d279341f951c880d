"""Group commit: many asynchronous writers share one fsync, and several processes share one file fairly."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import apsw

from gateway.errors import Unavailable
from gateway.sqlite.commit_thread import CommitThread
from gateway.sqlite.connection import connect
from gateway.sqlite.errors import mapped
from gateway.sqlite.group import Done, commit_group
from gateway.sqlite.turn import Turn

log = logging.getLogger(__name__)

T = TypeVar("T")
Work = Callable[[apsw.Connection], T]
Item = tuple[Work[Any], "asyncio.Future[Any]"]

GROUP = 256
"""Most units of work per commit: beyond this a commit's latency grows and nothing is gained."""

WAITING = 4096
"""Bound on queued work; beyond it callers are refused at once rather than queued without end."""


class Writer:
    """The one writing connection of this process to one file, for one event loop.

    Work is a function of the connection that may be called twice (the first call undone). Each unit is atomic by
    itself: one that raises is undone alone. All units of a group become durable together before any of their futures
    is resolved. Between processes the file's turn is taken before `BEGIN IMMEDIATE`. SQLite errors reach callers as
    the gateway's kinds; a full or failing disk fails the whole group, and the next group tries anew.

    Statements run on the event loop, the commit with its fsync in a thread. A statement works in memory and takes
    some ten microseconds; in a thread of its own it would have to win the interpreter's lock back from the busy loop
    after every single one, which costs far more than the statement (docs/decisions/0007).
    """

    def __init__(
        self,
        path: Path,
        *,
        schema: str = "",
        after_commit: Callable[[], None] | None = None,
        waiting: int = WAITING,
    ) -> None:
        """Open the file and apply `schema` (idempotent DDL); raises `Unavailable`.

        `after_commit` is called on the event loop after each durable group; it must not raise nor block.
        """
        self._queue: deque[Item] = deque()
        self._waiting = waiting
        self._after_commit = after_commit
        self._closed = False
        self._pump: asyncio.Task[None] | None = None
        self._turn = Turn(path)
        try:
            self._connection = _opened(path, self._turn, schema)
        except BaseException:
            self._turn.close()
            raise
        self._thread = CommitThread(f"commit {path.name}")

    async def run(self, work: Work[T]) -> T:
        """Do the work in a group's transaction; durable on return. Raises the work's own or a mapped error.

        Cancelling the caller does not take the work back: it is done all the same.
        """
        if self._closed:
            raise Unavailable("closed", "The database is closed.")
        if len(self._queue) >= self._waiting:
            raise Unavailable("overloaded", "Too many writes are waiting.", retry_after=1.0)
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.append((work, future))
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._commit_groups())
        return await future

    async def close(self) -> None:
        """Finish what is queued, then close the file."""
        if self._closed:
            return
        self._closed = True
        if self._pump is not None:
            await self._pump
        await self._thread.run(self._finish)
        self._thread.end()

    def _finish(self) -> None:
        # The last connection to close checkpoints the log: the same turn as for any other write.
        with self._turn.held():
            self._connection.close()
        self._turn.close()

    async def _commit_groups(self) -> None:
        group: list[Item] = []
        try:
            while self._queue:
                group = [self._queue.popleft() for _ in range(min(GROUP, len(self._queue)))]
                done = await commit_group(self._connection, self._turn, [work for work, _ in group], self._thread)
                _settle(group, done)
                group = []
                if self._after_commit is not None and any(answer.error is None for answer in done):
                    self._after_commit()
        except BaseException as error:
            # Nobody may wait for ever for a group that will not come; who comes next begins anew.
            rest = [*group, *self._queue]
            self._queue.clear()
            _settle(rest, [Done(error=Unavailable("writer_stopped", "Writing was broken off.")) for _ in rest])
            log.critical("writer_stopped", extra={"error": type(error).__name__})
            if not isinstance(error, Exception):
                raise


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


def _settle(group: list[Item], done: list[Done]) -> None:
    for (_, future), answer in zip(group, done, strict=True):
        if future.done():
            continue
        if answer.error is None:
            future.set_result(answer.value)
        else:
            future.set_exception(answer.error)
