"""What every bus promises to those who consume."""

import asyncio
from collections.abc import Sequence

import pytest

from gateway.bus.port import Record
from gateway.errors import Invalid, Unavailable
from schemas.envelope import Message
from tests.contract.bus_play import Seen, caught_up, consuming, everything, forwarded, ids, message
from tests.contract.conftest import Deployment


async def test_each_group_reads_everything(deployment: Deployment) -> None:
    await deployment.bus("web_ingest.read").publish(*(message(number) for number in range(5)))
    one, other = Seen(), Seen()
    async with (
        consuming(deployment.bus("normalizer"), one, group="normalizer"),
        consuming(deployment.bus("web_ingest.media"), other, group="web_ingest.media"),
    ):
        await one.count(5)
        await other.count(5)
    assert ids(one.records) == ids(other.records) == ["0", "1", "2", "3", "4"]


async def test_a_finished_record_is_not_read_again(deployment: Deployment) -> None:
    source = deployment.bus("web_ingest.read")
    await source.publish(*(message(number) for number in range(3)))
    for first, second in ((0, 3), (3, 6)):
        seen = Seen()
        bus = deployment.bus("normalizer")
        async with consuming(bus, seen):
            await seen.count(3)
            await caught_up(bus)
        await bus.close()
        assert ids(seen.records) == [str(number) for number in range(first, second)]
        await source.publish(*(message(number) for number in range(second, second + 3)))


async def test_a_key_is_handled_in_order_while_other_keys_go_on(deployment: Deployment) -> None:
    gate = asyncio.Event()
    at_work: set[str] = set()

    async def first(record: Record) -> Sequence[Message]:
        key = record.message.key
        assert key not in at_work, "two records of one key at once"
        at_work.add(key)
        if record.message.id == "slow":
            await gate.wait()
        await asyncio.sleep(0)
        at_work.remove(key)
        return await forwarded(record)

    seen = Seen(first)
    source, bus = deployment.bus("web_ingest.read"), deployment.bus("normalizer")
    await source.publish(message("slow", key="a"), message("next", key="a"), *(message(n, key="b") for n in range(9)))
    async with consuming(bus, seen):
        await seen.count(9)
        assert ids(seen.records) == [str(number) for number in range(9)]
        gate.set()
        await caught_up(bus)
    assert ids(seen.records)[-2:] == ["slow", "next"]
    outputs = await everything(bus, "tickets")
    assert ids([found for found in outputs if found.message.key == "a"]) == ["slow", "next"]
    assert ids([found for found in outputs if found.message.key == "b"]) == [str(number) for number in range(9)]


async def test_unavailable_is_retried_in_place_and_keeps_the_order_of_its_key(deployment: Deployment) -> None:
    failures = {"1": 3, "2": 1}
    calls: list[str] = []

    async def first(record: Record) -> Sequence[Message]:
        name = record.message.id
        calls.append(name)
        if failures.get(name, 0):
            failures[name] -= 1
            raise Unavailable("store_down", retry_after=0.01)
        return await forwarded(record)

    seen = Seen(first)
    bus = deployment.bus("normalizer")
    sent = [message(number, key="a") for number in range(4)]
    await deployment.bus("web_ingest.read").publish(*sent, *(message(f"b{number}", key="b") for number in range(4)))
    async with consuming(bus, seen):
        await caught_up(bus)
    assert [call for call in calls if call[0] != "b"] == ["0", "1", "1", "1", "1", "2", "2", "3"]
    outputs = await everything(bus, "tickets")
    assert ids([found for found in outputs if found.message.key == "a"]) == ["0", "1", "2", "3"]
    assert ids([found for found in outputs if found.message.key == "b"]) == ["b0", "b1", "b2", "b3"]


async def test_other_keys_go_on_while_one_is_unavailable(deployment: Deployment) -> None:
    async def first(record: Record) -> Sequence[Message]:
        if record.message.key == "down":
            raise Unavailable("store_down", retry_after=60)
        return []

    seen = Seen(first)
    bus = deployment.bus("normalizer")
    await deployment.bus("web_ingest.read").publish(
        message("x", key="down"), *(message(number, key=str(number % 7)) for number in range(300))
    )
    async with consuming(bus, seen):
        await seen.count(300)
    # Progress is a contiguous run of a partition: the record that waits is still before the group.
    assert 1 <= (await bus.lag("inbound", group="normalizer")).messages <= 301
    again = Seen()
    async with consuming(bus, again):
        await caught_up(bus)
    assert "x" in ids(again.records)


async def test_another_failure_ends_the_consumer_with_the_progress_made_before(deployment: Deployment) -> None:
    async def first(record: Record) -> Sequence[Message]:
        if record.message.id == "3":
            raise LookupError("a fault of the handler")
        return await forwarded(record)

    bus = deployment.bus("normalizer")
    await deployment.bus("web_ingest.read").publish(*(message(number) for number in range(6)))
    with pytest.raises(LookupError):
        await asyncio.wait_for(bus.consume("inbound", group="normalizer", handler=first), 30)
    assert ids(await everything(bus, "tickets")) == ["0", "1", "2"]
    seen = Seen(forwarded)
    async with consuming(bus, seen):
        await caught_up(bus)
    assert ids(seen.records) == ["3", "4", "5"]


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (message(1, topic="nowhere"), "unknown_topic"),
        (message(1, topic="tickets", value=b"x" * 20_000), "message_too_large"),
    ],
)
async def test_what_may_not_be_published_is_no_output_either(
    deployment: Deployment, output: Message, reason: str
) -> None:
    async def handler(record: Record) -> Sequence[Message]:
        return [message("good", topic="tickets"), output]

    bus = deployment.bus("normalizer", max_message_bytes=10_000)
    await deployment.bus("web_ingest.read").publish(message(1))
    with pytest.raises(Invalid, match=reason):
        await asyncio.wait_for(bus.consume("inbound", group="normalizer", handler=handler), 30)
    assert await everything(bus, "tickets") == []
    assert (await bus.lag("inbound", group="normalizer")).messages == 1


async def test_cancelling_leaves_the_record_unfinished(deployment: Deployment) -> None:
    started = asyncio.Event()

    async def stuck(record: Record) -> Sequence[Message]:
        started.set()
        await asyncio.Event().wait()
        return await forwarded(record)

    bus = deployment.bus("normalizer")
    await deployment.bus("web_ingest.read").publish(message(1))
    async with consuming(bus, stuck):
        await asyncio.wait_for(started.wait(), 30)
    assert await everything(bus, "tickets") == []
    assert (await bus.lag("inbound", group="normalizer")).messages == 1
    seen = Seen(forwarded)
    async with consuming(bus, seen):
        await caught_up(bus)
    assert ids(await everything(bus, "tickets")) == ["1"]


async def test_output_and_progress_are_one_wherever_a_consumer_is_cancelled(deployment: Deployment) -> None:
    bus = deployment.bus("normalizer")
    sent = [message(number, key=str(number % 5)) for number in range(200)]
    await deployment.bus("web_ingest.read").publish(*sent)
    for stop in range(5, 200, 20):
        seen = Seen(forwarded)
        async with consuming(bus, seen):
            await seen.count(min(stop // 5, (await bus.lag("inbound", group="normalizer")).messages))
        left = (await bus.lag("inbound", group="normalizer")).messages
        assert len(await everything(bus, "tickets")) == 200 - left
    async with consuming(bus, Seen(forwarded)):
        await caught_up(bus)
    found = ids(await everything(bus, "tickets"))
    assert len(found) == 200
    assert set(found) == {str(number) for number in range(200)}


async def test_copies_do_not_repeat_each_others_work_and_one_takes_over_when_another_stops(
    deployment: Deployment,
) -> None:
    source = deployment.bus("web_ingest.read")
    first_copy, second_copy = deployment.bus("normalizer"), deployment.bus("normalizer")
    one, other = Seen(forwarded), Seen(forwarded)
    sent = [message(number, key=str(number % 9)) for number in range(90)]
    async with consuming(first_copy, one):
        await source.publish(*sent[:30])
        await one.count(30)
        async with consuming(second_copy, other) as second:
            await source.publish(*sent[30:60])
            await caught_up(source)
            await first_copy.close()
            before = len(other.records)
            await source.publish(*sent[60:])
            await other.count(before + 30)
            assert not second.done()
            await caught_up(source)
    assert sorted(ids(one.records + other.records), key=int) == [str(number) for number in range(90)]
    outputs = await everything(source, "tickets")
    assert sorted(ids(outputs), key=int) == [str(number) for number in range(90)]
    for key in range(9):
        mine = [int(found.message.id) for found in outputs if found.message.key == str(key)]
        assert mine == list(range(key, 90, 9))


async def test_one_consumer_reads_all_producing_stages_those_too_that_appear_later(deployment: Deployment) -> None:
    seen = Seen()
    bus = deployment.bus("dispatcher")
    async with consuming(bus, seen, topic="timers", group="dispatcher"):
        await deployment.bus("scheduler").publish(message(1, topic="timers"))
        await seen.count(1)
        await deployment.bus("cli").publish(message(2, topic="timers"))
        await seen.count(2)
    assert ids(seen.records) == ["1", "2"]


async def test_a_later_record_of_another_stage_waits_for_the_backlog_before_it(deployment: Deployment) -> None:
    backlog = [message(number, key=str(number)) for number in range(250)]
    await deployment.bus("web_ingest.read").publish(*backlog, message("first", key="a"))
    await deployment.bus("web_ingest.media").publish(message("then", key="a"))
    seen = Seen()
    bus = deployment.bus("normalizer")
    async with consuming(bus, seen):
        await caught_up(bus)
    assert [found for found in ids(seen.records) if found in ("first", "then")] == ["first", "then"]


async def test_closing_the_bus_stops_its_consumers(deployment: Deployment) -> None:
    bus = deployment.bus("normalizer")
    seen = Seen()
    await deployment.bus("web_ingest.read").publish(message(1))
    async with consuming(bus, seen) as task:
        await seen.count(1)
        await bus.close()
        await asyncio.wait_for(task, 30)


async def test_a_chain_of_stages_hands_each_message_on_once(deployment: Deployment) -> None:
    async def to_agency(record: Record) -> Sequence[Message]:
        return [message(record.message.id, topic="agency.so_y_te", key=record.message.key)]

    normalizer, dispatcher = deployment.bus("normalizer"), deployment.bus("dispatcher")
    source = deployment.bus("web_ingest.read")
    async with (
        consuming(normalizer, forwarded),
        consuming(dispatcher, to_agency, topic="tickets", group="dispatcher"),
    ):
        await asyncio.gather(*(source.publish(message(number, key=str(number % 9))) for number in range(100)))
        seen = Seen()
        async with consuming(deployment.bus("agency"), seen, topic="agency.so_y_te", group="agency"):
            await seen.count(100)
    found = [(record.message.key, int(record.message.id)) for record in seen.records]
    assert sorted(number for _, number in found) == list(range(100))
    for key in range(9):
        assert [number for name, number in found if name == str(key)] == list(range(key, 100, 9))
