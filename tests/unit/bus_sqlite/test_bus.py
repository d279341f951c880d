"""What the embedded bus promises beyond the port."""

import asyncio
import logging
import socket
import stat
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest

from gateway.bus.opening import open_bus
from gateway.bus.port import Beginning, Record
from gateway.bus.sqlite import SqliteBus, waking
from gateway.bus.sqlite.waking import WakeSocket
from gateway.errors import Conflict, Invalid, Unavailable
from schemas.envelope import Message
from tests.contract.bus_play import (
    Seen,
    caught_up,
    child,
    consuming,
    eventually,
    everything,
    forwarded,
    ids,
    line,
    message,
)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "bus"


@pytest.fixture
async def source(folder: Path) -> AsyncIterator[SqliteBus]:
    bus = SqliteBus(folder, "web_ingest.read", clock=now)
    yield bus
    await bus.close()


@pytest.fixture
async def normalizer(folder: Path) -> AsyncIterator[SqliteBus]:
    bus = SqliteBus(folder, "normalizer", clock=now)
    yield bus
    await bus.close()


def file_of(folder: Path) -> bytes:
    (path,) = folder.glob("*.db")
    return path.read_bytes()


def names(folder: Path, pattern: str = "*") -> list[str]:
    return sorted(path.name for path in folder.glob(pattern))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def pragma(bus: SqliteBus, text: str) -> object:
    writer = await bus._own()
    return await writer.run(lambda connection: connection.execute(f"pragma {text}").get)


async def test_what_is_acknowledged_survives_a_power_cut(source: SqliteBus) -> None:
    assert (await pragma(source, "synchronous"), await pragma(source, "journal_mode")) == (2, "wal")
    assert await pragma(source, "page_size") == 8192


async def test_a_bus_that_only_reads_makes_no_file_of_its_own(folder: Path, source: SqliteBus) -> None:
    await source.publish(message(1))
    reader = SqliteBus(folder, "cli", clock=now)
    assert ids(await everything(reader)) == ["1"]
    await reader.close()
    assert names(folder, "*.db") == ["web_ingest.read.db"]


async def test_only_the_owner_may_look_into_the_folder(folder: Path, source: SqliteBus) -> None:
    await source.publish(message(1))
    found = names(folder, "*.db*")
    assert len(found) == 4
    assert mode(folder) == 0o700
    assert {mode(folder / name) for name in found} == {0o600}


async def test_a_group_belongs_to_the_stage_that_first_read_for_it(source: SqliteBus, normalizer: SqliteBus) -> None:
    await source.publish(message(1))
    seen = Seen()
    async with consuming(normalizer, seen):
        await seen.count(1)
    with pytest.raises(Conflict, match="group_of_other_stage"):
        await source.consume("inbound", group="normalizer", handler=Seen())


async def test_a_full_disk_holds_output_and_progress_back_together_and_loses_neither(
    source: SqliteBus, normalizer: SqliteBus, caplog: pytest.LogCaptureFixture
) -> None:
    full = asyncio.Event()
    caplog.set_level(logging.WARNING)
    pages = await pragma(normalizer, "page_count")
    await pragma(normalizer, f"max_page_count={pages}")
    calls: list[str] = []

    async def handler(record: Record) -> Sequence[Message]:
        calls.append(record.message.id)
        full.set()
        return [message(record.message.id, topic="tickets", value=b"x" * 50_000)]

    await source.publish(*(message(number) for number in range(5)))
    async with consuming(normalizer, handler):
        await asyncio.wait_for(full.wait(), 30)
        await eventually(lambda: any(found.msg == "bus_unavailable" for found in caplog.records))
        assert await everything(source, "tickets") == []
        with pytest.raises(Unavailable, match="disk_full"):
            await normalizer.publish(message("own", topic="tickets", value=b"x" * 50_000))
        await pragma(normalizer, "max_page_count=1000000")
    # Stopping completes what was finished: nothing is handled twice, nothing published twice.
    assert calls == ["0", "1", "2", "3", "4"]
    assert ids(await everything(source, "tickets")) == calls
    assert (await source.lag("inbound", group="normalizer")).messages == 0


async def test_a_completion_whose_answer_was_lost_is_not_written_twice(
    source: SqliteBus, normalizer: SqliteBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = await normalizer._own()
    answered = writer.run
    failures = iter([True, False, True])

    async def unclear(work: object) -> object:
        found = await answered(work)  # type: ignore[arg-type]
        if found is None and next(failures, False):
            raise Unavailable("database_unavailable", retry_after=0.01)
        return found

    monkeypatch.setattr(writer, "run", unclear)
    await source.publish(*(message(number) for number in range(3)))
    async with consuming(normalizer, forwarded):
        await caught_up(source)
        await source.publish(*(message(number) for number in range(3, 6)))
        await caught_up(source)
    assert ids(await everything(source, "tickets")) == ["0", "1", "2", "3", "4", "5"]


async def test_a_reader_that_missed_its_wake_up_looks_by_itself(
    source: SqliteBus, normalizer: SqliteBus, folder: Path
) -> None:
    seen = Seen()
    async with consuming(normalizer, seen):
        await source.publish(message(1))
        await caught_up(source)
        for name in names(folder / "wake"):
            (folder / "wake" / name).unlink()
        for number in range(2, 12):
            await source.publish(message(number))
        await seen.count(11)
    assert ids(seen.records) == [str(number) for number in range(1, 12)]


async def test_closing_ends_a_follower_though_nothing_is_written(
    source: SqliteBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waking, "LOOK_SECONDS", 3600.0)
    await source.publish(message(1))
    waiting = asyncio.Event()

    async def follow() -> list[str]:
        found = []
        async for record in source.read("inbound", start=Beginning(), follow=True):
            found.append(record.message.id)
            asyncio.get_running_loop().call_later(0.05, waiting.set)
        return found

    following = asyncio.create_task(follow())
    await asyncio.wait_for(waiting.wait(), 30)
    await source.close()
    assert await asyncio.wait_for(following, 30) == ["1"]


async def test_sockets_of_dead_readers_are_swept_away(
    source: SqliteBus, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = WakeSocket(folder, "inbound")
    reader.close()
    monkeypatch.chdir(folder / "wake")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as dead:
        dead.bind(reader.name)
    assert names(folder / "wake") == [reader.name]
    await source.publish(message(1))
    await eventually(lambda: names(folder / "wake") == [])


async def test_a_folder_may_have_a_long_path(tmp_path: Path) -> None:
    bus = SqliteBus(tmp_path / ("very_long_" * 12), "normalizer", clock=now)
    await bus.publish(message(1))
    seen = Seen()
    async with consuming(bus, seen):
        await seen.count(1)
        await bus.publish(message(2))
        await seen.count(2)
    await bus.close()


async def test_records_deleted_before_they_were_read_are_told(
    source: SqliteBus, normalizer: SqliteBus, caplog: pytest.LogCaptureFixture
) -> None:
    await source.publish(message(0))
    async with consuming(normalizer, Seen()):
        await caught_up(normalizer)
    await source.publish(message(1), message(2))
    await source.trim("inbound", before=now())
    await source.publish(message(3))
    async with consuming(normalizer, Seen()):
        await caught_up(normalizer)
    (told,) = [found for found in caplog.records if found.msg == "unread_records_deleted"]
    assert (told.levelname, vars(told)["n"]) == ("ERROR", 2)


async def test_a_foreign_or_half_made_file_does_not_disturb(folder: Path, source: SqliteBus) -> None:
    await source.publish(message(1))
    (folder / "coming.db").touch(mode=0o600)
    foreign = apsw.Connection(str(folder / "foreign.db"))
    foreign.execute("pragma journal_mode=wal").get  # noqa: B018 - executes the statement to its end
    foreign.execute("create table other (name text)")
    assert ids(await everything(source)) == ["1"]
    foreign.close()


async def test_a_damaged_stage_file_is_told_rather_than_passed_over(folder: Path, source: SqliteBus) -> None:
    await source.publish(message(1))
    (folder / "damaged.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(Unavailable):
        await everything(source)


@pytest.mark.parametrize(
    "url", ["", "sqlite://", "sqlite:///", "kafka://", "kafka://broker:9092,", "amqp://broker", "data"]
)
def test_a_url_of_no_bus_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="unknown_bus"):
        open_bus(url, "normalizer", clock=now)


@pytest.mark.parametrize("stage", ["", "../normalizer", "a/b", "Normalizer", "normalizer.", "a..b"])
def test_a_stage_that_is_no_file_name_is_refused(stage: str, folder: Path) -> None:
    with pytest.raises(Invalid, match="bad_stage"):
        SqliteBus(folder, stage, clock=now)


async def test_a_url_names_a_folder(folder: Path) -> None:
    bus = open_bus(f"sqlite:///{folder}", "cli", clock=now)
    await bus.publish(message(1))
    assert ids([record async for record in bus.read("inbound", start=Beginning())]) == ["1"]
    await bus.close()
    assert (folder / "cli.db").exists()


async def test_buses_of_one_process_share_what_they_read_by_until_the_last_is_closed(folder: Path) -> None:
    first = SqliteBus(folder, "web_ingest.read", clock=now)
    await first.publish(message(1))
    assert ids(await everything(first)) == ["1"]
    others = [SqliteBus(folder, f"stage{number}", clock=now, beside=first) for number in range(5)]
    for other in others:
        assert ids(await everything(other)) == ["1"]
    assert descriptors(folder / "web_ingest.read.db") <= 2, "one writes, one reads"
    await first.close()
    with pytest.raises(Unavailable, match="closed"):
        await first.topics()
    assert ids(await everything(others[0])) == ["1"]
    late = SqliteBus(folder, "late", clock=now, beside=first)
    assert ids(await everything(late)) == ["1"], "beside a closed one it opens files of its own"
    for other in (*others, late):
        await other.close()
    assert descriptors(folder / "web_ingest.read.db") == 0


def descriptors(path: Path) -> int:
    """How often this process has a file open."""
    links = (link for link in Path("/proc/self/fd").iterdir() if link.is_symlink())
    return sum(link.resolve() == path.resolve() for link in links)


async def test_an_id_that_a_stage_published_on_a_topic_is_not_published_there_again(source: SqliteBus) -> None:
    await source.publish(message(1), message(1))
    await source.publish(message(1), message(2), message(1, topic="tickets"))
    assert ids(await everything(source)) == ["1", "2"]
    assert [record.offset for record in await everything(source)] == [0, 1]
    assert ids(await everything(source, "tickets")) == ["1"]


async def test_another_stage_may_publish_the_same_id(source: SqliteBus, normalizer: SqliteBus) -> None:
    await source.publish(message(1))
    await normalizer.publish(message(1))
    assert ids(await everything(source)) == ["1", "1"]


async def test_what_retention_deleted_does_not_lie_in_the_file_any_more(folder: Path) -> None:
    bus = SqliteBus(folder, "web_ingest.read", clock=now)
    words = "Nguyễn Văn An".encode()
    for number in range(300):
        await bus.publish(replace(message(number), value=words * (1 + number % 3 * 1000)))
    await bus.publish(message("kept"))
    await bus.close()
    assert words in file_of(folder)
    bus = SqliteBus(folder, "web_ingest.read", clock=now)
    await bus.trim("inbound", before=now())
    await bus.publish(message("later"))
    await bus.close()
    assert words not in file_of(folder)


async def test_after_retention_an_id_is_new_again(source: SqliteBus) -> None:
    await source.publish(message(1))
    await source.trim("inbound", before=now())
    await source.publish(message(1))
    assert [record.offset for record in await everything(source)] == [1]


async def test_a_partition_is_a_producing_stage_and_its_offsets_have_no_gaps(folder: Path, source: SqliteBus) -> None:
    other = SqliteBus(folder, "cli", clock=now)
    for number in range(6):
        await (source, other)[number % 2].publish(message(number))
    found = [(record.partition, record.offset) for record in await everything(source)]
    assert found == [(stage, offset) for offset in range(3) for stage in ("web_ingest.read", "cli")]
    await other.close()


async def test_retention_deletes_only_this_stages_records_and_counts_them(folder: Path, source: SqliteBus) -> None:
    other = SqliteBus(folder, "cli", clock=now)
    await source.publish(*(message(number) for number in range(1200)))
    await other.publish(message("other"))
    assert await source.trim("inbound", before=now() + timedelta(seconds=1)) == 1200
    assert ids(await everything(source)) == ["other"]
    await other.close()


async def test_one_owner_reads_all_and_a_second_copy_waits(
    folder: Path, source: SqliteBus, normalizer: SqliteBus
) -> None:
    copy = SqliteBus(folder, "normalizer", clock=now)
    one, other = Seen(forwarded), Seen(forwarded)
    async with consuming(normalizer, one):
        await source.publish(message(1))
        await one.count(1)
        async with consuming(copy, other):
            await source.publish(message(2), message(3))
            await one.count(3)
            await caught_up(source)
            assert other.records == []
            await normalizer.close()
            await source.publish(message(4))
            await other.count(1)
    assert (ids(one.records), ids(other.records)) == (["1", "2", "3"], ["4"])
    await copy.close()


async def test_nobody_waits_for_the_lease_of_an_owner_that_was_killed(folder: Path, source: SqliteBus) -> None:
    await source.publish(message(1))
    process = await child("hang", f"sqlite:///{folder}", "normalizer")
    assert await line(process) == "handling"
    process.kill()
    await process.wait()
    patient = SqliteBus(folder, "normalizer", clock=now, lease_seconds=3600)
    seen = Seen()
    async with consuming(patient, seen):
        await seen.count(1)
    await patient.close()
