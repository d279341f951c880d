"""Due times are published by one holder of the lease, once, and again only when nobody recorded them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest_asyncio

from gateway.bus.opening import open_bus
from gateway.bus.port import Beginning, Bus, Record
from gateway.domain.tracing import entering
from gateway.runtime.metrics import Metrics
from gateway.runtime.scheduler import AGAIN, BATCH, LEASE, LOOK, Scheduler
from gateway.store.opening import open_store
from gateway.store.port import Commit, Store, Timer
from schemas.envelope import Message
from schemas.timer import TimerDue
from schemas.topics import consumers_of
from tests.contract.bus_play import caught_up, consuming

START = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Bench:
    """A scheduler's surroundings, with a clock in the test's hand."""

    store: Store
    bus: Bus
    now: datetime = START

    def scheduler(self, owner: str = "one") -> Scheduler:
        """One of several processes."""
        return Scheduler(self.store, self.bus, owner=owner, clock=lambda: self.now, metrics=Metrics())

    async def set_timer(self, number: int, due_at: datetime) -> str:
        """Open a history with a due time; returns its name."""
        history = f"conversation/{number:032x}"
        timer = Timer(history, "quiet", due_at)
        await self.store.record(Commit(uuid4(), history, 1, START, f"{number:032x}", b"[]", timers_set=(timer,)))
        return history

    async def close_timer(self, history: str) -> None:
        """Record what its writer makes of the due time."""
        await self.store.record(Commit(uuid4(), history, 2, START, "0" * 32, b"[]", timers_cancelled=("quiet",)))

    async def handled(self, *groups: str) -> None:
        """Let these groups handle what was published so far."""
        for group in groups:
            async with consuming(self.bus, nothing, topic="timers", group=group):
                await caught_up(self.bus, topic="timers", group=group)

    async def published(self) -> list[TimerDue]:
        """Everything on the topic so far."""
        records = self.bus.read("timers", start=Beginning())
        return [TimerDue.model_validate_json(record.message.value) async for record in records]


async def nothing(_: Record) -> Sequence[Message]:
    """Handle a record without anything following from it."""
    return ()


@pytest_asyncio.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made: list[Bench] = []

    def clock() -> datetime:
        return made[0].now if made else START

    store = open_store(f"sqlite:///{tmp_path / 'store.db'}", clock=clock)
    bus = open_bus(f"sqlite:///{tmp_path / 'bus'}", "scheduler", clock=clock)
    made.append(Bench(store, bus))
    yield made[0]
    await bus.close()
    await store.close()


async def test_a_due_time_is_published_when_it_is_reached_and_not_before(bench: Bench) -> None:
    history = await bench.set_timer(1, START + timedelta(seconds=45))
    scheduler = bench.scheduler()
    assert await scheduler.tick() == 0
    bench.now += timedelta(seconds=45)
    assert await scheduler.tick() == 1
    (timer,) = await bench.published()
    assert (timer.history, timer.kind, timer.due_at) == (history, "quiet", START + timedelta(seconds=45))


async def test_a_due_time_begins_a_trace(bench: Bench) -> None:
    await bench.set_timer(1, START)
    await bench.scheduler().tick()
    [record] = [record async for record in bench.bus.read("timers", start=Beginning())]
    assert record.message == entering(record.message)


async def test_a_due_time_under_way_is_not_repeated_until_it_seems_lost(bench: Bench) -> None:
    await bench.set_timer(1, START)
    scheduler = bench.scheduler()
    assert [await scheduler.tick(), await scheduler.tick()] == [1, 0]
    await bench.handled(*consumers_of("timers"))
    bench.now += AGAIN
    assert await scheduler.tick() == 1
    # The repeat has the same id, so on the embedded bus it is there already.
    assert len(await bench.published()) == 1


async def test_a_due_time_that_waits_its_turn_is_not_lost(bench: Bench) -> None:
    """While stages are behind, repeats would only put them further behind."""
    await bench.set_timer(1, START)
    scheduler = bench.scheduler()
    await scheduler.tick()
    bench.now += AGAIN * 10
    assert await scheduler.tick() == 0
    await bench.handled("normalizer")
    bench.now += LOOK
    assert await scheduler.tick() == 0
    await bench.handled("dispatcher")
    bench.now += LOOK
    assert await scheduler.tick() == 1


async def test_a_recorded_due_time_is_over(bench: Bench) -> None:
    history = await bench.set_timer(1, START)
    scheduler = bench.scheduler()
    await scheduler.tick()
    await bench.close_timer(history)
    bench.now += AGAIN * 2
    assert await scheduler.tick() == 0


async def test_only_the_holder_of_the_lease_publishes(bench: Bench) -> None:
    await bench.set_timer(1, START)
    one, two = bench.scheduler("one"), bench.scheduler("two")
    assert [await one.tick(), await two.tick()] == [1, 0]
    await bench.set_timer(2, START)
    bench.now += LEASE + timedelta(seconds=1)
    assert await two.tick() == 2
    assert await one.tick() == 0


async def test_due_times_that_nobody_handles_do_not_hide_others(bench: Bench) -> None:
    for number in range(BATCH + 10):
        await bench.set_timer(number, START)
    scheduler = bench.scheduler()
    assert await scheduler.tick() == BATCH
    assert await scheduler.tick() == 10
