"""What every outbox promises of ends: echoes, operators' words, and each ending told once."""

from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from gateway.outbox.port import (
    BY_OPERATOR,
    ActKind,
    Outbox,
    PartState,
    named_by,
    token_of,
)
from tests.contract.outbox_play import AN, BINH, NOON, at, begun, due, ended, filed, states

NOBODY = uuid4()


async def test_an_operator_repeats_a_failed_part_with_those_that_failed_because_of_it(outbox: Outbox) -> None:
    long = await filed(outbox, count=3)
    later = await filed(outbox)
    await outbox.failed(long[0].reply_id, 0, reason="blocked", now=NOON)
    assert await outbox.repeat(long[0].reply_id, 0, by="op1", now=NOON)
    assert not await outbox.repeat(long[0].reply_id, 1, by="op1", now=NOON)
    assert await states(outbox, long) == ["waiting"] * 3
    assert await due(outbox) == [(long[0].reply_id, 0)], "it comes before what was filed after it"
    assert await states(outbox, later) == ["waiting"]
    (act,) = await outbox.acts(long[0].reply_id)
    assert (act.number, act.by, act.kind, act.at) == (0, "op1", ActKind.REPEATED, NOON)


async def test_an_operator_settles_an_unknown_part_only_and_it_is_recorded(outbox: Outbox) -> None:
    (one,), (two,) = await filed(outbox, AN), await filed(outbox, BINH)
    assert not await outbox.settle(one.reply_id, 0, sent=True, by="op1", now=NOON)
    for part in (one, two):
        await begun(outbox, part)
        assert not await outbox.settle(part.reply_id, 0, sent=True, by="op1", now=NOON)
        await outbox.unknown(part.reply_id, 0, reason="timeout", now=NOON)
    assert await outbox.settle(one.reply_id, 0, sent=True, by="op1", now=at(1))
    assert not await outbox.settle(one.reply_id, 0, sent=False, by="op2", now=at(2))
    assert await outbox.settle(two.reply_id, 0, sent=False, by="op2", now=at(3))
    endings = await outbox.endings("zalo", limit=9)
    assert [(one.state.value, one.reason, one.by) for one in endings] == [
        ("sent", None, "op1"),
        ("failed", BY_OPERATOR, "op2"),
    ]
    assert [act.kind for act in await outbox.acts(one.reply_id)] == [ActKind.SETTLED_AS_SENT]
    assert [act.kind for act in await outbox.acts(two.reply_id)] == [ActKind.SETTLED_AS_FAILED]


async def test_an_echo_is_known_by_our_token_in_any_state(outbox: Outbox) -> None:
    parts = [(await filed(outbox, f"{number:032x}"))[0] for number in range(4)]
    waiting, sending, unknown, failed = parts
    await begun(outbox, sending)
    await begun(outbox, unknown)
    await outbox.unknown(unknown.reply_id, 0, reason="timeout", now=NOON)
    await outbox.failed(failed.reply_id, 0, reason="given_up", now=NOON)
    for part in parts:
        for _ in range(2):
            token = token_of(part.reply_id, 0)
            found = await outbox.echoed("zalo", token=token, remote_id=f"m-{part.account}", account=part.account)
            assert found is not None
            assert (found.reply_id, found.state, found.remote_id) == (
                part.reply_id,
                PartState.SENT,
                f"m-{part.account}",
            )
    assert waiting.reply_id in [one[0] for one in await ended(outbox)]


async def test_an_echo_is_known_by_the_platforms_id_where_there_is_no_token(outbox: Outbox) -> None:
    (part,) = await filed(outbox)
    await begun(outbox, part)
    await outbox.sent(part.reply_id, 0, remote_id="m1", now=NOON)
    for token in (None, "not one of ours", f"{NOBODY.hex}.0"):
        found = await outbox.echoed("zalo", token=token, remote_id="m1")
        assert found is not None
        assert found.reply_id == part.reply_id


async def test_an_echo_of_nothing_of_ours_changes_nothing(outbox: Outbox) -> None:
    (part,) = await filed(outbox)
    await begun(outbox, part)
    token = token_of(part.reply_id, 0)
    assert await outbox.echoed("facebook", token=token) is None
    assert await outbox.echoed("zalo", token=token, account=BINH) is None
    for hostile in (
        "",
        ".",
        "0.0",
        f"{token}0" * 99,
        f"{part.reply_id.hex}.٠",
        f"{part.reply_id.hex}.-1",
        "\ud800",
        "m" * 10**6,
    ):
        assert await outbox.echoed("zalo", token=hostile, remote_id=hostile) is None
    assert await outbox.echoed("zalo") is None
    assert await states(outbox, [part]) == ["sending"]


async def test_parts_whose_end_is_not_known_are_found_by_account_for_echoes_without_a_name(outbox: Outbox) -> None:
    (first,), (second,), _ = await filed(outbox), await filed(outbox), await filed(outbox, BINH)
    await begun(outbox, first)
    await outbox.unknown(first.reply_id, 0, reason="timeout", now=NOON)
    await begun(outbox, second)
    assert [part.reply_id for part in await outbox.unproven("zalo", AN)] == [first.reply_id, second.reply_id]
    await outbox.sent(first.reply_id, 0, remote_id=None, now=NOON)
    assert [part.reply_id for part in await outbox.unproven("zalo", AN)] == [second.reply_id]
    assert await outbox.unproven("email", AN) == []


async def test_a_reply_ends_when_its_last_part_did(outbox: Outbox) -> None:
    parts = await filed(outbox, count=2)
    for part in parts:
        assert await ended(outbox) == []
        await begun(outbox, part)
        assert await ended(outbox) == []
        await outbox.sent(part.reply_id, part.number, remote_id=None, now=NOON)
    assert await ended(outbox) == [(parts[0].reply_id, "sent", None, 1)]


async def test_one_unknown_part_makes_the_reply_unknown_until_it_is_known(outbox: Outbox) -> None:
    parts = await filed(outbox, count=2)
    await begun(outbox, parts[0])
    await outbox.unknown(parts[0].reply_id, 0, reason="timeout", now=NOON)
    await begun(outbox, parts[1])
    await outbox.sent(parts[0].reply_id, 1, remote_id=None, now=NOON)
    assert await ended(outbox) == [(parts[0].reply_id, "unknown", "timeout", 1)]
    await outbox.echoed("zalo", token=token_of(parts[0].reply_id, 0))
    assert await ended(outbox) == [(parts[0].reply_id, "sent", None, 2)]


async def test_an_ending_is_told_once_and_another_one_again(outbox: Outbox) -> None:
    (part,) = await filed(outbox)
    await begun(outbox, part)
    await outbox.unknown(part.reply_id, 0, reason="timeout", now=NOON)
    (first,) = await outbox.endings("zalo", limit=9)
    assert (first.channel, first.account, first.history) == ("zalo", AN, f"conversation/{AN}")
    await outbox.told(first)
    assert await ended(outbox) == []
    await outbox.sent(part.reply_id, 0, remote_id=None, now=NOON)
    await outbox.told(first)
    (second,) = await outbox.endings("zalo", limit=9)
    assert (second.state, second.revision) == (PartState.SENT, 2), "telling the first again does not hide the second"
    await outbox.told(second)
    await outbox.sent(part.reply_id, 0, remote_id=None, now=NOON)
    assert await ended(outbox) == []


async def test_a_repeated_reply_that_fails_again_is_told_again(outbox: Outbox) -> None:
    (part,) = await filed(outbox)
    for revision in (1, 2):
        await begun(outbox, part)
        await outbox.failed(part.reply_id, 0, reason="blocked", now=NOON)
        (ending,) = await outbox.endings("zalo", limit=9)
        assert ending.revision == revision
        await outbox.told(ending)
        await outbox.repeat(part.reply_id, 0, by="op1", now=NOON)
        assert await ended(outbox) == [], "it is open again"


async def test_endings_come_oldest_first_and_by_channel(outbox: Outbox) -> None:
    parts = [(await filed(outbox, f"{number:032x}"))[0] for number in range(3)]
    for seconds, part in enumerate(parts[::-1]):
        await outbox.failed(part.reply_id, 0, reason="blocked", now=at(seconds))
    assert [one[0] for one in await ended(outbox)] == [part.reply_id for part in parts[::-1]]
    assert len(await outbox.endings("zalo", limit=2)) == 2
    assert await outbox.endings("email", limit=9) == []


async def test_operators_see_parts_by_state_oldest_first_and_their_number(outbox: Outbox) -> None:
    parts = [(await filed(outbox, f"{number:032x}"))[0] for number in range(4)]
    for part in parts[:2]:
        await outbox.failed(part.reply_id, 0, reason="blocked", now=NOON)
    seen = await outbox.open_parts("zalo", PartState.FAILED, limit=9)
    assert [part.reply_id for part in seen] == [part.reply_id for part in parts[:2]]
    assert len(await outbox.open_parts("zalo", PartState.WAITING, limit=1)) == 1
    assert await outbox.open_parts("email", PartState.WAITING, limit=9) == []
    counts = await outbox.counts("zalo")
    assert counts == dict.fromkeys(PartState, 0) | {PartState.FAILED: 2, PartState.WAITING: 2}
    assert await outbox.counts("email") == dict.fromkeys(PartState, 0)


@given(st.uuids(), st.integers(0, 999_999))
def test_a_token_names_its_part_and_nobody_else(reply_id: UUID, number: int) -> None:
    assert named_by(token_of(reply_id, number)) == (reply_id, number)
