"""The figures of the whole deployment: what is late, what waits, and how far each group is behind."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from gateway.bus.opening import open_bus
from gateway.bus.port import Bus
from gateway.errors import Unavailable
from gateway.projections.fold import TICKET
from gateway.projections.port import Document
from gateway.projections.sqlite import SqliteDocuments
from gateway.runtime.dead_letters import remember_put_back
from gateway.runtime.histories import to_message
from gateway.runtime.metrics import Metrics
from gateway.runtime.province_folder import load_province
from gateway.runtime.service import Consumer
from gateway.runtime.watching import keep_watching
from gateway.runtime.watching.dead_letters import DeadLetterWatch
from gateway.runtime.watching.lag import LagWatch
from gateway.runtime.watching.tickets import DUE, NOBODY, PAGE, TicketWatch, due_state
from gateway.store.opening import open_store
from gateway.store.port import Store
from schemas.dead_letter import DeadLetter, DeadLetterPersonal
from schemas.envelope import Message
from tests.unit.filled import PROVINCE

MONDAY_MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Nine o'clock in Vietnam, on a working day."""

CALENDAR = load_province(PROVINCE).calendar
LETTER = DeadLetter(
    id=UUID(int=1),
    topic="inbound",
    group="normalizer",
    key="0" * 32,
    message_id="one",
    message_type="vn.1022.inbound.v1",
    message_source="/test",
    message_time=MONDAY_MORNING,
    stage="normalizer",
    reason="unexpected",
    detail="",
    at=MONDAY_MORNING,
    personal=DeadLetterPersonal(value=b"{}"),
)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[Bus]:
    opened = open_bus(f"sqlite:///{tmp_path / 'bus'}", "scheduler", clock=lambda: MONDAY_MORNING)
    yield opened
    await opened.close()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    await opened.close()


@pytest.fixture
async def documents(tmp_path: Path) -> AsyncIterator[SqliteDocuments]:
    opened = SqliteDocuments(tmp_path / "documents.db")
    yield opened
    await opened.close()


def ticket(key: str, state: str, *, agency: str | None, due_at: datetime | None, version: int = 1) -> Document:
    body = {"agency": agency, "due_at": None if due_at is None else due_at.isoformat()}
    return Document(TICKET, key, version, body, terms=(f"state:{state}",))


@pytest.mark.parametrize(
    ("due_at", "state"),
    [
        (None, "open"),
        (MONDAY_MORNING - timedelta(seconds=1), "overdue"),
        (MONDAY_MORNING, "overdue"),
        (MONDAY_MORNING + timedelta(hours=1), "due_soon"),
        (MONDAY_MORNING + timedelta(days=1), "open"),
    ],
)
def test_a_clock_is_overdue_due_soon_or_open(due_at: datetime | None, state: str) -> None:
    written = None if due_at is None else due_at.isoformat()
    assert due_state(written, MONDAY_MORNING, CALENDAR) == state


def test_soon_is_counted_in_working_time() -> None:
    friday_evening = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
    monday = CALENDAR.add(friday_evening, 1)
    assert monday - friday_evening > timedelta(days=2)
    assert due_state(monday.isoformat(), friday_evening, CALENDAR) == "due_soon"


async def test_open_tickets_are_counted_by_agency_and_clock(documents: SqliteDocuments) -> None:
    metrics = Metrics()
    watch = TicketWatch(documents, CALENDAR, metrics, lambda: MONDAY_MORNING)
    late = MONDAY_MORNING - timedelta(hours=1)
    for number in range(PAGE + 1):
        await documents.put(ticket(f"{number:04}", "with_focal_officer", agency="so_a", due_at=late))
    await documents.put(ticket("held", "held", agency=None, due_at=None))
    await documents.put(ticket("done", "answered", agency="so_a", due_at=None))
    await watch.look()
    found = {due: value(metrics, "gateway_open_tickets", agency="so_a", due=due) for due in DUE}
    assert found == {"open": 0, "due_soon": 0, "overdue": PAGE + 1}
    assert value(metrics, "gateway_open_tickets", agency=NOBODY, due="open") == 1


async def test_an_agency_that_answered_all_is_shown_with_none(documents: SqliteDocuments) -> None:
    metrics = Metrics()
    watch = TicketWatch(documents, CALENDAR, metrics, lambda: MONDAY_MORNING)
    await documents.put(ticket("one", "with_head", agency="so_a", due_at=MONDAY_MORNING))
    await watch.look()
    await documents.put(ticket("one", "answered", agency="so_a", due_at=None, version=2))
    await watch.look()
    assert value(metrics, "gateway_open_tickets", agency="so_a", due="overdue") == 0


async def test_dead_letters_wait_until_they_are_put_back(bus: Bus, store: Store) -> None:
    metrics, now = Metrics(), MONDAY_MORNING
    watch = DeadLetterWatch(bus, store, metrics, lambda: now)
    await watch.look()
    assert value(metrics, "gateway_dead_letters_waiting") == 0
    other = LETTER.model_copy(update={"id": UUID(int=2)})
    await bus.publish(*(to_message("dlq", one.stage, one, source="/test", at=now) for one in (LETTER, other)))
    await watch.look()
    await watch.look()
    assert value(metrics, "gateway_dead_letters_waiting") == 2
    await remember_put_back(store, LETTER.id, now)
    await watch.look()
    assert value(metrics, "gateway_dead_letters_waiting") == 1
    now += timedelta(days=91)
    await watch.look()
    assert value(metrics, "gateway_dead_letters_waiting") == 0


async def test_lag_is_known_of_groups_that_nobody_runs(bus: Bus) -> None:
    async def handled(_: object) -> tuple[Message, ...]:
        return ()

    metrics = Metrics()
    watch = LagWatch(bus, metrics, [Consumer("dispatcher", "tickets", handled)])
    for topic in ("tickets", "agency.so_a.commands"):
        await bus.publish(
            Message(topic=topic, key="k", id=topic, type="t", source="/test", time=MONDAY_MORNING, value=b"{}")
        )
    await watch.look()
    assert value(metrics, "gateway_lag_messages", group="dispatcher", topic="tickets") == 1
    assert value(metrics, "gateway_lag_messages", group="dispatcher", topic="agency.so_a.commands") == 1


async def test_a_look_that_fails_leaves_the_time_of_the_last_one() -> None:
    metrics, enough, seen = Metrics(), asyncio.Event(), []

    async def look() -> None:
        seen.append(value(metrics, "gateway_watched_timestamp_seconds", what="lag"))
        if len(seen) == 4:
            enough.set()
        if len(seen) > 1:
            raise Unavailable("gone", "Not there.")

    watching = asyncio.create_task(keep_watching("lag", look, metrics, every=0.0))
    await asyncio.wait_for(enough.wait(), timeout=10)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    before, *after = seen[:4]
    assert not before
    assert after[0]
    assert len(set(after)) == 1
