"""Which services run where is known to every other process for as long as it is true."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.bus.port import Record
from gateway.projections.opening import open_documents
from gateway.projections.port import Documents
from gateway.runtime.roster import BELIEVED, REMEMBERED, Roster
from gateway.runtime.service import Consumer, Service
from schemas.envelope import Message

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HERE, THERE = "http://10.0.0.1:8022", "http://10.0.0.2:8022"


async def handle(_: Record) -> Sequence[Message]:
    return ()


NORMALIZER = Service("normalizer", (Consumer("normalizer", "inbound", handle), Consumer("normalizer", "media", handle)))


@pytest.fixture
async def documents(tmp_path: Path) -> AsyncIterator[Documents]:
    opened = open_documents(f"sqlite:///{tmp_path / 'documents.db'}")
    yield opened
    await opened.close()


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        """Begin at noon."""
        self.now = NOON

    def __call__(self) -> datetime:
        """The time."""
        return self.now


async def test_the_copy_that_spoke_last_is_known(documents: Documents) -> None:
    clock = Clock()
    roster = Roster(documents, clock)
    assert await roster.address_of("normalizer") is None
    await roster.say(NORMALIZER, HERE)
    clock.now += timedelta(seconds=1)
    await roster.say(NORMALIZER, THERE)
    assert await roster.address_of("normalizer") == THERE
    assert await roster.reads() == [("normalizer", "inbound"), ("normalizer", "media")]
    assert await roster.address_of("dispatcher") is None


async def test_who_is_silent_is_gone_and_what_it_reads_is_remembered_a_while(documents: Documents) -> None:
    clock = Clock()
    roster = Roster(documents, clock)
    await roster.say(NORMALIZER, HERE)
    clock.now = NOON + BELIEVED
    assert await roster.address_of("normalizer") is None
    assert len(await roster.reads()) == 2
    clock.now = NOON + REMEMBERED
    assert await roster.reads() == []


async def test_a_service_that_stops_takes_its_address_away(documents: Documents) -> None:
    clock = Clock()
    roster = Roster(documents, clock)
    saying = asyncio.create_task(roster.keep_saying([NORMALIZER], HERE))
    async with asyncio.timeout(20):
        while await roster.address_of("normalizer") is None:  # noqa: ASYNC110 - it comes through a file
            await asyncio.sleep(0.01)
    clock.now += timedelta(seconds=1)
    saying.cancel()
    with suppress(asyncio.CancelledError):
        await saying
    assert await roster.address_of("normalizer") is None
    assert len(await roster.reads()) == 2
