"""What lies in the folder of the embedded bus: private, found by a long path, and told when it is damaged."""

import socket
import stat
from pathlib import Path

import apsw
import pytest

from gateway.bus.opening import open_bus
from gateway.bus.port import Beginning
from gateway.bus.sqlite import SqliteBus
from gateway.bus.sqlite.waking import WakeSocket
from gateway.errors import Invalid, Unavailable
from tests.contract.bus_play import (
    Seen,
    consuming,
    eventually,
    everything,
    ids,
    message,
)
from tests.unit.bus_sqlite.conftest import now


def names(folder: Path, pattern: str = "*") -> list[str]:
    return sorted(path.name for path in folder.glob(pattern))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


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
