"""Handing over one message: windows, private replies, Facebook's errors, and answers that never came."""

import pytest

from gateway.outbox.carrier import Delivered, Handover, Later, Refused, Unclear
from schemas.vocabulary import ReplyKind
from tests.channels.facebook.desk import ACCOUNT, COMMENT, Desk
from tests.channels.facebook.town import PERSON, write_token
from tests.fakes.facebook.state import GraphError, Script, Trouble


async def test_within_a_day_it_is_a_response_and_carries_its_token(desk: Desk) -> None:
    await desk.wrote()
    parcel = await desk.parcel("Phản ánh đã được tiếp nhận.")
    done = await desk.hand(desk.carrier(), parcel=parcel)
    [sent] = desk.fake.state.sent
    assert done == Delivered(sent.message_id)
    assert (sent.user, sent.text, sent.metadata, sent.tag) == (PERSON, parcel.text, parcel.token, "")


@pytest.mark.parametrize(
    ("hours", "kind", "human_agent", "expected"),
    [
        (23, ReplyKind.ACCEPTANCE, False, ""),
        (25, ReplyKind.ACCEPTANCE, False, None),
        (25, ReplyKind.RESULT, False, None),
        (25, ReplyKind.RESULT, True, "HUMAN_AGENT"),
        (25, ReplyKind.TRANSFERRED, True, None),
        (23, ReplyKind.RESULT, True, ""),
        (7 * 24 - 1, ReplyKind.RESULT, True, "HUMAN_AGENT"),
        (7 * 24 + 1, ReplyKind.RESULT, True, None),
    ],
)
async def test_after_a_day_only_what_a_person_wrote_and_only_for_a_week(
    desk: Desk, hours: float, kind: ReplyKind, *, human_agent: bool, expected: str | None
) -> None:
    await desk.wrote()
    desk.fake.state.human_agent = human_agent
    desk.clock.pass_by(hours=hours)
    done = await desk.hand(desk.carrier(human_agent=human_agent), kind=kind)
    if expected is None:
        assert done == Refused("window_closed")
        assert desk.fake.state.requests == []
    else:
        assert isinstance(done, Delivered)
        assert [one.tag for one in desk.fake.state.sent] == [expected]


async def test_somebody_who_is_not_known_gets_nothing(desk: Desk) -> None:
    assert await desk.hand(desk.carrier()) == Refused("unknown_correspondent")


@pytest.mark.parametrize(("thing", "by"), [(COMMENT, "comment_id"), ("104512345678901_77", "post_id")])
async def test_a_comment_or_post_has_one_private_reply_and_a_public_word_that_says_nothing_of_the_matter(
    desk: Desk, thing: str, by: str
) -> None:
    await desk.commented(thing=thing, by=by)
    carrier = desk.carrier()
    assert isinstance(await desk.hand(carrier, "Mã 7KQX-4M9T-2BHW", account=ACCOUNT), Delivered)
    [sent], [public] = desk.fake.state.sent, desk.fake.state.public
    assert sent.recipient == {by: thing}
    assert public.under == thing
    assert "tin nhắn riêng" in public.text
    assert "private message" in public.text
    assert "7KQX" not in public.text
    assert await desk.hand(carrier, account=ACCOUNT) == Refused("private_reply_used")
    assert len(desk.fake.state.sent) == len(desk.fake.state.public) == 1


async def test_a_result_that_cannot_be_sent_privately_is_only_pointed_at_in_public(desk: Desk) -> None:
    await desk.commented()
    carrier = desk.carrier()
    await desk.hand(carrier, account=ACCOUNT)
    done = await desk.hand(carrier, "Đã vá đường trước nhà ông An.", account=ACCOUNT, kind=ReplyKind.RESULT)
    assert done == Refused("private_reply_used")
    pointer = desk.fake.state.public[-1].text
    assert "nhắn tin cho trang" in pointer
    assert "ông An" not in pointer


async def test_once_the_author_answers_privately_the_rest_goes_into_the_inbox(desk: Desk) -> None:
    await desk.commented()
    carrier = desk.carrier()
    await desk.hand(carrier, account=ACCOUNT)
    await desk.wrote(account=ACCOUNT)
    assert isinstance(await desk.hand(carrier, account=ACCOUNT), Delivered)
    assert desk.fake.state.sent[-1].recipient == {"id": PERSON}
    assert len(desk.fake.state.public) == 1


async def test_a_comment_of_more_than_a_week_ago_is_not_answered_any_more(desk: Desk) -> None:
    await desk.commented()
    desk.clock.pass_by(days=7, minutes=1)
    assert await desk.hand(desk.carrier(), account=ACCOUNT) == Refused("window_closed")
    assert desk.fake.state.requests == []


async def test_the_same_message_may_try_again_to_be_the_private_reply(desk: Desk) -> None:
    await desk.commented()
    carrier = desk.carrier()
    desk.fake.troubles.script("messages", GraphError(1))
    parcel = await desk.parcel(account=ACCOUNT)
    assert isinstance(await desk.hand(carrier, parcel=parcel), Later)
    assert await desk.hand(carrier, account=ACCOUNT) == Refused("private_reply_used")
    assert isinstance(await desk.hand(carrier, parcel=parcel), Delivered)


async def test_a_public_word_that_fails_changes_nothing(desk: Desk) -> None:
    await desk.commented()
    desk.fake.troubles.script("comments", GraphError(200))
    assert isinstance(await desk.hand(desk.carrier(), account=ACCOUNT), Delivered)


WHOLE, ALARM = {"whole_channel": True}, {"whole_channel": True, "alarm": True}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (GraphError(1), Later("platform_failing", 5.0)),
        (GraphError(2), Later("platform_failing", 5.0)),
        (GraphError(1200), Later("platform_failing", 5.0)),
        (GraphError(999, transient=True), Later("platform_failing", 5.0)),
        (GraphError(4), Later("rate_limited", 60.0, **WHOLE)),
        (GraphError(4, 2018022), Later("rate_limited", 60.0, **WHOLE)),
        (GraphError(17), Later("rate_limited", 60.0, **WHOLE)),
        (GraphError(32), Later("rate_limited", 60.0, **WHOLE)),
        (GraphError(613), Later("rate_limited", 60.0, **WHOLE)),
        (GraphError(80006, regain_minutes=19), Later("rate_limited", 1140.0, **WHOLE)),
        (GraphError(341, regain_minutes=100_000), Later("rate_limited", 86_400.0, **WHOLE)),
        (GraphError(368), Later("blocked_for_policy", 3600.0, **ALARM)),
        (GraphError(190, 460), Later("token_dead", 15.0, **ALARM)),
        (GraphError(102), Later("token_dead", 15.0, **ALARM)),
        (GraphError(10, 2018278), Refused("window_closed")),
        (GraphError(10, 2018065), Refused("window_closed")),
        (GraphError(100, 1545041), Refused("window_closed")),
        (GraphError(551, 1545041), Refused("person_unavailable")),
        (GraphError(551), Refused("person_unavailable")),
        (GraphError(10), Refused("permission_missing")),
        (GraphError(200, 2018028), Refused("permission_missing")),
        (GraphError(100, 2018001), Refused("no_such_person")),
        (GraphError(100, 2018109), Refused("too_big")),
        (GraphError(100, 2018034), Refused("empty_message")),
        (GraphError(100), Refused("bad_parameter")),
        (GraphError(506), Refused("duplicate_post")),
        (GraphError(1609005), Refused("bad_link")),
        (GraphError(10900), Refused("private_reply_used")),
        (GraphError(424242), Refused("refused_by_platform")),
    ],
)
async def test_each_error_of_facebooks_means_what_its_table_says(
    desk: Desk, error: GraphError, expected: Handover
) -> None:
    await desk.wrote()
    desk.fake.troubles.script("messages", error)
    assert await desk.hand(desk.carrier()) == expected
    assert desk.fake.state.sent == []
    assert bool(desk.alarm("permission_missing")) == (expected == Refused("permission_missing"))


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (Trouble.DROP_BEFORE, Unclear("answer_lost")),
        (Trouble.DROP_AFTER, Unclear("answer_lost")),
        (Trouble.HANG, Unclear("answer_lost")),
        (Trouble.HTML_502, Unclear("answer_unreadable")),
        (Trouble.NOT_JSON, Unclear("answer_unreadable")),
        (Trouble.REDIRECT, Later("no_graph_api", 60.0, **ALARM)),
    ],
)
async def test_an_answer_that_does_not_come_leaves_it_open(desk: Desk, trouble: Script, expected: Handover) -> None:
    await desk.wrote()
    desk.fake.troubles.script("messages", trouble)
    assert await desk.hand(desk.carrier()) == expected


async def test_a_usage_header_of_next_year_hurts_nobody(desk: Desk) -> None:
    await desk.wrote()
    desk.fake.troubles.script("messages", Trouble.NEW_USAGE_MEMBER)
    assert isinstance(await desk.hand(desk.carrier()), Delivered)


async def test_where_nobody_listens_nothing_was_sent(desk: Desk) -> None:
    await desk.wrote()
    done = await desk.hand(desk.carrier(base="http://127.0.0.1:9"))
    assert done == Later("unreachable", 10.0, whole_channel=True)


async def test_a_failing_facebook_is_tried_five_times_for_one_message(desk: Desk) -> None:
    await desk.wrote()
    carrier, parcel = desk.carrier(), await desk.parcel()
    desk.fake.troubles.script("messages", *[GraphError(2)] * 5)
    done = [await desk.hand(carrier, parcel=parcel) for _ in range(5)]
    assert [type(one) for one in done] == [Later, Later, Later, Later, Refused]


async def test_a_dead_token_is_not_shown_again_until_it_changes_or_some_time_passed(desk: Desk) -> None:
    await desk.wrote()
    carrier = desk.carrier()
    desk.fake.state.tokens = {"EAAB-token-two"}
    dead = Later("token_dead", 15.0, whole_channel=True, alarm=True)
    assert [await desk.hand(carrier), await desk.hand(carrier)] == [dead, dead]
    assert len(desk.fake.sends()) == 1
    desk.clock.pass_by(minutes=11)
    assert await desk.hand(carrier) == dead
    assert len(desk.fake.sends()) == 2
    write_token(desk.token.path, "EAAB-token-two")
    assert isinstance(await desk.hand(carrier), Delivered)


@pytest.mark.parametrize("how", ["missing", "exposed", "empty"])
async def test_without_a_usable_token_the_channel_waits_for_a_person(desk: Desk, how: str) -> None:
    await desk.wrote()
    write_token(desk.token.path, "" if how == "empty" else "EAAB-token-one")
    if how == "missing":
        desk.token.path.unlink()
    if how == "exposed":
        desk.token.path.chmod(0o644)
    done = await desk.hand(desk.carrier())
    reason = "token_exposed" if how == "exposed" else "token_missing"
    assert done == Later(reason, 15.0, whole_channel=True, alarm=True)
    assert desk.fake.state.requests == []
