"""Consumers are restarted after a failure, and everything stops in order when told to."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.bus.opening import open_bus
from gateway.bus.port import Bus, Record
from gateway.errors import Invalid, Unavailable
from gateway.runtime import service
from gateway.runtime.metrics import Metrics
from gateway.runtime.service import Consumer, keep_consuming, run_until
from schemas.envelope import Message

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def clock() -> datetime:
    return NOON


def message(number: int) -> Message:
    return Message("inbound", "account", f"id-{number}", "vn.1022.inbound.v1", "test", NOON, b"{}")


@pytest_asyncio.fixture
async def bus(tmp_path: Path) -> AsyncIterator[Bus]:
    opened = open_bus(f"sqlite:///{tmp_path}", "normalizer", clock=clock)
    yield opened
    await opened.close()


async def test_a_consumer_goes_on_where_it_was_after_the_lease_was_taken(bus: Bus, tmp_path: Path) -> None:
    seen: list[str] = []
    enough = asyncio.Event()

    async def handle(record: Record) -> Sequence[Message]:
        seen.append(record.message.id)
        if len(seen) == 2:
            enough.set()
        return ()

    await bus.publish(message(1), message(2))
    consumer = Consumer("normalizer", "inbound", handle)
    running = asyncio.create_task(keep_consuming(consumer, bus, metrics=Metrics(), clock=clock))
    await asyncio.wait_for(enough.wait(), 10)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert seen == ["id-1", "id-2"]
    assert (await bus.lag("inbound", group="normalizer")).messages == 0


async def test_a_consumer_that_fails_is_started_again(
    bus: Bus, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(service, "FIRST_PAUSE", 0.0)
    again = asyncio.Event()
    metrics = Metrics()
    starts = 0

    class Failing:
        """A bus whose first two owners lose what they need."""

        async def consume(self, topic: str, *, group: str, handler: object) -> None:
            nonlocal starts
            starts += 1
            if starts < 3:
                raise Unavailable("database_unavailable")
            again.set()
            await asyncio.Event().wait()

    consumer = Consumer("normalizer", "inbound", _nothing)
    running = asyncio.create_task(keep_consuming(consumer, Failing(), metrics=metrics, clock=clock))  # type: ignore[arg-type]
    await asyncio.wait_for(again.wait(), 10)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert metrics.restarts.labels("normalizer", "inbound")._value.get() == 2


async def _nothing(_: Record) -> Sequence[Message]:
    return ()


async def test_all_work_is_cancelled_and_awaited_when_told_to_stop() -> None:
    stop = asyncio.Event()
    cleaned: list[str] = []

    async def work(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append(name)

    running = asyncio.create_task(run_until(stop, [work("a"), work("b")]))
    await asyncio.sleep(0)
    stop.set()
    await running
    assert sorted(cleaned) == ["a", "b"]


async def test_an_unforeseen_failure_stops_everything_and_is_raised() -> None:
    cleaned = asyncio.Event()

    async def failing() -> None:
        raise Invalid("settings")

    async def other() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.set()

    with pytest.raises(Invalid, match="settings"):
        await run_until(asyncio.Event(), [other(), failing()])
    assert cleaned.is_set()


async def test_a_failure_while_stopping_is_logged_not_lost(caplog: pytest.LogCaptureFixture) -> None:
    stop = asyncio.Event()

    async def failing_late() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise Unavailable("database_unavailable")

    running = asyncio.create_task(run_until(stop, [failing_late()]))
    await asyncio.sleep(0)
    stop.set()
    await running
    assert [entry.message for entry in caplog.records] == ["failed_while_stopping"]
