"""What a sender promises: durable before and after each call, in order, nothing twice, and every ending told."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from gateway.errors import Invalid, Unavailable
from gateway.outbox.carrier import Later, Parcel, Refused, Unclear
from gateway.outbox.port import Ending, Outbox, token_of
from gateway.projections.port import Document
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.sending import Pace, sender
from gateway.runtime.sending.handing import GIVE_UP
from schemas.reply import ReplyEvent
from tests.unit.sending_bench import AN, BINH, Bench, a_reply, opened, record_of
from tests.waiting import until


@pytest_asyncio.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with opened(tmp_path) as made:
        yield made


async def test_a_reply_is_cut_sealed_handed_over_in_order_and_told_as_sent(bench: Bench) -> None:
    text = "Kính gửi ông bà, phản ánh của ông bà đã được tiếp nhận."
    reply = await bench.file(text)
    assert text.encode()[:20] not in (await bench.found(reply)).sealed
    await Correspondents(bench.documents, bench.vault, "zalo").note(AN, {"user": "u1"}, at=bench.clock())

    async def counted() -> bool:
        return bench.metrics.replies.labels("zalo", "sent")._value.get() == 1

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
        return paused._value.get() == 1

    async with bench.running(bench.sender(pace=Pace(1000, 1))):
        await until(is_paused)
        assert bench.carrier.texts == ["0"]
        await until(bench.all_ended)
    assert bench.carrier.texts == ["0", "0", "1", "2", "3", "4", "5"]
    assert paused._value.get() == 0
    assert (await bench.found(bench.carrier.taken[0].reply_id)).attempts == 2


async def test_a_lost_answer_is_unknown_never_repeated_and_known_by_its_echo(bench: Bench) -> None:
    bench.carrier.answers["an"] = [Unclear("timeout")]
    reply = await bench.file("an")
    await bench.file("an sau")
    async with bench.running():
        await until(bench.all_told)
        assert await bench.state(reply) == "unknown"
        assert bench.carrier.texts == ["an"]
        await bench.outbox.echoed("zalo", token=token_of(reply, 0))
        await until(bench.all_ended)
    assert bench.carrier.texts == ["an", "an sau"]
    told = [(event.reply_id == reply, event.state.value, event.reason) for event in await bench.events()]
    assert told == [(True, "unknown", "timeout"), (True, "sent", None), (False, "sent", None)]


async def test_without_an_echo_the_citizens_next_part_goes_on_after_a_while(bench: Bench) -> None:
    bench.carrier.answers["an"] = [Unclear("timeout")]
    await bench.file("an")
    await bench.file("an sau")
    async with bench.running():
        await until(bench.all_told)
        bench.ahead = timedelta(seconds=121)
        await until(bench.all_ended)
    assert bench.carrier.texts == ["an", "an sau"]


async def test_an_operators_word_ends_an_unknown_reply_and_names_the_operator(bench: Bench) -> None:
    bench.carrier.answers["an"] = [Unclear("timeout")]
    reply = await bench.file("an")
    async with bench.running():
        await until(bench.all_told)
        await bench.outbox.settle(reply, 0, sent=False, by="op1", now=bench.clock())
        await until(bench.all_ended)
    last = (await bench.events())[-1]
    assert (last.state.value, last.reason, last.by) == ("failed", "by_operator", "op1")


async def test_a_carriers_fault_leaves_its_part_unknown_and_the_channel_running(bench: Bench) -> None:
    bench.carrier.answers["an"] = [RuntimeError("quotes the citizen")]
    reply = await bench.file("an")
    await bench.file("binh", BINH)
    async with bench.running():
        await until(bench.all_ended)
    assert (await bench.found(reply)).reason == "carrier_failed"
    assert sorted(bench.carrier.texts) == ["an", "binh"]


async def test_a_reason_that_is_no_code_does_not_stop_the_telling(bench: Bench) -> None:
    bench.carrier.answers["an"] = [Refused("Lỗi: 0912345678")]
    await bench.file("an")
    async with bench.running():
        await until(bench.all_ended)
    assert [event.reason for event in await bench.events()] == ["unnamed_reason"]


async def test_a_reply_to_somebody_erased_is_told_as_failed_and_nothing_is_kept(bench: Bench) -> None:
    await bench.vault.seal(AN, b"x", context="x")
    await bench.vault.erase(AN)
    reply = a_reply("an")
    stage = bench.stage()
    (message,) = await stage(record_of(reply))
    event = ReplyEvent.model_validate_json(message.value)
    assert (event.reply_id, event.state.value, event.reason) == (reply.id, "failed", "erased")
    (again,) = await stage(record_of(reply))
    assert again.id == message.id
    assert await bench.outbox.parts(reply.id) == []


async def test_whoever_is_erased_while_a_reply_waits_gets_it_no_more(bench: Bench) -> None:
    await bench.file("x" * 30)
    await bench.file("binh", BINH)
    await bench.vault.erase(AN)
    async with bench.running():
        await until(bench.all_ended)
    assert bench.carrier.texts == ["binh"]
    assert {(one.account, one.state.value, one.reason) for one in await bench.events()} == {
        (AN, "failed", "erased"),
        (BINH, "sent", None),
    }


async def test_a_reply_of_another_channel_is_refused(bench: Bench) -> None:
    stage = bench.stage()
    with pytest.raises(Invalid) as caught:
        await stage(record_of(a_reply("x", channel="email")))
    assert caught.value.reason == "foreign_channel"


class Forgetful:
    """An outbox that cannot note at first that an ending was told, as after a crash."""

    def __init__(self, outbox: Outbox, failures: int) -> None:
        """Wrap the real one."""
        self._outbox = outbox
        self.failures = failures

    def __getattr__(self, name: str) -> object:
        """Everything else is the real one's."""
        return getattr(self._outbox, name)

    async def told(self, ending: Ending) -> None:
        """Fail some times."""
        if self.failures:
            self.failures -= 1
            raise Unavailable("disk_full", "for a test")
        await self._outbox.told(ending)


async def test_an_ending_told_again_after_a_crash_has_the_same_id(bench: Bench) -> None:
    forgetful = Forgetful(bench.outbox, 1)
    await bench.file("an")
    async with bench.running(bench.sender(outbox=forgetful)):  # type: ignore[arg-type]  # the rest is delegated
        await until(bench.all_ended)
    assert forgetful.failures == 0
    assert len({event.id for event in await bench.events()}) == 1


class FullDisk(Forgetful):
    """An outbox on a disk that is full when the outcome of a call is to be kept."""

    async def sent(self, reply_id: UUID, number: int, *, remote_id: str | None, now: datetime) -> None:
        """Fail some times."""
        if self.failures:
            self.failures -= 1
            raise Unavailable("disk_full", "for a test")
        await self._outbox.sent(reply_id, number, remote_id=remote_id, now=now)


async def test_how_a_call_ended_is_kept_when_the_disk_is_full_meanwhile(bench: Bench) -> None:
    disk = FullDisk(bench.outbox, 3)
    await bench.file("an")
    async with bench.running(bench.sender(outbox=disk)):  # type: ignore[arg-type]  # the rest is delegated
        await until(bench.all_ended)
    assert bench.carrier.texts == ["an"]
    assert [event.state.value for event in await bench.events()] == ["sent"]


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


async def test_the_outboxs_figures_are_exported(bench: Bench) -> None:
    bench.carrier.answers["an"] = [Later("quota", 3600)]
    await bench.file("an")
    bench.ahead = timedelta(seconds=50)

    async def counted() -> bool:
        return bench.metrics.outbox_parts.labels("zalo", "waiting")._value.get() == 1

    async with bench.running():
        await until(counted)
    assert bench.metrics.outbox_oldest.labels("zalo")._value.get() >= 50


async def test_a_note_of_a_correspondent_never_overwrites_a_newer_one(bench: Bench) -> None:
    notes = Correspondents(bench.documents, bench.vault, "zalo")
    now = bench.clock()
    assert await notes.of(AN) == {}
    await notes.note(AN, {"user": "u1", "last": {"id": "m2"}}, at=now)
    await notes.note(AN, {"last": {"id": "m1"}, "oa": "o1"}, at=now - timedelta(seconds=1))
    assert await notes.of(AN) == {"user": "u1", "last": {"id": "m2"}, "oa": "o1"}
    await notes.note(AN, {"last": {"id": "m3"}}, at=now + timedelta(microseconds=1))
    assert (await notes.of(AN))["last"] == {"id": "m3"}
    assert await notes.of(BINH) == {}
    assert await Correspondents(bench.documents, bench.vault, "email").of(AN) == {}
    document = await bench.documents.get("correspondent", f"zalo/{AN}")
    assert document is not None
    assert not document.body
    with pytest.raises(Invalid):
        await notes.note(AN, {"x": {1}}, at=now)


async def test_many_notes_at_once_all_count(bench: Bench) -> None:
    notes = Correspondents(bench.documents, bench.vault, "zalo")
    now = bench.clock()
    await asyncio.gather(*(notes.note(AN, {f"n{number}": number}, at=now) for number in range(10)))
    assert await notes.of(AN) == {f"n{number}": number for number in range(10)}


async def test_nothing_is_known_or_noted_of_somebody_erased(bench: Bench) -> None:
    notes = Correspondents(bench.documents, bench.vault, "zalo")
    await notes.note(AN, {"user": str(uuid4())}, at=bench.clock())
    await bench.vault.erase(AN)
    assert await notes.of(AN) == {}
    await notes.note(AN, {"user": "u1"}, at=bench.clock())
    assert await notes.of(AN) == {}
