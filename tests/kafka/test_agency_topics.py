"""Copies of the dispatcher find agencies that begin to answer, and each answer is one copy's."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

import pytest

from gateway.bus.kafka import KafkaBus
from gateway.bus.port import Record
from gateway.runtime.deployment import Deployment
from gateway.runtime.metrics import Metrics
from schemas.envelope import Message
from services.dispatcher.agency_topics import keep_reading_agencies
from services.dispatcher.receive import Dispatcher
from tests.kafka.conftest import Buses

TOPICS = [f"agency.so_{letter}.commands" for letter in "abc"]


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Copy:
    """What reading agencies needs of a deployment and of a dispatcher."""

    kept: KafkaBus
    metrics: Metrics = field(default_factory=Metrics)
    seen: Counter[str] = field(default_factory=Counter)
    clock = staticmethod(now)

    def bus(self, _stage: str) -> KafkaBus:
        """The one bus."""
        return self.kept

    async def agency_commands(self, record: Record) -> Sequence[Message]:
        """Remember an answer."""
        self.seen[record.message.id] += 1
        return ()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """At work until the block ends."""
        deployment, dispatcher = cast("Deployment", self), cast("Dispatcher", self)
        task = asyncio.create_task(keep_reading_agencies(deployment, dispatcher, "dispatcher"))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def answers(turn: int) -> list[Message]:
    return [Message(topic, "key", f"{topic}/{turn}", "t", "agency", now(), b"{}") for topic in TOPICS]


async def until(copies: Sequence[Copy], ids: set[str]) -> None:
    async with asyncio.timeout(60):
        while not ids <= {one for copy in copies for one in copy.seen}:  # noqa: ASYNC110 - a counter sets no event
            await asyncio.sleep(0.05)


@pytest.fixture
def copies(buses: Buses) -> list[Copy]:
    return [Copy(buses.open(stage)) for stage in ("dispatcher", "dispatcher", "agency")]


async def test_copies_share_the_agencies_that_come_to_answer(copies: list[Copy]) -> None:
    *dispatchers, agency = copies
    async with dispatchers[0].reading():
        async with dispatchers[1].reading():
            await agency.kept.publish(*answers(1))
            await until(dispatchers, {message.id for message in answers(1)})
        await agency.kept.publish(*answers(2))
        await until(dispatchers[:1], {message.id for message in answers(2)})
    seen = sum((copy.seen for copy in dispatchers), Counter())
    assert set(seen.values()) == {1}
    assert len(seen) == 2 * len(TOPICS)
