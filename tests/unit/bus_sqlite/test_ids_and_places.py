"""An id is published once per stage and topic, a place in a partition is given once, and retention keeps both true."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from gateway.bus.sqlite import SqliteBus
from tests.contract.bus_play import everything, ids, message
from tests.unit.bus_sqlite.conftest import now


def file_of(folder: Path) -> bytes:
    (path,) = folder.glob("*.db")
    return path.read_bytes()


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
