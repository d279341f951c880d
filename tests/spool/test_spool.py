"""What a channel received is durable and stays in order whatever the bus does, and reaches it when it is well again."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.bus.port import Bus
from gateway.errors import Invalid, Unavailable
from gateway.runtime.metrics import Metrics
from gateway.runtime.spool import edge as spool
from gateway.runtime.spool.backlog import Backlog
from gateway.runtime.spool.edge import EdgeBus, keep_figures
from schemas.envelope import Message
from tests.spool.failing_bus import FailingBus, Mood

STAGE = "zalo_ingest.receive"
SOON = 0.1
"""Seconds after which these tests' bus counts as silent."""

SECONDS = 30.0


def message(number: int, key: str = "oa", *, size: int = 10, kind: str = "vn.1022.raw.v1") -> Message:
    return Message("raw.zalo", key, f"{key}-{number}", kind, "test", datetime.now(UTC), b"x" * size)


def enough_room() -> None:
    """The disk has room."""


def no_room() -> None:
    raise Unavailable("disk_full", "There is too little free space.")


def edge_of(folder: Path, bus: Bus, check_room: Callable[[], None] = enough_room) -> EdgeBus:
    return EdgeBus(bus, Backlog(folder, STAGE, lambda: datetime.now(UTC)), check_room, confirm_seconds=SOON)


@asynccontextmanager
async def running(edge: EdgeBus) -> AsyncIterator[EdgeBus]:
    """The edge with its forwarder; a crash leaves as much behind as this does."""
    task = asyncio.create_task(edge.run())
    try:
        yield edge
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await edge.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not true():  # noqa: ASYNC110 - it comes through a file
            await asyncio.sleep(0.005)


async def straight(edge: EdgeBus) -> None:
    """Wait until messages go straight to the bus."""
    await until(lambda: not edge.spooling)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "HAND_ON_SECONDS", 0.5)
    monkeypatch.setattr(spool, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(spool, "LONGEST_PAUSE", 0.05)


@pytest.fixture
def bus() -> FailingBus:
    return FailingBus()


async def test_a_bus_that_confirms_is_all_there_is(tmp_path: Path, bus: FailingBus) -> None:
    async with running(edge_of(tmp_path, bus)) as edge:
        await straight(edge)
        for number in range(3):
            await edge.publish(message(number))
        assert bus.first() == ["oa-0", "oa-1", "oa-2"]
        assert bus.attempts == 3
    assert f"{STAGE}.db" not in names(tmp_path)


@pytest.mark.parametrize("mood", [Mood.REFUSES, Mood.SILENT, Mood.TAKES_AND_IS_SILENT])
async def test_what_the_bus_does_not_confirm_reaches_it_later_in_order(
    tmp_path: Path, bus: FailingBus, mood: Mood
) -> None:
    async with running(edge_of(tmp_path, bus)) as edge:
        await straight(edge)
        await edge.publish(message(0))
        bus.mood = mood
        for number in range(1, 150):
            await edge.publish(message(number))
        assert edge.spooling
        assert (await edge.size()).messages > 0
        bus.mood = Mood.WELL
        await straight(edge)
        await edge.publish(message(150))
    assert bus.first() == [f"oa-{number}" for number in range(151)]


async def test_only_the_first_waits_for_a_silent_bus(tmp_path: Path, bus: FailingBus) -> None:
    async with running(edge_of(tmp_path, bus)) as edge:
        await straight(edge)
        bus.mood = Mood.SILENT
        await asyncio.gather(*(edge.publish(message(number)) for number in range(50)))
        before = bus.attempts
        await asyncio.gather(*(edge.publish(message(number)) for number in range(50, 100)))
        # What the forwarder tries is one more now and then; none of the fifty tried for itself.
        assert bus.attempts - before < 10
        bus.mood = Mood.WELL
        await straight(edge)
    assert bus.first() == [f"oa-{number}" for number in range(100)]


async def test_what_a_dead_process_left_goes_first(tmp_path: Path, bus: FailingBus) -> None:
    bus.mood = Mood.REFUSES
    dead = edge_of(tmp_path, bus)
    await dead.publish(message(0), message(1))
    bus.mood = Mood.WELL
    async with running(edge_of(tmp_path, bus)) as edge:
        await edge.publish(message(2))
        await straight(edge)
        await edge.publish(message(3))
    await dead.close()
    assert bus.first() == [f"oa-{number}" for number in range(4)]


async def test_dying_between_handing_on_and_forgetting_repeats_the_same_ids(tmp_path: Path, bus: FailingBus) -> None:
    bus.mood = Mood.REFUSES
    dead = edge_of(tmp_path, bus)
    for number in range(5):
        await dead.publish(message(number))
    bus.mood = Mood.TAKES_AND_IS_SILENT
    async with running(dead):
        await until(lambda: bool(bus.reached))
    bus.mood = Mood.WELL
    async with running(edge_of(tmp_path, bus)) as edge:
        await straight(edge)
        assert (await edge.size()).messages == 0
    assert bus.first() == [f"oa-{number}" for number in range(5)]
    assert len(bus.reached) == 10


async def test_a_full_disk_matters_only_while_the_bus_does_not_confirm(tmp_path: Path, bus: FailingBus) -> None:
    async with running(edge_of(tmp_path, bus, no_room)) as edge:
        await straight(edge)
        await edge.publish(message(0))
        assert edge.not_ready() is None
        bus.mood = Mood.REFUSES
        with pytest.raises(Unavailable, match="disk_full"):
            await edge.publish(message(1))
        # Every further one is refused at once, and the probe knows, until the bus answers again.
        for _ in range(3):
            assert edge.not_ready() == "disk_full"
            attempts = bus.attempts
            with pytest.raises(Unavailable, match="disk_full"):
                await edge.publish(message(1))
            assert bus.attempts == attempts
        bus.mood = Mood.WELL
        await straight(edge)
        await edge.publish(message(1))
    assert bus.first() == ["oa-0", "oa-1"]


async def test_what_can_never_be_published_is_told_and_not_kept(tmp_path: Path, bus: FailingBus) -> None:
    async with running(edge_of(tmp_path, bus)) as edge:
        await straight(edge)
        with pytest.raises(Invalid, match="message_too_large"):
            await edge.publish(message(0, kind="poison"))
        assert not edge.spooling


async def test_the_disk_gets_its_space_back(tmp_path: Path, bus: FailingBus) -> None:
    bus.mood = Mood.REFUSES
    async with running(edge_of(tmp_path, bus)) as edge:
        for number in range(20):
            await edge.publish(message(number, size=200_000))
        full = used(tmp_path)
        bus.mood = Mood.WELL
        await straight(edge)
        await until(lambda: used(tmp_path) <= 200_000)
    assert full > 4_000_000


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def used(folder: Path) -> int:
    """Bytes on disk."""
    return sum(path.stat().st_blocks * 512 for path in folder.iterdir())


async def test_two_copies_on_one_folder_hand_everything_on(tmp_path: Path, bus: FailingBus) -> None:
    bus.mood = Mood.REFUSES
    async with running(edge_of(tmp_path, bus)) as one, running(edge_of(tmp_path, bus)) as other:
        for number in range(20):
            await (one if number % 2 else other).publish(message(number, key=f"key{number % 2}"))
        bus.mood = Mood.WELL
        await straight(one)
        await straight(other)
    assert out_of_order(bus.reached) == []
    assert len(bus.first()) == 20


async def test_figures_show_what_waits_and_since_when(tmp_path: Path, bus: FailingBus) -> None:
    bus.mood = Mood.REFUSES
    metrics = Metrics()
    async with running(edge_of(tmp_path, bus)) as edge:
        await edge.publish(message(0))
        showing = asyncio.create_task(keep_figures([edge], metrics))
        await until(lambda: bool(metrics.registry.get_sample_value("gateway_spool_oldest_seconds")))
        assert metrics.registry.get_sample_value("gateway_spool_messages") == 1
        bus.mood = Mood.WELL
        await until(lambda: not metrics.registry.get_sample_value("gateway_spool_messages"))
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)


class Overtaking(EdgeBus):
    """A planted bug: what comes while the spool is in use tries the bus first."""

    async def publish(self, *messages: Message) -> None:
        """Publish past what waits."""
        try:
            async with asyncio.timeout(SOON):
                await self._target.publish(*messages)
        except (Unavailable, TimeoutError):
            await self._add(messages)


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_is_lost_or_overtaken_whatever_the_bus_does(tmp_path: Path, seed: int) -> None:
    bus = FailingBus()
    async with running(edge_of(tmp_path, bus)) as edge:
        acknowledged = await citizens_write(edge, bus, random.Random(seed))  # noqa: S311 - chances of a play
        await straight(edge)
    assert set(bus.first()) >= set(acknowledged)
    assert out_of_order(bus.reached) == []


async def test_the_check_of_the_order_can_fail(tmp_path: Path) -> None:
    bus = FailingBus()
    edge = Overtaking(bus, Backlog(tmp_path, STAGE, lambda: datetime.now(UTC)), enough_room, confirm_seconds=SOON)
    bus.mood = Mood.REFUSES
    await edge.publish(message(0))
    bus.mood = Mood.WELL
    await edge.publish(message(1))
    async with running(edge):
        await straight(edge)
    assert out_of_order(bus.reached) == ["oa-0"]


async def citizens_write(edge: EdgeBus, bus: FailingBus, chance: random.Random) -> Sequence[str]:
    """Twenty citizens who write the next message once the last was acknowledged, while the bus comes and goes."""
    acknowledged: list[str] = []

    async def writes(key: str) -> None:
        for number in range(25):
            sent = message(number, key=key)
            await edge.publish(sent)
            acknowledged.append(sent.id)
            await asyncio.sleep(chance.random() * 0.01)

    writing = [asyncio.create_task(writes(f"citizen{number}")) for number in range(20)]
    while not all(task.done() for task in writing):
        bus.mood = chance.choice(list(Mood))
        await asyncio.sleep(chance.random() * 0.2)
    bus.mood = Mood.WELL
    await asyncio.gather(*writing)
    return acknowledged


def out_of_order(reached: Sequence[Message]) -> list[str]:
    """Ids that came for the first time after a later one of the same citizen had come."""
    newest: defaultdict[str, int] = defaultdict(lambda: -1)
    seen: set[str] = set()
    wrong = []
    for one in reached:
        number = int(one.id.rpartition("-")[2])
        if one.id not in seen and number < newest[one.key]:
            wrong.append(one.id)
        seen.add(one.id)
        newest[one.key] = max(newest[one.key], number)
    return wrong
