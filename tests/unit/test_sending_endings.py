"""How a call to a platform ended is kept and told once, also when it is not known, or nobody is there any more."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from gateway.errors import Invalid, Unavailable
from gateway.outbox.carrier import Refused, Unclear
from gateway.outbox.port import Ending, Outbox, token_of
from schemas.reply import ReplyEvent
from tests.unit.sending_bench import AN, BINH, Bench, a_reply, record_of
from tests.waiting import until


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
