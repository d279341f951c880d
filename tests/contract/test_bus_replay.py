"""What every bus promises to those who look back: lag, positions, replay, tailing and retention."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from gateway.bus.port import At, Beginning, Bus, End, Lag, Place, Positions, Record
from gateway.errors import Conflict, Invalid
from tests.contract.bus_play import Seen, caught_up, consuming, everything, forwarded, ids, message
from tests.contract.conftest import Clock, Deployment


async def aged(bus: Bus, clock: Clock, numbers: range) -> None:
    """Publish one message a minute; the clock ends a minute after the last."""
    for number in numbers:
        await bus.publish(message(number))
        clock.ahead += timedelta(minutes=1)


async def read(bus: Bus, start: Place) -> list[str]:
    return ids([record async for record in bus.read("inbound", start=start)])


async def test_lag_counts_what_is_before_a_group_and_the_age_of_the_oldest(
    deployment: Deployment, clock: Clock
) -> None:
    source, bus = deployment.bus("web_ingest.read"), deployment.bus("normalizer")
    assert await bus.lag("inbound", group="normalizer") == Lag(0, 0.0)
    await aged(source, clock, range(5))
    lag = await bus.lag("inbound", group="normalizer")
    assert lag.messages == 5
    assert 300 <= lag.oldest_seconds < 330
    seen = Seen()
    async with consuming(bus, seen):
        await caught_up(bus)
    assert await bus.lag("inbound", group="normalizer") == Lag(0, 0.0)


async def test_lag_can_be_asked_by_another_instance(deployment: Deployment) -> None:
    source, bus, other = deployment.bus("web_ingest.read"), deployment.bus("normalizer"), deployment.bus("cli")
    await source.publish(*(message(number) for number in range(3)))
    seen = Seen()
    async with consuming(bus, seen):
        await caught_up(other)
    await source.publish(message(3), message(4))
    assert (await other.lag("inbound", group="normalizer")).messages == 2
    assert (await other.lag("inbound", group="another")).messages == 5
    assert (await other.lag("tickets", group="normalizer")).messages == 0


async def test_reading_starts_at_the_beginning_an_instant_a_position_or_the_end(
    deployment: Deployment, clock: Clock
) -> None:
    bus = deployment.bus("web_ingest.read")
    start = datetime.now(UTC)
    await aged(bus, clock, range(6))
    assert await read(bus, Beginning()) == ["0", "1", "2", "3", "4", "5"]
    assert await read(bus, At(start)) == ["0", "1", "2", "3", "4", "5"]
    assert await read(bus, At(start + timedelta(minutes=3))) == ["3", "4", "5"]
    fourth = (await everything(bus))[4]
    assert await read(bus, At(fourth.published_at)) == ["4", "5"]
    assert await read(bus, At(start + timedelta(hours=1))) == []
    assert await read(bus, Positions({fourth.partition: fourth.offset})) == ["4", "5"]
    assert await read(bus, End()) == []


async def test_reading_merges_producing_stages_by_time_of_publication(deployment: Deployment, clock: Clock) -> None:
    stages = [deployment.bus(name) for name in ("cli", "web_ingest.read", "zalo_ingest.read")]
    for number in range(450):
        await stages[number % 7 % 3].publish(message(number))
    assert await read(stages[0], Beginning()) == [str(number) for number in range(450)]


async def test_following_goes_on_as_messages_come(deployment: Deployment) -> None:
    source, reader = deployment.bus("web_ingest.read"), deployment.bus("cli")
    await source.publish(message(1), message(2))
    found: list[str] = []
    async with asyncio.timeout(30):
        async for record in reader.read("inbound", start=Beginning(), follow=True):
            found.append(record.message.id)
            if found == ["1", "2"]:
                await source.publish(message(3))
                await deployment.bus("zalo_ingest.read").publish(message(4))
            if len(found) == 4:
                break
    assert sorted(found) == ["1", "2", "3", "4"]


async def test_following_ends_when_the_bus_is_closed(deployment: Deployment) -> None:
    reader = deployment.bus("cli")
    await deployment.bus("web_ingest.read").publish(message(1))
    read_one = asyncio.Event()

    async def follow() -> list[str]:
        found = []
        async for record in reader.read("inbound", start=Beginning(), follow=True):
            found.append(record.message.id)
            read_one.set()
        return found

    following = asyncio.create_task(follow())
    await asyncio.wait_for(read_one.wait(), 30)
    await reader.close()
    assert await asyncio.wait_for(following, 30) == ["1"]


def third(records: Sequence[Record]) -> Place:
    """The place of the third of them."""
    return Positions({records[2].partition: records[2].offset})


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        (lambda _: Beginning(), ["0", "1", "2", "3"]),
        (lambda _: End(), []),
        (third, ["2", "3"]),
    ],
    ids=["beginning", "end", "position"],
)
@pytest.mark.parametrize("mover", ["normalizer", "cli"])
async def test_a_group_is_replayed_from_where_it_is_moved_to(
    deployment: Deployment, place: Callable[[Sequence[Record]], Place], wanted: list[str], mover: str
) -> None:
    bus = deployment.bus("normalizer")
    await deployment.bus("web_ingest.read").publish(*(message(number) for number in range(4)))
    async with consuming(bus, Seen()):
        await caught_up(bus)
    to = place(await everything(bus))
    await deployment.bus(mover).seek("inbound", group="normalizer", to=to)
    assert (await bus.lag("inbound", group="normalizer")).messages == len(wanted)
    seen = Seen()
    async with consuming(bus, seen):
        await caught_up(bus)
    assert ids(seen.records) == wanted


async def test_a_group_is_replayed_from_an_instant(deployment: Deployment, clock: Clock) -> None:
    source, bus = deployment.bus("web_ingest.read"), deployment.bus("normalizer")
    start = datetime.now(UTC)
    await aged(source, clock, range(5))
    await bus.seek("inbound", group="normalizer", to=At(start + timedelta(minutes=2)))
    seen = Seen()
    async with consuming(bus, seen):
        await caught_up(bus)
    assert ids(seen.records) == ["2", "3", "4"]


async def test_positions_that_are_not_named_stay(deployment: Deployment) -> None:
    one, other, bus = deployment.bus("cli"), deployment.bus("web_ingest.read"), deployment.bus("normalizer")
    for number in range(16):
        await (one, other)[number % 2].publish(message(number, key=str(number // 2)))
    async with consuming(bus, Seen()):
        await caught_up(bus)
    records = await everything(bus)
    named = records[0].partition
    mine = sorted((found.offset, found.message.id) for found in records if found.partition == named)
    assert 0 < len(mine) < 16
    await bus.seek("inbound", group="normalizer", to=Positions({named: 0}))
    seen = Seen()
    async with consuming(bus, seen):
        await caught_up(bus)
    assert sorted((found.offset, found.message.id) for found in seen.records) == mine


async def test_a_running_group_is_not_moved(deployment: Deployment) -> None:
    bus, other = deployment.bus("normalizer"), deployment.bus("cli")
    await deployment.bus("web_ingest.read").publish(message(1))
    seen = Seen()
    async with consuming(bus, seen):
        await seen.count(1)
        for mover in (bus, other):
            with pytest.raises(Conflict, match="group_running"):
                await mover.seek("inbound", group="normalizer", to=Beginning())
    await other.seek("inbound", group="normalizer", to=Beginning())


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (lambda _: Positions({"nobody": 0}), "unknown_partition"),
        (lambda partition: Positions({partition: -1}), "bad_position"),
        (lambda _: At(datetime(2026, 1, 1)), "naive_time"),  # noqa: DTZ001 - the naive instant is what is refused
    ],
    ids=["unknown", "negative", "naive"],
)
async def test_a_place_that_cannot_be_is_refused(
    deployment: Deployment, place: Callable[[str], Place], reason: str
) -> None:
    bus = deployment.bus("web_ingest.read")
    await bus.publish(message(1))
    (found,) = await everything(bus)
    with pytest.raises(Invalid, match=reason):
        await bus.seek("inbound", group="normalizer", to=place(found.partition))


async def test_retention_deletes_what_is_old_and_offsets_go_on(deployment: Deployment, clock: Clock) -> None:
    bus = deployment.bus("web_ingest.read")
    start = datetime.now(UTC)
    await aged(bus, clock, range(6))
    last = (await everything(bus))[-1]
    assert await bus.trim("inbound", before=start + timedelta(minutes=4)) == 4
    assert await read(bus, Beginning()) == ["4", "5"]
    assert await bus.trim("inbound", before=start + timedelta(hours=1)) == 2
    assert await bus.trim("inbound", before=start + timedelta(hours=1)) == 0
    assert await bus.trim("tickets", before=start + timedelta(hours=1)) == 0
    assert (await bus.lag("inbound", group="normalizer")).messages == 0
    await bus.publish(message(6))
    assert [(record.message.id, record.offset > last.offset) for record in await everything(bus)] == [("6", True)]
    assert (await bus.lag("inbound", group="normalizer")).messages == 1


async def test_retention_deletes_any_number_of_one_topic(deployment: Deployment, clock: Clock) -> None:
    bus = deployment.bus("web_ingest.read")
    sent = [message(number, key=str(number % 5)) for number in range(1200)]
    await bus.publish(*sent, message("kept", topic="media"))
    assert await bus.trim("inbound", before=clock() + timedelta(seconds=1)) >= 1200
    assert await read(bus, Beginning()) == []
    assert ids(await everything(bus, "media")) == ["kept"]


async def test_a_consumer_goes_on_behind_what_retention_deleted(deployment: Deployment, clock: Clock) -> None:
    source, bus = deployment.bus("web_ingest.read"), deployment.bus("normalizer")
    await source.publish(message(0))
    async with consuming(bus, Seen(forwarded)):
        await caught_up(bus)
    await source.publish(message(1), message(2))
    clock.ahead += timedelta(minutes=1)
    await source.trim("inbound", before=clock())
    await source.publish(message(3))
    async with consuming(bus, Seen(forwarded)):
        await caught_up(bus)
    assert ids(await everything(bus, "tickets")) == ["0", "3"]
