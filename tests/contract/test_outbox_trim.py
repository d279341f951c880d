"""What every outbox promises of forgetting: only what ended and was told, and never that it was filed."""

import pytest

from gateway.errors import Invalid
from gateway.outbox.port import Outbox, Part, PartState, token_of
from tests.contract.outbox_play import AN, BINH, NOON, at, begun, due, ended, filed, states


async def delivered(outbox: Outbox, parts: list[Part], seconds: float) -> None:
    """Every part was taken, so many seconds after noon."""
    for part in parts:
        await begun(outbox, part)
        await outbox.sent(part.reply_id, part.number, remote_id=f"m{part.reply_id}", now=at(seconds))


async def told(outbox: Outbox) -> None:
    """Every ending was told."""
    for ending in await outbox.endings("zalo", limit=100):
        await outbox.told(ending)


async def test_what_ended_and_was_told_is_forgotten_and_never_filed_anew(outbox: Outbox) -> None:
    long, young = await filed(outbox, AN, count=2), await filed(outbox, BINH)
    await delivered(outbox, long, 1)
    await delivered(outbox, young, 10)
    await told(outbox)
    assert await outbox.trim(at(10)) == 1
    assert await outbox.parts(long[0].reply_id) == []
    assert await outbox.part(long[0].reply_id, 0) is None
    assert await states(outbox, young) == ["sent"], "an instant's own endings are not before it"
    assert (await outbox.counts("zalo"))[PartState.SENT] == 1
    assert not await outbox.file(long)
    assert await due(outbox) == []
    assert await ended(outbox) == []
    assert await outbox.trim(at(10)) == 0


async def test_what_is_open_unclear_or_untold_is_kept(outbox: Outbox) -> None:
    waiting, untold, unclear = await filed(outbox, "0c" * 16), await filed(outbox, AN), await filed(outbox, BINH)
    await begun(outbox, unclear[0])
    await outbox.unknown(unclear[0].reply_id, 0, reason="timeout", now=NOON)
    await told(outbox)
    await delivered(outbox, untold, 0)
    assert await outbox.trim(at(1000)) == 0
    await told(outbox)
    assert await outbox.trim(at(1000)) == 1
    assert await states(outbox, waiting) == ["waiting"]
    assert await states(outbox, unclear) == ["unknown"]


async def test_a_failed_reply_is_kept_while_one_of_its_parts_is_unclear(outbox: Outbox) -> None:
    parts = await filed(outbox, count=2)
    await begun(outbox, parts[0])
    await outbox.unknown(parts[0].reply_id, 0, reason="timeout", now=NOON)
    await outbox.failed(parts[1].reply_id, 1, reason="blocked", now=NOON)
    await told(outbox)
    assert await outbox.trim(at(1000)) == 0
    assert await outbox.settle(parts[0].reply_id, 0, sent=False, by="op1", now=at(1))
    await told(outbox)
    assert await outbox.trim(at(1000)) == 1
    assert await outbox.acts(parts[0].reply_id) == []


async def test_what_is_repeated_is_not_forgotten_meanwhile(outbox: Outbox) -> None:
    (part,) = await filed(outbox)
    await outbox.failed(part.reply_id, 0, reason="blocked", now=NOON)
    await told(outbox)
    assert await outbox.repeat(part.reply_id, 0, by="op1", now=at(1))
    assert await outbox.trim(at(1000)) == 0
    assert await due(outbox, at(2)) == [(part.reply_id, 0)]


async def test_nothing_said_of_a_forgotten_part_has_any_effect(outbox: Outbox) -> None:
    (part,) = await filed(outbox)
    await delivered(outbox, [part], 0)
    await told(outbox)
    assert await outbox.trim(at(1)) == 1
    assert not await outbox.begin(part, at(2))
    assert await outbox.echoed("zalo", token=token_of(part.reply_id, 0), remote_id=f"m{part.reply_id}") is None
    await outbox.sent(part.reply_id, 0, remote_id="m", now=at(2))
    await outbox.failed(part.reply_id, 0, reason="blocked", now=at(2))
    assert not await outbox.repeat(part.reply_id, 0, by="op1", now=at(2))
    assert await ended(outbox) == []
    assert sum((await outbox.counts("zalo")).values()) == 0


async def test_it_goes_in_steps_that_ended_first_go_first(outbox: Outbox) -> None:
    replies = [await filed(outbox, f"{number:032x}") for number in range(3)]
    for seconds, parts in enumerate(reversed(replies)):
        await delivered(outbox, parts, seconds)
    await told(outbox)
    assert [await outbox.trim(at(100), limit=limit) for limit in (0, 2)] == [0, 2]
    assert [await states(outbox, parts) for parts in replies] == [["sent"], [], []]
    with pytest.raises(Invalid):
        await outbox.trim(NOON.replace(tzinfo=None))
