"""A group of units of work in one transaction: each is undone alone, all become durable together."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import apsw

from gateway.errors import Unavailable
from gateway.sqlite.commit_thread import CommitThread
from gateway.sqlite.errors import mapped
from gateway.sqlite.turn import Turn

Work = Callable[[apsw.Connection], Any]

STORAGE_FAILED = (apsw.FullError, apsw.IOError, apsw.NoMemError, apsw.CorruptError, apsw.InterruptError)
"""After one of these SQLite may have ended the whole transaction; nothing of the group is to be relied on."""

AT_ONE_GO = 16
"""Units done before everything else on the event loop gets its turn."""


class Done(NamedTuple):
    """What one unit gave: a value, or the error that undid it."""

    value: Any = None
    error: BaseException | None = None


class GroupFailed(Exception):
    """The whole transaction failed with `cause`, a driver's error."""

    def __init__(self, cause: apsw.Error) -> None:
        """Keep the driver's error."""
        super().__init__(type(cause).__name__)
        self.cause = cause


async def commit_group(
    connection: apsw.Connection, turn: Turn, group: Sequence[Work], thread: CommitThread
) -> list[Done]:
    """Do all units in one transaction and make them durable; the answers stand in the order of the units.

    A unit that raises is undone alone and answers with its own error, a driver's error mapped. When the transaction
    as a whole fails, every unit answers with the same `Unavailable`, and nothing of the group holds.
    """
    try:
        async with turn.awaited(thread):
            return await _in_transaction(connection, group, thread)
    except Unavailable as error:
        return [Done(error=Unavailable(error.reason, error.detail)) for _ in group]


async def _in_transaction(connection: apsw.Connection, group: Sequence[Work], thread: CommitThread) -> list[Done]:
    try:
        done = await _all_well(connection, group)
        if done is None:
            done = await _each_alone(connection, group)
        await thread.run(partial(connection.execute, "commit"))
    except apsw.Error as error:
        return _undone(connection, error, len(group))
    except GroupFailed as failed:
        return _undone(connection, failed.cause, len(group))
    return done


async def _all_well(connection: apsw.Connection, group: Sequence[Work]) -> list[Done] | None:
    """Do the units without savepoints; None, and nothing done, when one of them raised."""
    connection.execute("begin immediate")
    done = []
    for number, work in enumerate(group, start=1):
        try:
            done.append(Done(value=work(connection)))
        except STORAGE_FAILED as error:
            raise GroupFailed(error) from error
        except Exception:  # noqa: BLE001 - it is raised again, and answered for, when the units are done each alone
            if not connection.get_autocommit():
                connection.execute("rollback")
            return None
        if number % AT_ONE_GO == 0:
            await asyncio.sleep(0)
    return done


async def _each_alone(connection: apsw.Connection, group: Sequence[Work]) -> list[Done]:
    connection.execute("begin immediate")
    done = []
    for number, work in enumerate(group, start=1):
        done.append(_unit(connection, work))
        if number % AT_ONE_GO == 0:
            await asyncio.sleep(0)
    return done


def _unit(connection: apsw.Connection, work: Work) -> Done:
    connection.execute("savepoint unit")
    try:
        done = Done(value=work(connection))
    except apsw.Error as error:
        if isinstance(error, STORAGE_FAILED) or connection.get_autocommit():
            raise GroupFailed(error) from error
        done = Done(error=mapped(error))
    except Exception as error:  # noqa: BLE001 - handed to the caller, who awaits it; the group goes on
        done = Done(error=error)
    if done.error is not None:
        connection.execute("rollback to unit")
    connection.execute("release unit")
    return done


def _undone(connection: apsw.Connection, error: apsw.Error, size: int) -> list[Done]:
    if not connection.get_autocommit():
        connection.execute("rollback")
    return [Done(error=_group_failure(error)) for _ in range(size)]


def _group_failure(error: apsw.Error) -> Unavailable:
    """A fault of the transaction itself is nobody's input: whatever its class, every member may try again."""
    failure = mapped(error)
    return failure if isinstance(failure, Unavailable) else Unavailable("database_unavailable", type(error).__name__)
