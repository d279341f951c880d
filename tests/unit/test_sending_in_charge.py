"""One sender at a time is in charge, and one that stops or is killed leaves nothing half done."""

import asyncio

from gateway.outbox.carrier import Later, Parcel
from gateway.runtime.sending import Pace
from tests.unit.sending_bench import BINH, Bench
from tests.waiting import until


async def test_of_two_senders_one_sends_and_the_other_follows_when_it_stops(bench: Bench) -> None:
    async with bench.running(bench.sender("two")):
        async with bench.running(bench.sender("one")):
            for number in range(20):
                await bench.file(str(number), f"{number:032x}")
            await until(bench.all_ended)
        await bench.file("an")
        await until(bench.all_ended)
    assert sorted(bench.carrier.texts) == sorted([*map(str, range(20)), "an"])


async def test_a_sender_that_was_replaced_unawares_begins_nothing_before_it_is_in_charge_again(bench: Bench) -> None:
    await bench.file("an")
    async with bench.running():
        await until(bench.all_ended)
        earlier = await bench.outbox.take_over("zalo", bench.clock())
        await bench.file("an sau")
        await until(bench.all_ended)
        assert (await bench.outbox.take_over("zalo", bench.clock())).epoch == earlier.epoch + 2
    assert bench.carrier.texts == ["an", "an sau"]


async def test_what_is_under_way_when_the_gateway_stops_is_finished_and_told(bench: Bench) -> None:
    started = asyncio.Event()

    async def wait(parcel: Parcel) -> None:
        started.set()
        await bench.stopping.wait()

    bench.carrier.before = wait
    reply = await bench.file("an")
    async with bench.running():
        await asyncio.wait_for(started.wait(), 30)
    assert await bench.state(reply) == "sent"
    assert [event.state.value for event in await bench.events()] == ["sent"]


async def test_what_was_not_taken_while_the_gateway_stops_waits_for_the_next_start(bench: Bench) -> None:
    started = asyncio.Event()

    async def wait(parcel: Parcel) -> None:
        started.set()
        await bench.stopping.wait()

    bench.carrier.before = wait
    bench.carrier.answers["an"] = [Later("quota", 1)]
    reply, next_one = await bench.file("an"), await bench.file("binh", BINH)
    async with bench.running(bench.sender(pace=Pace(1000, 1))):
        await asyncio.wait_for(started.wait(), 30)
    assert (await bench.found(reply)).reason == "quota"
    assert [await bench.state(one) for one in (reply, next_one)] == ["waiting", "waiting"], "and nothing else was begun"


async def test_what_a_killed_sender_left_behind_is_unknown_at_the_next_start(bench: Bench) -> None:
    reply = await bench.file("an")
    await bench.outbox.begin(await bench.found(reply), bench.clock())
    async with bench.running():
        await until(bench.all_ended)
    assert bench.carrier.texts == []
    assert [(one.state.value, one.reason) for one in await bench.events()] == [("unknown", "interrupted")]


async def test_who_stood_still_while_nobody_followed_ends_what_it_left_under_way(bench: Bench) -> None:
    sender = bench.sender()

    async def stand_still(parcel: Parcel) -> None:
        if parcel.text == "an":
            sender._lease._claimed_at = 0.0

    bench.carrier.before = stand_still
    bench.carrier.answers["an"] = [Later("database_unavailable", 0.1, whole_channel=True)]
    reply = await bench.file("an")
    async with bench.running(sender):
        await until(bench.all_ended)
    assert (await bench.state(reply), (await bench.found(reply)).reason) == ("unknown", "interrupted")
