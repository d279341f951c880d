"""What the embedded bus promises beyond the port."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway.bus.port import Beginning, Record
from gateway.bus.sqlite import SqliteBus, waking
from gateway.errors import Conflict, Unavailable
from gateway.sqlite.writer import Work
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
from tests.unit.bus_sqlite.conftest import now


async def pragma(bus: SqliteBus, text: str) -> object:
    writer = await bus._own()
    return await writer.run(lambda connection: connection.execute(f"pragma {text}").get)


async def test_what_is_acknowledged_survives_a_power_cut(source: SqliteBus) -> None:
    assert (await pragma(source, "synchronous"), await pragma(source, "journal_mode")) == (2, "wal")
    assert await pragma(source, "page_size") == 8192


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

    async def unclear(work: Work[object]) -> object:
        found = await answered(work)
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


async def test_a_reader_reads_on_and_is_woken_without_having_to_look_by_itself(
    source: SqliteBus, normalizer: SqliteBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads no second time to find nothing, so what it takes for the end must be one."""
    monkeypatch.setattr(waking, "LOOK_SECONDS", 300.0)
    await source.publish(*(message(number) for number in range(350)))
    seen = Seen()
    async with consuming(normalizer, seen):
        await seen.count(350)
        await asyncio.gather(*(source.publish(message(number)) for number in range(350, 400)))
        await seen.count(400)
        for number in range(400, 450):
            await source.publish(message(number))
        await seen.count(450)
    assert ids(seen.records) == [str(number) for number in range(450)]


async def test_a_reader_that_missed_its_wake_up_looks_by_itself(
    source: SqliteBus, normalizer: SqliteBus, folder: Path
) -> None:
    seen = Seen()
    async with consuming(normalizer, seen):
        await source.publish(message(1))
        await caught_up(source)
        for socket_file in list((folder / "wake").iterdir()):
            socket_file.unlink()
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
