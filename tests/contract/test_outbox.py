"""What every outbox promises of parts on their way: order, states, and what survives whom."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import uuid4

import pytest

from gateway.errors import Conflict, Invalid, Unavailable
from gateway.outbox.opening import open_outbox
from gateway.outbox.port import (
    EARLIER_PART_FAILED,
    INTERRUPTED,
    Outbox,
    PartState,
    Tenure,
    token_of,
)
from tests.contract.outbox_play import AN, BINH, ECHO, NOON, at, begun, due, ended, filed, reply, states

NOBODY = uuid4()


async def test_a_filed_reply_is_read_back_whole(outbox: Outbox) -> None:
    parts = await filed(outbox, count=3, code=None)
    assert list(await outbox.parts(parts[0].reply_id)) == parts
    assert await outbox.part(parts[0].reply_id, 2) == parts[2]
    assert await outbox.part(parts[0].reply_id, 3) is None
    assert await outbox.parts(NOBODY) == []


async def test_a_reply_filed_again_changes_nothing(outbox: Outbox) -> None:
    first = await filed(outbox, count=2)
    await begun(outbox, first[0])
    again = [replace(part, sealed=b"other", count=1) for part in first[:1]]
    assert not await outbox.file(again)
    assert not await outbox.file(first)
    assert await states(outbox, first) == ["sending", "waiting"]
    assert (await outbox.counts("zalo"))[PartState.WAITING] == 1


async def test_of_fifty_filings_of_one_reply_at_once_one_counts(outbox: Outbox) -> None:
    parts = reply(count=2)
    answers = await asyncio.gather(*(outbox.file(parts) for _ in range(50)))
    assert sum(answers) == 1
    assert (await outbox.counts("zalo"))[PartState.WAITING] == 2


async def test_half_a_reply_and_a_time_without_zone_are_refused(outbox: Outbox) -> None:
    whole = reply(count=3)
    strangers = [reply()[0], replace(reply()[0], number=1)]
    for wrong in (whole[:2], whole[1:], whole[::-1], [*whole, whole[0]], strangers):
        with pytest.raises(Invalid) as caught:
            await outbox.file(wrong)
        assert caught.value.reason == "parts_incomplete"
    with pytest.raises(Invalid):
        await outbox.file([])
    with pytest.raises(Invalid):
        await outbox.file(reply(due_at=NOON.replace(tzinfo=None)))
    assert await due(outbox) == []


async def test_due_gives_each_citizen_one_part_at_a_time_oldest_first(outbox: Outbox) -> None:
    long = await filed(outbox, AN, count=2)
    await filed(outbox, AN)
    other = await filed(outbox, BINH)
    assert await due(outbox) == [(long[0].reply_id, 0), (other[0].reply_id, 0)]
    assert await due(outbox, limit=1) == [(long[0].reply_id, 0)]
    assert await due(outbox, limit=-1) == []
    assert await outbox.due("facebook", NOON, limit=9) == []


async def test_the_next_part_comes_when_the_one_before_it_ended(outbox: Outbox) -> None:
    long, later = await filed(outbox, count=2), await filed(outbox)
    await begun(outbox, long[0])
    assert await due(outbox) == [], "one is under way"
    await outbox.sent(long[0].reply_id, 0, remote_id="m1", now=NOON)
    assert await due(outbox) == [(long[0].reply_id, 1)]
    await begun(outbox, long[1])
    await outbox.failed(long[0].reply_id, 1, reason="window_closed", now=NOON)
    assert await due(outbox) == [(later[0].reply_id, 0)]


async def test_a_part_that_waits_for_later_holds_up_its_citizen_only(outbox: Outbox) -> None:
    first, _, other = await filed(outbox, AN), await filed(outbox, AN), await filed(outbox, BINH)
    await begun(outbox, first[0])
    await outbox.put_off(first[0].reply_id, 0, reason="quota", until=at(60))
    assert await due(outbox, at(59)) == [(other[0].reply_id, 0)]
    assert await due(outbox, at(60)) == [(first[0].reply_id, 0), (other[0].reply_id, 0)], "due at the very instant"


async def test_an_unknown_part_holds_up_its_citizen_for_the_echos_time(outbox: Outbox) -> None:
    first, second, other = await filed(outbox, AN), await filed(outbox, AN), await filed(outbox, BINH)
    await begun(outbox, first[0])
    await outbox.unknown(first[0].reply_id, 0, reason="timeout", now=NOON)
    assert await due(outbox, NOON) == [(other[0].reply_id, 0)]
    assert await due(outbox, NOON + ECHO) == [(second[0].reply_id, 0), (other[0].reply_id, 0)]
    assert await outbox.echoed("zalo", token=token_of(first[0].reply_id, 0)) is not None
    assert await due(outbox, NOON) == [(second[0].reply_id, 0), (other[0].reply_id, 0)], "the echo frees it at once"


async def test_begin_takes_a_waiting_part_once_and_counts_the_attempt(outbox: Outbox) -> None:
    (part,) = await filed(outbox)
    answers = await asyncio.gather(*(outbox.begin(part, NOON) for _ in range(20)))
    assert sum(answers) == 1
    await outbox.put_off(part.reply_id, 0, reason="quota", until=NOON)
    assert await outbox.begin(part, NOON)
    found = await outbox.part(part.reply_id, 0)
    assert found is not None
    assert (found.attempts, found.state) == (2, PartState.SENDING)


async def test_begin_takes_one_part_of_a_citizen_at_a_time(outbox: Outbox) -> None:
    first, second = await filed(outbox), await filed(outbox)
    await begun(outbox, first[0])
    assert not await outbox.begin(second[0], NOON)


async def test_a_sender_that_was_replaced_begins_nothing_more(outbox: Outbox) -> None:
    (part,) = await filed(outbox)
    first = await outbox.take_over("zalo", NOON)
    second = await outbox.take_over("zalo", NOON)
    other = await outbox.take_over("email", NOON)
    assert first.epoch < second.epoch
    assert other.epoch == first.epoch, "tenures are counted by channel"
    for stale in (0, first.epoch):
        with pytest.raises(Conflict) as caught:
            await outbox.begin(part, NOON, epoch=stale)
        assert caught.value.reason == "sender_replaced"
    assert await states(outbox, [part]) == ["waiting"]
    assert await outbox.begin(part, NOON, epoch=second.epoch)


async def test_what_a_gone_sender_was_handing_over_is_unknown_and_not_due(outbox: Outbox) -> None:
    (part,) = await filed(outbox)
    (elsewhere,) = await filed(outbox, channel="email")
    await begun(outbox, part)
    await begun(outbox, elsewhere)
    assert (await outbox.take_over("zalo", NOON)).interrupted == 1
    assert await states(outbox, [part]) == ["unknown"]
    assert await states(outbox, [elsewhere]) == ["sending"]
    assert await due(outbox, at(99999)) == []
    assert await ended(outbox) == [(part.reply_id, "unknown", INTERRUPTED, 1)]


async def test_sent_ends_an_unknown_part_and_is_final(outbox: Outbox) -> None:
    (part,) = await filed(outbox)
    await begun(outbox, part)
    await outbox.unknown(part.reply_id, 0, reason="timeout", now=NOON)
    await outbox.sent(part.reply_id, 0, remote_id="m1", now=NOON)
    await outbox.failed(part.reply_id, 0, reason="late", now=NOON)
    await outbox.unknown(part.reply_id, 0, reason="late", now=NOON)
    await outbox.put_off(part.reply_id, 0, reason="late", until=NOON)
    assert not await outbox.repeat(part.reply_id, 0, by="op1", now=NOON)
    found = await outbox.part(part.reply_id, 0)
    assert found is not None
    assert (found.state, found.reason, found.remote_id) == (PartState.SENT, None, "m1")
    await outbox.sent(part.reply_id, 0, remote_id=None, now=NOON)
    assert await outbox.part(part.reply_id, 0) == found, "said again without a name, it keeps its name"


async def test_only_a_part_under_way_is_put_off_or_unknown(outbox: Outbox) -> None:
    (part,) = await filed(outbox)
    await outbox.unknown(part.reply_id, 0, reason="x", now=NOON)
    await outbox.put_off(part.reply_id, 0, reason="x", until=at(99))
    assert await due(outbox) == [(part.reply_id, 0)]


async def test_a_failed_part_fails_the_rest_of_its_reply_and_nothing_else(outbox: Outbox) -> None:
    long, later = await filed(outbox, count=3), await filed(outbox)
    await begun(outbox, long[0])
    await outbox.sent(long[0].reply_id, 0, remote_id=None, now=NOON)
    await begun(outbox, long[1])
    await outbox.failed(long[1].reply_id, 1, reason="window_closed", now=NOON)
    assert await states(outbox, long) == ["sent", "failed", "failed"]
    last = await outbox.part(long[0].reply_id, 2)
    assert last is not None
    assert last.reason == EARLIER_PART_FAILED
    assert await ended(outbox) == [(long[0].reply_id, "failed", "window_closed", 1)]
    assert await due(outbox) == [(later[0].reply_id, 0)]


async def test_nothing_of_a_citizen_is_due_beside_a_part_under_way_even_an_older_one(outbox: Outbox) -> None:
    (older,), (newer,) = await filed(outbox), await filed(outbox)
    await outbox.failed(older.reply_id, 0, reason="blocked", now=NOON)
    await begun(outbox, newer)
    await outbox.repeat(older.reply_id, 0, by="op1", now=NOON)
    assert await due(outbox) == []


async def test_whoever_waits_is_woken_by_a_filing_and_not_by_another_channels(outbox: Outbox) -> None:
    waiting = asyncio.create_task(outbox.changed("zalo", within=60))
    await filed(outbox, channel="email")
    assert not waiting.done()
    await filed(outbox)
    await asyncio.wait_for(waiting, 10)
    await filed(outbox)
    await asyncio.wait_for(outbox.changed("zalo", within=60), 10)
    await outbox.changed("zalo", within=0.01)


async def test_who_is_told_to_stop_at_the_moment_of_a_change_stops(outbox: Outbox) -> None:
    async def watch() -> None:
        while True:
            await outbox.changed("zalo", within=60)

    for _ in range(10):
        watching = asyncio.create_task(watch())
        await asyncio.sleep(0)
        await filed(outbox)
        watching.cancel()
        assert await asyncio.wait([watching], timeout=10) == ({watching}, set())


async def test_everything_is_there_after_reopening(outbox_url: str) -> None:
    outbox = open_outbox(outbox_url, echo=ECHO)
    (one,), (two,) = await filed(outbox), await filed(outbox, BINH)
    await outbox.take_over("zalo", NOON)
    epoch = (await outbox.take_over("zalo", NOON)).epoch
    assert await outbox.begin(one, NOON, epoch=epoch)
    await outbox.failed(two.reply_id, 0, reason="blocked", now=NOON)
    await outbox.close()
    outbox = open_outbox(outbox_url, echo=ECHO)
    assert await states(outbox, [one]) == ["sending"]
    assert await ended(outbox) == [(two.reply_id, "failed", "blocked", 1)]
    assert await outbox.take_over("zalo", NOON) == Tenure(epoch + 1, interrupted=1)
    await outbox.close()


async def test_a_closed_outbox_is_unavailable(outbox_url: str) -> None:
    outbox = open_outbox(outbox_url)
    await outbox.close()
    await outbox.close()
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: outbox.file(reply()),
        lambda: outbox.due("zalo", NOON, limit=1),
        lambda: outbox.counts("zalo"),
    ]
    for call in calls:
        with pytest.raises(Unavailable):
            await call()


def test_an_unknown_outbox_is_refused() -> None:
    for wrong in ("", "sqlite:///", "sqlite://outbox.db", "mysql://host/db", "/var/outbox.db"):
        with pytest.raises(Invalid) as caught:
            open_outbox(wrong)
        assert caught.value.reason == "unknown_outbox"
