"""Progress past records from which nothing follows waits for company, but never for long and never past an end."""

import asyncio
from collections.abc import Sequence

import pytest

from gateway.bus import patience
from gateway.bus.port import Record
from schemas.envelope import Message
from tests.contract.bus_play import PATIENCE, Seen, caught_up, consuming, everything, forwarded, ids, message
from tests.contract.conftest import Deployment

LONG = 300.0


async def talkative_at_the_end(record: Record) -> Sequence[Message]:
    """Nothing follows from any record but the one named so."""
    return await forwarded(record) if record.message.id == "end" else ()


async def test_it_is_made_durable_together_with_the_next_record_that_has_something_to_say(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "SILENT_SECONDS", LONG)
    bus = deployment.bus("normalizer")
    seen = Seen(talkative_at_the_end)
    async with consuming(bus, seen):
        for number in range(10):
            await bus.publish(message(number))
            await seen.count(number + 1)
        assert (await bus.lag("inbound", group="normalizer")).messages == 10
        await bus.publish(message("end"))
        await caught_up(bus)
    assert ids(await everything(bus, "tickets")) == ["end"]


async def test_who_has_something_to_say_does_not_wait_behind_one_that_has_not(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "SILENT_SECONDS", LONG)
    slow = asyncio.Event()

    async def handler(record: Record) -> Sequence[Message]:
        if record.message.id == "slow":
            await slow.wait()
            return ()
        return await forwarded(record)

    bus = deployment.bus("normalizer")
    seen = Seen(handler)
    await bus.publish(message("slow", key="a"), message("next", key="b"))
    async with consuming(bus, seen):
        await seen.count(1)
        slow.set()
        async with asyncio.timeout(PATIENCE):
            while ids(await everything(bus, "tickets")) != ["next"]:  # noqa: ASYNC110 - another process may write it
                await asyncio.sleep(0.01)


async def test_a_consumer_that_ends_leaves_none_behind(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "SILENT_SECONDS", LONG)
    bus = deployment.bus("normalizer")
    seen = Seen()
    async with consuming(bus, seen):
        await bus.publish(message(1))
        await seen.count(1)
    assert (await bus.lag("inbound", group="normalizer")).messages == 0


async def test_many_of_them_wait_no_longer(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "SILENT_SECONDS", LONG)
    bus = deployment.bus("normalizer")
    async with consuming(bus, Seen()):
        await bus.publish(*(message(number) for number in range(patience.SILENT_RECORDS)))
        await caught_up(bus)
