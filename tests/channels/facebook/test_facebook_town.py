"""Through the running gateway and a faithful Facebook: what citizens do there, and what comes back to them."""

from pathlib import Path

import pytest

from schemas.inbound import StaffMessage
from schemas.reply import ReplyEvent
from schemas.vocabulary import Intake, ReplyState
from tests.channels.facebook.town import (
    COMPLETE,
    MATTER,
    PERSON,
    TOKEN,
    WHO,
    started,
    town,
    write_token,
)
from tests.fakes.facebook.state import GraphError, Trouble
from tests.waiting import until

AUTHOR = "6123456789012345"
JPEG = b"\xff\xd8\xff\xe0" + b"photo" * 50


async def test_a_message_becomes_a_ticket_and_is_answered_in_the_inbox(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        there.facebook.state.names[PERSON] = ("Nguyễn", "An")
        await there.facebook.say(PERSON, COMPLETE, photos={"a.jpg": JPEG})
        ticket = await there.ticket()
        await until(lambda: len(there.sent_to()) >= 2)
        assert all(ticket.code in text for text in there.sent_to()[:2])
        assert {one.recipient["id"] for one in there.facebook.state.sent} == {PERSON}
        await until(lambda: f"GET /v25.0/{PERSON}" in there.facebook.state.requests)
        await until(lambda: there.endings(ReplyState.SENT, 2))


async def test_a_comment_is_answered_by_one_private_reply_and_one_public_word_and_goes_on_in_the_inbox(
    tmp_path: Path,
) -> None:
    async with town(tmp_path) as there:
        comment = await there.facebook.comment(AUTHOR, MATTER, inbox=PERSON)
        await until(lambda: bool(there.facebook.state.public))
        [private], [public] = there.facebook.state.sent, there.facebook.state.public
        assert private.recipient == {"comment_id": comment}
        assert public.under == comment
        [inbound] = await there.inbounds()
        assert inbound.intake is Intake.COMMENT
        assert inbound.code in private.text
        for telling in (inbound.code, "0912", "Nguyễn", "Đèn"):
            assert telling not in public.text
        # Their id in the inbox is another one; only the echo of the private reply says that it is they.
        await until(lambda: there.ignored("own_echo"))
        await there.facebook.say(PERSON, WHO)
        ticket = await there.ticket()
        assert ticket.code == inbound.code
        assert ticket.account == inbound.account
        await until(lambda: len(there.facebook.state.sent) >= 3)
        assert all(one.recipient == {"id": PERSON} for one in there.facebook.state.sent[1:])
        assert len(there.facebook.state.public) == 1


async def test_a_comment_that_facebook_names_nobody_for_is_answered_all_the_same(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        comment = await there.facebook.comment(AUTHOR, COMPLETE, named=False)
        await until(lambda: bool(there.facebook.state.public))
        assert there.facebook.state.sent[0].recipient == {"comment_id": comment}
        ticket = await there.ticket()
        await until(lambda: there.endings(ReplyState.FAILED, 1))
        failed = [one for one in await there.on("reply.events") if isinstance(one, ReplyEvent) and one.reason]
        assert {one.reason for one in failed} == {"private_reply_used"}
        assert len([one for one in there.facebook.state.sent if ticket.code in one.text]) == 1


async def test_a_visitors_post_and_its_photos_are_one_submission_though_the_photos_come_first(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        post = await there.facebook.visit(AUTHOR, COMPLETE, photos={"1.jpg": JPEG, "2.jpg": JPEG + b"2"})
        ticket = await there.ticket()
        await until(lambda: bool(there.facebook.state.public))
        found = await there.inbounds()
        assert len(found) == 3
        assert {one.code for one in found} == {ticket.code}
        assert len(ticket.attachments) == 2
        assert [one.recipient for one in there.facebook.state.sent] == [{"post_id": post}]
        assert ticket.code in there.facebook.state.sent[0].text
        assert len(await there.on("tickets")) == 1


async def test_an_edit_comes_before_the_decision(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        mid = await there.facebook.say(PERSON, "Đèn đường trước nhà số 45 bị hỏng")
        await there.facebook.edit(PERSON, mid, "Đèn đường trước nhà số 54 bị hỏng")
        await there.facebook.say(PERSON, WHO)
        ticket = await there.ticket()
        first, edit, _ = await there.inbounds()
        assert edit.edits == first.id
        assert "số 54" in ticket.personal.content
        assert ticket.code == first.code


async def test_a_storm_of_repeated_shuffled_batches_is_every_message_once(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        fake = there.facebook
        said = [
            fake.events.text(f"74210033445{number:05}", f"Đường ngập, lần {number}", f"m_storm{number}", fake.now)
            for number in range(60)
        ]
        await fake.webhooks.storm(said, at=fake.now, seed=7, copies=3)
        await until(lambda: there.inbounds_at_least(60))
        found = await there.inbounds()
        assert len({one.id for one in found}) == 60
        assert {one.personal.text for one in found} == {f"Đường ngập, lần {number}" for number in range(60)}


@pytest.mark.slow
async def test_a_dead_token_holds_the_outbox_and_a_new_one_lets_it_go_on(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        there.facebook.state.tokens = {"EAAB-token-two"}
        await there.facebook.say(PERSON, COMPLETE)
        await until(lambda: bool(there.facebook.sends()))
        await there.ticket()
        assert there.facebook.state.sent == []
        write_token(there.token_file, "EAAB-token-two")
        await until(lambda: len(there.sent_to()) >= 2)
        assert len(set(there.sent_to())) == len(there.sent_to())
        # Facebook was asked with the dead token once, and from then on only with the new one.
        assert len(there.facebook.sends()) == 1 + len(there.sent_to())


async def test_a_lost_answer_is_never_repeated_and_its_echo_settles_it(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        there.facebook.troubles.script("messages", Trouble.DROP_AFTER)
        await there.facebook.say(PERSON, COMPLETE)
        await until(lambda: len(there.sent_to()) >= 2)
        await until(lambda: there.endings(ReplyState.SENT, 2))
        assert len(set(there.sent_to())) == len(there.sent_to())


@pytest.mark.slow
async def test_replies_over_a_line_that_fails_and_forgets_arrive_once_each(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        there.facebook.troubles.misbehave(3, 0.3, [GraphError(1), Trouble.DROP_AFTER])
        people = [f"74210033446{number:05}" for number in range(8)]
        for person in people:
            await there.facebook.say(person, COMPLETE)
        await until(lambda: all(len(there.sent_to(person)) >= 2 for person in people))
        await until(lambda: there.endings(ReplyState.SENT, 2 * len(people)))
        assert [len(set(there.sent_to(person))) for person in people] == [2] * len(people)
        assert len(there.facebook.state.sent) == 2 * len(people)


@pytest.mark.slow
async def test_what_was_missed_in_an_outage_is_fetched_and_nothing_doubles(tmp_path: Path) -> None:
    async with town(tmp_path, FACEBOOK_CHECK_SECONDS="1") as there:
        fake = there.facebook
        fake.state.keep("1", "m_old", "1", "Chuyện cũ từ năm ngoái", [])
        fake.state.threads["1"][0]["created_time"] = "2025-11-26T01:00:00+0000"
        await fake.say(PERSON, "Đường ngập quá")
        await until(lambda: there.inbounds_at_least(1))
        looks = len(fake.state.requests)
        await until(lambda: len(fake.state.requests) > looks + 3)
        await there.stopped()
        fake.webhooks.silent = True
        missed = [await fake.say("7421003344550001", f"Mất nước từ sáng, lần {number}") for number in range(5)]
        missed.append(await fake.say(PERSON, "Ngập từ sáng", photos={"b.jpg": JPEG}))
        fake.webhooks.silent = False
        await started(there.gateway)
        await until(lambda: there.inbounds_at_least(7))
        # Facebook delivers some of them after all, and the gateway looks again and again.
        looks = len(fake.state.requests)
        again = fake.events.text("7421003344550001", "Mất nước từ sáng, lần 0", missed[0], fake.now)
        await fake.webhooks.send(again, at=fake.now)
        await until(lambda: len(fake.state.requests) > looks + 6)
        found = await there.inbounds()
        assert len(found) == len({one.id for one in found}) == 7
        assert sorted(len(one.attachments) for one in found) == [0] * 6 + [1]
        assert "Chuyện cũ từ năm ngoái" not in {one.personal.text for one in found}


@pytest.mark.slow
async def test_comments_and_posts_missed_in_an_outage_are_fetched_and_nothing_doubles(tmp_path: Path) -> None:
    async with town(tmp_path, FACEBOOK_CHECK_SECONDS="1") as there:
        fake = there.facebook
        looks = f"GET /v25.0/{fake.state.page}/feed"
        await until(lambda: looks in fake.state.requests)
        brought = await fake.comment(AUTHOR, "Đường ngập quá")
        await until(lambda: there.inbounds_at_least(1))
        await there.stopped()
        fake.webhooks.silent = True
        missed = await fake.comment(AUTHOR, "Mất nước từ sáng")
        await fake.comment("6123456789010002", "Nhà tôi cũng mất nước", above=missed)
        await fake.comment("6123456789010003", "Ở đây cũng vậy", named=False)
        visited = await fake.visit("6123456789010004", "Rác tồn đọng ở chợ")
        fake.webhooks.silent = False
        await started(there.gateway)
        await until(lambda: there.inbounds_at_least(5))
        # Facebook delivers them after all, of one without saying who wrote it, and the gateway looks again and again.
        for comment, text in ((brought, "Đường ngập quá"), (missed, "Mất nước từ sáng")):
            event = fake.events.comment(None, text, comment, fake.own_post(), fake.now)
            await fake.webhooks.send(event, at=fake.now)
        author = {"id": "6123456789010004", "name": "Khách Ghé Thăm"}
        await fake.webhooks.send(fake.events.visitor_post(author, "Rác tồn đọng ở chợ", visited, fake.now), at=fake.now)
        seen = fake.state.requests.count(looks)
        await until(lambda: fake.state.requests.count(looks) > seen + 2)
        await fake.say(PERSON, "Đèn đường hỏng")
        await until(lambda: there.inbounds_at_least(6))
        found = await there.inbounds()
        assert len(found) == len({one.id for one in found}) == 6


async def test_staff_in_the_pages_own_inbox_are_kept_with_the_conversation(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        await there.facebook.say(PERSON, "Đèn đường hỏng")
        await there.facebook.answer_as_staff(PERSON, "Dạ em gọi lại anh ngay")
        await until(there.staff)
        [said] = await there.staff()
        assert isinstance(said, StaffMessage)
        assert said.personal.text == "Dạ em gọi lại anh ngay"
        [asked] = await there.inbounds()
        assert said.account == asked.account


async def test_facebook_hears_no_secret_in_a_url(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        await there.facebook.say(PERSON, COMPLETE)
        await until(lambda: len(there.sent_to()) >= 2)
        assert 190 not in there.facebook.state.refused
        logged = there.gateway.logged()
        for secret in (TOKEN, "app-secret-of-a-test", PERSON, "Nguyễn Văn An"):
            assert secret not in logged
