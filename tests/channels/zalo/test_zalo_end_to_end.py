"""A citizen writes on Zalo and is answered there, through the running gateway and a Zalo that misbehaves."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from gateway.runtime.deployment import open_deployment
from schemas.files import AttachmentStored
from schemas.inbound import Ignored, Inbound, StaffMessage
from schemas.reply import ReplyEvent
from schemas.ticket import Ticket
from schemas.vocabulary import ReplyState
from services.zalo_ingest.configuration import TRIAL_OA
from tests.channels.zalo.running import Running, running
from tests.fakes.zalo.state import DAY, Trouble
from tests.gateway_process import ROOT
from tests.unit.filled import settings_of
from tests.unit.pictures import CAMERA, photographed

AN = "2512523625412515001"
BINH = "2512523625412515002"
CHI = "2512523625412515003"

COMPLETE = (
    "Đèn đường trước số nhà 12 đường Hùng Vương, phường Bình Phước bị hỏng ba ngày nay, buổi tối rất tối, đề nghị sửa "
    "giúp. Tôi là Nguyễn Văn An, số điện thoại 0912 345 678, nhà ở số 12 Hùng Vương, phường Bình Phước."
)
INCOMPLETE = "Bà con ấp 3 xã Thuận Lợi bị cúp nước từ hôm qua tới giờ chưa có lại."
JPEG = b"\xff\xd8\xff\xe0" + b"photo" * 50


async def test_a_message_becomes_a_ticket_and_is_answered_where_it_was_written(tmp_path: Path) -> None:
    async with running(tmp_path) as both:
        await both.zalo.say(AN, COMPLETE)
        first, second = await both.replied(AN, 2)
        assert "đã tiếp nhận" in first
        assert "đã được chuyển" in second
        (ticket,) = await both.of("tickets", Ticket)
        assert ticket.model_dump()["trial"]
        # Zalo's echoes of both are known again, and nothing becomes a dead letter.
        await both.handled("reply.events", 2)
        states = [event.model_dump()["state"] for event in await both.of("reply.events", ReplyEvent)]
        assert states == [ReplyState.SENT, ReplyState.SENT]
        await both.handled("inbound", 3)
        reasons = [one.model_dump()["reason"] for one in await both.of("inbound", Ignored)]
        assert reasons == ["echo", "echo"]
        assert await both.records("dlq") == []
        assert both.gateway.stop() == 0
        assert [one for one in both.gateway.events() if one["level"] in ("error", "critical")] == []


async def test_who_was_erased_and_writes_again_is_taken_up_anew_and_nothing_old_comes_back(tmp_path: Path) -> None:
    async with running(tmp_path) as both:
        event = both.zalo.events().text(AN, COMPLETE, both.zalo.now)
        both.zalo.state.interactions[AN] = both.zalo.state.clock()
        await both.zalo.webhooks.send(event)
        await both.replied(AN, 2)
        await both.handled("reply.events", 2)
        (first,) = await both.of("inbound", Inbound)
        old = first.model_dump()["account"]
        deployment = await open_deployment(settings_of(both.gateway.data))
        try:
            await deployment.vault.erase(old)
            await both.zalo.webhooks.send(event)
            await both.zalo.say(AN, INCOMPLETE)
            await both.replied(AN, 3)
            await both.zalo.say(AN, "Tôi là Nguyễn Văn An, 0912 345 678, nhà ở ấp 3, xã Thuận Lợi.")
            replies = await both.replied(AN, 5)
            assert "đã tiếp nhận" in replies[3]
            assert len(await both.of("tickets", Ticket)) == 2
            after = {one.model_dump()["account"] for one in await both.of("inbound", Inbound)} - {old}
            assert after == {await deployment.successors.current(old)}
        finally:
            await deployment.close()
        assert await both.records("dlq") == []


async def test_what_is_missing_is_asked_for_once_and_may_come_in_fragments(tmp_path: Path) -> None:
    async with running(tmp_path) as both:
        await both.zalo.say(BINH, INCOMPLETE)
        (asked,) = await both.replied(BINH, 1)
        assert "điện thoại" in asked
        for fragment in ("tôi là Trần Thị Bình", "0987 654 321", "nhà ở ấp 3, xã Thuận Lợi"):
            await both.zalo.say(BINH, fragment)
        replies = await both.replied(BINH, 3)
        assert "đã tiếp nhận" in replies[1]
        assert len(await both.of("tickets", Ticket)) == 1
        assert (await both.outcomes()).count("pending_supplement") == 1


async def test_the_card_is_answered_by_the_platform_itself(tmp_path: Path) -> None:
    async with running(tmp_path, ZALO_CARD_IMAGE_URL="https://1022.example.gov.vn/card.png") as both:
        await both.zalo.say(CHI, INCOMPLETE)
        await both.replied(CHI, 2)
        assert "attachment" in both.zalo.state.replies_to(CHI)[1].message
        info = {"name": "Lê Thị Chi", "phone": 84987654321, "full_address": "ấp 3, xã Thuận Lợi"}
        await both.zalo.webhooks.send(both.zalo.events().contact(CHI, info, both.zalo.now))
        replies = await both.replied(CHI, 4)
        assert "đã tiếp nhận" in replies[2]
        (ticket,) = await both.of("tickets", Ticket)
        assert json.loads(ticket.model_dump_json())["personal"]["contact"]["phone"] == "+84987654321"


async def test_three_pictures_and_a_text_are_one_submission(tmp_path: Path) -> None:
    async with running(tmp_path) as both:
        for name in ("1.jpg", "2.jpg", "3.jpg"):
            both.zalo.state.media[name] = (JPEG + name.encode(), "image/jpeg")
        await both.zalo.show(AN, "1.jpg", "2.jpg", "3.jpg")
        await both.zalo.say(AN, COMPLETE)
        await both.replied(AN, 2)
        (ticket,) = await both.of("tickets", Ticket)
        assert len(json.loads(ticket.model_dump_json())["inbound_ids"]) == 4
        await both.handled("media", 3)
        assert len(await both.of("media", AttachmentStored)) == 3
        assert len(both.zalo.state.replies_to(AN)) == 2


async def test_repeated_reordered_and_late_webhooks_have_one_effect(tmp_path: Path) -> None:
    async with running(tmp_path) as both:
        both.zalo.state.interactions[AN] = both.zalo.state.clock()
        events, now = both.zalo.events(), both.zalo.now
        two_hours_late = events.text(AN, COMPLETE, now - 7_200_000)
        numbers = json.loads(json.dumps(events.follow(AN, now)))
        numbers["oa_id"], numbers["follower"]["id"] = int(TRIAL_OA), int(AN)
        receipts = [events.received(AN, "63ecf43f0df7dba892e6", now), events.zns_received("84905123456", now)]
        await both.zalo.webhooks.send_all([two_hours_late, numbers, *receipts], seed=7, copies=3)
        await both.replied(AN, 2)
        assert len(await both.records("raw.zalo")) >= 4
        assert len(await both.of("inbound", Inbound)) == 1
        assert len(await both.of("tickets", Ticket)) == 1
        await both.handled("reply.events", 2)
        assert len(both.zalo.state.replies_to(AN)) == 2


async def test_staff_are_kept_and_forged_events_are_not(tmp_path: Path) -> None:
    async with running(tmp_path) as both:
        events = both.zalo.events()
        forged = await both.zalo.webhooks.send(events.text(AN, COMPLETE, both.zalo.now), secret="guessed")
        assert forged.delivered
        staff = events.sent(AN, "Chào bác, tổ kỹ thuật sẽ gọi lại.", "aa" * 10, both.zalo.now, admin="77001122")
        await both.zalo.webhooks.send(staff)
        await both.handled("inbound", 1)
        (written,) = await both.of("inbound", StaffMessage)
        assert json.loads(written.model_dump_json())["personal"]["text"].startswith("Chào bác")
        assert len(await both.records("raw.zalo")) == 1


async def test_a_token_refused_in_the_middle_is_renewed_and_nothing_is_said_twice(tmp_path: Path) -> None:
    async with running(tmp_path) as both:
        both.zalo.troubles.script("send", -216)
        await both.zalo.say(AN, COMPLETE)
        replies = await both.replied(AN, 2)
        assert len(replies) == len(set(replies)) == 2
        assert (both.zalo.state.refreshes, both.zalo.state.refused_refreshes) == (1, 0)


async def test_a_lost_answer_is_settled_by_the_echo_and_never_sent_again(tmp_path: Path) -> None:
    async with running(tmp_path) as both:
        both.zalo.echoes = False
        both.zalo.troubles.script("send", Trouble.DROP)
        await both.zalo.say(AN, COMPLETE)
        await both.handled("reply.events", 1)
        (unknown,) = [event.model_dump() for event in await both.of("reply.events", ReplyEvent)]
        assert (unknown["state"], unknown["reason"]) == (ReplyState.UNKNOWN, "no_answer")
        (taken,) = both.zalo.state.replies_to(AN)
        echo = both.zalo.events().sent(AN, taken.text.replace(" ", "  "), taken.message_id, int(taken.at * 1000))
        await both.zalo.webhooks.send(echo)
        # Now the next one may follow, and the first is known as sent.
        replies = await both.replied(AN, 2)
        assert len(set(replies)) == 2
        await both.handled("reply.events", 3)
        events = [event.model_dump() for event in await both.of("reply.events", ReplyEvent)]
        assert {event["state"] for event in events if event["reply_id"] == unknown["reply_id"]} == {
            ReplyState.UNKNOWN,
            ReplyState.SENT,
        }
        assert len(both.zalo.state.replies_to(AN)) == 2


async def answered(both: Running, code: str, *files: Path) -> None:
    """An operator answers with files, by the command."""
    options = [option for path in files for option in ("--file", str(path))]
    environment = {**os.environ, "GATEWAY_DATA": str(both.gateway.data), "GATEWAY_PORT": str(both.gateway.port)}
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", "answer", code, "--as", "op_lan", "--text", "Đã sửa xong.", *options),
        cwd=ROOT,
        env=environment,
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    _, said = await command.communicate()
    assert command.returncode == 0, said


async def test_an_answer_brings_its_photo_and_what_zalo_does_not_take_is_told_of(tmp_path: Path) -> None:
    photo, film = tmp_path / "anh.jpg", tmp_path / "phim.mp4"
    photo.write_bytes(photographed())
    film.write_bytes(b"\x00\x00\x00\x18ftypisom" + b"\x00" * 100)
    async with running(tmp_path) as both:
        await both.zalo.say(AN, COMPLETE)
        await both.replied(AN, 2)
        (ticket,) = await both.of("tickets", Ticket)
        code = str(ticket.model_dump()["code"])
        # The answer to the photo's message is lost: only its echo tells that it arrived.
        both.zalo.troubles.script("send", None, Trouble.DROP)
        both.zalo.echoes = False
        await answered(both, code, photo, film)
        *_, words, _ = await both.replied(AN, 4)
        taken = both.zalo.state.replies_to(AN)
        assert [one.kind for one in taken] == ["text", "text", "text", "image"]
        assert "phim.mp4" in words
        assert "/tra-cuu" in words
        assert code in words
        (uploaded,) = both.zalo.state.uploads.values()
        assert CAMERA.encode() not in uploaded
        await both.handled("reply.events", 3)
        (unknown,) = [one.model_dump() for one in await both.of("reply.events", ReplyEvent)][2:]
        assert (unknown["state"], unknown["reason"]) == (ReplyState.UNKNOWN, "no_answer")
        echo = both.zalo.events().sent(AN, "", taken[3].message_id, int(taken[3].at * 1000), kind="image")
        await both.zalo.webhooks.send(echo)
        await both.handled("reply.events", 4)
        last = [one.model_dump() for one in await both.of("reply.events", ReplyEvent)][3]
        assert (last["state"], last["reply_id"]) == (ReplyState.SENT, unknown["reply_id"])
        assert len(both.zalo.state.replies_to(AN)) == 4
        assert both.gateway.stop() == 0


@pytest.mark.slow
async def test_an_echo_that_comes_before_the_answer_is_known_all_the_same(tmp_path: Path) -> None:
    async with running(tmp_path) as both:
        both.zalo.troubles.script("send", Trouble.HANG, Trouble.HANG)
        await both.zalo.say(AN, COMPLETE)
        replies = await both.replied(AN, 2)
        assert len(set(replies)) == 2
        await both.handled("reply.events", 2)
        states = [event.model_dump()["state"] for event in await both.of("reply.events", ReplyEvent)]
        assert states == [ReplyState.SENT, ReplyState.SENT]


async def test_whatever_goes_wrong_by_chance_nobody_is_told_anything_twice(tmp_path: Path) -> None:
    async with running(tmp_path) as both:
        both.zalo.troubles.misbehave(1022, 0.4, (Trouble.DROP, Trouble.HTTP_502, Trouble.HTML))
        citizens = [f"25125236254125160{number:02}" for number in range(12)]
        for number, citizen in enumerate(citizens):
            await both.zalo.say(citizen, COMPLETE.replace("12", str(number + 20)))
        for citizen in citizens:
            replies = await both.replied(citizen, 2)
            assert len(replies) == len(set(replies)) == 2
        assert len(await both.of("tickets", Ticket)) == len(citizens)
        assert both.zalo.state.refused_refreshes == 0


async def test_a_closed_window_is_told_to_operators(tmp_path: Path) -> None:
    async with running(tmp_path) as both:
        both.zalo.state.interactions[AN] = both.zalo.state.clock() - 8 * DAY
        late = both.zalo.events().text(AN, COMPLETE, both.zalo.now - int(8 * DAY * 1000))
        await both.zalo.webhooks.send(late)
        await both.handled("reply.events", 2)
        events = [event.model_dump() for event in await both.of("reply.events", ReplyEvent)]
        assert {(event["state"], event["reason"]) for event in events} == {(ReplyState.FAILED, "window_closed")}
        assert both.zalo.state.requests == 0
