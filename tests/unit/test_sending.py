"""What a sender promises: durable before and after each call, in order, nothing twice, and every ending told."""

import asyncio
from datetime import timedelta

import pytest

from gateway.outbox.carrier import Later, Parcel, Refused
from gateway.outbox.port import token_of
from gateway.projections.port import Document
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.sending import Pace, sender
from gateway.runtime.sending.handing import GIVE_UP
from tests.unit.sending_bench import AN, BINH, Bench
from tests.waiting import until


async def test_a_reply_is_cut_sealed_handed_over_in_order_and_told_as_sent(bench: Bench) -> None:
    text = "Kính gửi ông bà, phản ánh của ông bà đã được tiếp nhận."
    reply = await bench.file(text)
    assert text.encode()[:20] not in (await bench.found(reply)).sealed
    await Correspondents(bench.documents, bench.vault, "zalo").note(AN, {"user": "u1"}, at=bench.clock())

    async def counted() -> bool:
        return bool(bench.metrics.replies.labels("zalo", "sent")._value.get() == 1)

    async with bench.running():
        await until(counted)
    assert "".join(bench.carrier.texts) == text
    first = bench.carrier.taken[0]
    assert (first.number, first.count, first.token, first.account) == (0, 3, token_of(reply, 0), AN)
    assert first.correspondent == {"user": "u1"}
    assert text not in repr(first)
    (event,) = await bench.events()
    assert (event.reply_id, event.state.value, event.reason, event.by) == (reply, "sent", None, None)


async def test_sending_is_durable_before_the_call(bench: Bench) -> None:
    seen: list[str] = []

    async def look(parcel: Parcel) -> None:
        seen.append(await bench.state(parcel.reply_id, parcel.number))

    bench.carrier.before = look
    await bench.file("một")
    async with bench.running():
        await until(bench.all_ended)
    assert seen == ["sending"]


async def test_a_reply_delivered_again_is_not_sent_again(bench: Bench) -> None:
    reply = await bench.file("một")
    async with bench.running():
        await until(bench.all_ended)
        await bench.file("một", reply_id=reply)
        await bench.file("hai")
        await until(bench.all_ended)
    assert bench.carrier.texts == ["một", "hai"]


async def test_a_filing_wakes_the_sender_at_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench.running():
        await bench.file("một")
        await until(bench.all_ended)
        monkeypatch.setattr(sender, "LOOK_SECONDS", 3600.0)
        for text in ("hai", "ba"):
            await bench.file(text)
            await until(bench.all_ended)
    assert bench.carrier.texts == ["một", "hai", "ba"]


async def test_one_citizens_replies_keep_their_order_and_others_go_on_beside(bench: Bench) -> None:
    gate = asyncio.Event()

    async def slow_for_an(parcel: Parcel) -> None:
        if parcel.text == "an 1":
            await gate.wait()

    bench.carrier.before = slow_for_an
    for text, account in (("an 1", AN), ("an 2", AN), ("binh 1", BINH), ("binh 2", BINH)):
        await bench.file(text, account)

    async def binh_has_both() -> bool:
        return bench.carrier.texts[-1:] == ["binh 2"]

    async with bench.running():
        await until(binh_has_both)
        assert bench.carrier.texts == ["an 1", "binh 1", "binh 2"]
        gate.set()
        await until(bench.all_ended)
    assert bench.carrier.texts[-1] == "an 2"


async def test_a_refusal_fails_the_reply_with_its_reason_and_the_rest_of_it_is_not_sent(bench: Bench) -> None:
    bench.carrier.answers["x" * 20] = [Refused("window_closed")]
    reply = await bench.file("x" * 20 + "y")
    async with bench.running():
        await until(bench.all_ended)
    assert bench.carrier.texts == ["x" * 20]
    (event,) = await bench.events()
    assert (event.state.value, event.reason) == ("failed", "window_closed")
    assert await bench.state(reply, 1) == "failed"


async def test_later_for_one_citizen_puts_off_that_one_only(bench: Bench) -> None:
    bench.carrier.answers["an"] = [Later("quota", 3600)]
    reply = await bench.file("an")
    await bench.file("binh", BINH)

    async def binh_is_told() -> bool:
        return bool(await bench.events())

    async with bench.running():
        await until(binh_is_told)
        part = await bench.found(reply)
        assert (part.state.value, part.reason, part.attempts) == ("waiting", "quota", 1)
        bench.ahead = timedelta(seconds=3601)
        await until(bench.all_ended)
    assert sorted(bench.carrier.texts) == ["an", "an", "binh"]


async def test_an_endless_wish_of_the_platform_puts_a_part_off_for_a_day_at_most(bench: Bench) -> None:
    bench.carrier.answers["an"] = [Later("quota", float("inf"))]
    reply = await bench.file("an")

    async def put_off() -> bool:
        return (await bench.found(reply)).reason == "quota"

    async with bench.running():
        await until(put_off)
        assert (await bench.found(reply)).due_at - bench.clock() <= timedelta(days=1)


async def test_a_note_that_does_not_open_fails_its_citizens_reply_and_no_other(bench: Bench) -> None:
    await bench.file("an")
    await bench.file("binh", BINH)
    stolen = await bench.vault.seal(AN, b"{}", context="elsewhere")
    await bench.documents.put(Document("correspondent", f"zalo/{AN}", 1, {}, AN, stolen))
    async with bench.running():
        await until(bench.all_ended)
    assert bench.carrier.texts == ["binh"]
    assert ("failed", "sealed_damaged") in [(one.state.value, one.reason) for one in await bench.events()]


async def test_what_waited_for_three_days_fails_with_its_last_reason(bench: Bench) -> None:
    bench.carrier.answers["an"] = [Later("quota", 0.0)]
    await bench.file("an")
    bench.ahead = GIVE_UP + timedelta(seconds=1)
    async with bench.running():
        await until(bench.all_ended)
    (event,) = await bench.events()
    assert (event.state.value, event.reason) == ("failed", "quota")


async def test_later_for_everybody_pauses_the_channel_and_then_one_message_tries_it(bench: Bench) -> None:
    accounts = [f"{number:032x}" for number in range(6)]
    bench.carrier.answers["0"] = [Later("rate_limited", 0.5, whole_channel=True)]
    for number, account in enumerate(accounts):
        await bench.file(str(number), account)
    paused = bench.metrics.channel_paused.labels("zalo", "rate_limited")

    async def is_paused() -> bool:
        return bool(paused._value.get() == 1)

    async with bench.running(bench.sender(pace=Pace(1000, 1))):
        await until(is_paused)
        assert bench.carrier.texts == ["0"]
        await until(bench.all_ended)
    assert bench.carrier.texts == ["0", "0", "1", "2", "3", "4", "5"]
    assert paused._value.get() == 0
    assert (await bench.found(bench.carrier.taken[0].reply_id)).attempts == 2


async def test_the_outboxs_figures_are_exported(bench: Bench) -> None:
    bench.carrier.answers["an"] = [Later("quota", 3600)]
    await bench.file("an")
    bench.ahead = timedelta(seconds=50)

    async def counted() -> bool:
        return bool(bench.metrics.outbox_parts.labels("zalo", "waiting")._value.get() == 1)

    async with bench.running():
        await until(counted)
    assert bench.metrics.outbox_oldest.labels("zalo")._value.get() >= 50
