"""What the group-commit writer promises to every adapter that stands on it."""

import asyncio
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import apsw
import pytest

from gateway.errors import Conflict, Invalid, Unavailable
from gateway.sqlite.connection import connect
from gateway.sqlite.reader import Reader
from gateway.sqlite.turn import Turn
from gateway.sqlite.writer import Writer
from tests.unit.sqlite.turns import awaited

SCHEMA = "create table if not exists item (number integer primary key, text blob not null)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "items.db"


@pytest.fixture
async def writer(path: Path) -> AsyncIterator[Writer]:
    opened = Writer(path, schema=SCHEMA)
    yield opened
    await opened.close()


def put(connection: apsw.Connection, number: int, size: int = 1) -> int:
    connection.execute("insert into item values (?, zeroblob(?))", (number, size))
    return number


def numbers(path: Path) -> list[int]:
    connection = connect(path, read_only=True)
    try:
        return [number for (number,) in connection.execute("select number from item order by number")]
    finally:
        connection.close()


@contextmanager
def held_up(path: Path) -> Iterator[None]:
    """Another process has the file's turn: what is queued meanwhile becomes one group."""
    turn = Turn(path)
    with turn.held():
        yield
    turn.close()


async def gathered(writer: Writer, path: Path, *works: Callable[[apsw.Connection], object]) -> list[object]:
    """Run the works as one group."""
    with held_up(path):
        tasks = [asyncio.ensure_future(writer.run(work)) for work in works]
        await awaited(path)
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_was_answered_is_in_the_file(writer: Writer, path: Path) -> None:
    assert await writer.run(lambda connection: put(connection, 7)) == 7
    assert numbers(path) == [7]


async def test_every_commit_is_synced(writer: Writer) -> None:
    assert await writer.run(lambda connection: connection.execute("pragma synchronous").get) == 2
    assert await writer.run(lambda connection: connection.execute("pragma journal_mode").get) == "wal"


def test_only_the_owner_may_read_the_file(path: Path) -> None:
    connect(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_unit_that_raises_is_undone_alone(writer: Writer, path: Path) -> None:
    def spoiled(connection: apsw.Connection) -> None:
        put(connection, 2)
        raise Invalid("spoiled")

    first, second, third, fourth = await gathered(
        writer,
        path,
        lambda connection: put(connection, 1),
        spoiled,
        lambda connection: put(connection, 1),
        lambda connection: put(connection, 3),
    )
    assert (first, fourth) == (1, 3)
    assert isinstance(second, Invalid)
    assert isinstance(third, Conflict)
    assert numbers(path) == [1, 3]


async def test_units_queued_together_share_one_commit(path: Path) -> None:
    commits: list[int] = []
    writer = Writer(path, schema=SCHEMA, after_commit=lambda: commits.append(1))
    await gathered(writer, path, *(lambda connection, at=at: put(connection, at) for at in range(50)))
    await writer.close()
    assert numbers(path) == list(range(50))
    assert len(commits) == 1


@pytest.mark.parametrize("beside", [lambda connection: put(connection, 2), lambda connection: put(connection, 1)])
async def test_a_full_disk_is_told_to_the_whole_group_and_takes_nothing_acknowledged(
    writer: Writer, path: Path, beside: Callable[[apsw.Connection], int]
) -> None:
    """Whether or not another unit fails for a reason of its own."""
    await writer.run(lambda connection: put(connection, 1))
    pages = await writer.run(lambda connection: connection.execute("pragma page_count").get)
    await writer.run(lambda connection: connection.execute(f"pragma max_page_count={pages + 4}").get)
    answers = await gathered(
        writer,
        path,
        beside,
        lambda connection: put(connection, 3, 500_000),
        lambda connection: put(connection, 4),
    )
    assert [(type(answer), getattr(answer, "reason", "")) for answer in answers] == [(Unavailable, "disk_full")] * 3
    assert numbers(path) == [1]
    await writer.run(lambda connection: connection.execute("pragma max_page_count=1000000").get)
    await writer.run(lambda connection: put(connection, 5, 500_000))
    assert numbers(path) == [1, 5]


async def test_more_work_than_the_queue_holds_is_refused_at_once(path: Path) -> None:
    writer = Writer(path, schema=SCHEMA, waiting=2)
    with held_up(path):
        first = asyncio.ensure_future(writer.run(lambda connection: put(connection, 0)))
        await awaited(path)
        queued = [asyncio.ensure_future(writer.run(partial(put, number=at))) for at in (1, 2)]
        # Each queues its work before it waits for anything.
        await asyncio.sleep(0)
        with pytest.raises(Unavailable, match="overloaded"):
            await writer.run(lambda connection: put(connection, 3))
    await asyncio.gather(first, *queued)
    await writer.close()
    assert numbers(path) == [0, 1, 2]


async def test_closing_finishes_what_is_queued_and_then_refuses(writer: Writer, path: Path) -> None:
    tasks = [asyncio.ensure_future(writer.run(partial(put, number=at))) for at in range(20)]
    await asyncio.sleep(0)
    await writer.close()
    await asyncio.gather(*tasks)
    assert numbers(path) == list(range(20))
    with pytest.raises(Unavailable, match="closed"):
        await writer.run(lambda connection: put(connection, 99))


async def test_cancelling_a_caller_takes_back_neither_its_work_nor_others(writer: Writer, path: Path) -> None:
    with held_up(path):
        leaving = asyncio.ensure_future(writer.run(lambda connection: put(connection, 1)))
        staying = asyncio.ensure_future(writer.run(lambda connection: put(connection, 2)))
        await awaited(path)
        leaving.cancel()
    await staying
    assert leaving.cancelled()
    assert numbers(path) == [1, 2]


async def test_a_callback_that_raises_leaves_nobody_waiting(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    failing = [True]

    def fails() -> None:
        if failing:
            failing.clear()
            raise RuntimeError("a callback must not raise")

    writer = Writer(path, schema=SCHEMA, after_commit=fails)
    await writer.run(lambda connection: put(connection, 1))
    await writer.run(lambda connection: put(connection, 2))
    await writer.close()
    assert numbers(path) == [1, 2]
    assert "writer_stopped" in caplog.text


async def test_the_loop_goes_on_while_a_large_group_is_written(writer: Writer, path: Path) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    await gathered(writer, path, *(lambda connection, at=at: put(connection, at) for at in range(200)))
    ticking.cancel()
    assert ticks > 200 // 16


async def test_two_writers_of_one_file_take_turns(writer: Writer, path: Path) -> None:
    other = Writer(path, schema=SCHEMA)
    turns = (writer, other) * 50
    await asyncio.gather(*(each.run(partial(put, number=at)) for at, each in enumerate(turns)))
    await other.close()
    assert numbers(path) == list(range(100))


async def test_a_writer_waits_while_another_process_has_the_turn(writer: Writer, path: Path) -> None:
    turn = Turn(path)
    with turn.held():
        waiting = asyncio.ensure_future(writer.run(lambda connection: put(connection, 1)))
        await awaited(path)
        assert not waiting.done()
    assert await waiting == 1
    turn.close()


async def test_the_reader_sees_what_was_written_and_maps_errors(writer: Writer, path: Path) -> None:
    await writer.run(lambda connection: put(connection, 1))
    reader = Reader(path)
    assert await reader.run(lambda connection: connection.execute("select number from item").get) == 1
    with pytest.raises(Invalid):
        await reader.run(lambda connection: connection.execute("select nothing from nowhere").get)
    with pytest.raises(Unavailable):
        await reader.run(lambda connection: put(connection, 2))
    await reader.close()
    with pytest.raises(Unavailable, match="closed"):
        await reader.run(lambda connection: None)


async def test_a_folder_that_is_missing_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        Writer(tmp_path / "missing" / "items.db")


async def test_a_file_that_is_not_in_wal_mode_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "plain.db").touch()
    with pytest.raises(Unavailable, match="sqlite_unsafe"):
        connect(tmp_path / "plain.db", read_only=True)


@pytest.mark.parametrize("opened", [lambda path: Writer(path, schema=SCHEMA), Reader, connect])
def test_a_file_that_is_damaged_is_named(path: Path, opened: Callable[[Path], object]) -> None:
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(Unavailable, match=r"database_damaged: items\.db: NotADBError"):
        opened(path)
