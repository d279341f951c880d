"""What no webhook brought is fetched from the page: comments and visitors' posts, each once, by the webhook's ids."""

from datetime import timedelta

import pytest

from gateway.bus.port import Bus
from schemas.inbound import Inbound
from services.facebook_ingest import pages
from services.facebook_ingest.upkeep import Upkeep
from tests.channels.facebook.desk import Desk
from tests.channels.facebook.looking_after import copy_of_upkeep, fetched, texts
from tests.channels.facebook.reading import effects
from tests.channels.facebook.town import PAGE
from tests.fakes.facebook import webhooks
from tests.fakes.facebook.feed import photo, written
from tests.fakes.facebook.state import GraphError

AUTHOR = "6123456789012345"
JPEG = b"\xff\xd8\xff\xe0" + b"photo" * 50
FEED = f"GET /v25.0/{PAGE}/feed"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAUSE_SECONDS", 0.0)


async def outage(desk: Desk, upkeep: Upkeep) -> None:
    """The first look, and then a while without webhooks."""
    await upkeep.round()
    desk.fake.webhooks.silent = True
    desk.clock.pass_by(hours=2)


def settle(desk: Desk) -> None:
    """So long that no webhook is under way any more."""
    desk.clock.pass_by(minutes=6)


def inbound_of(bodies: list[bytes]) -> list[Inbound]:
    """What a webhook's requests are read as."""
    return [one.said for body in bodies for one in effects(body) if isinstance(one.said, Inbound)]


class Sent(list[bytes]):
    """Requests that the fake would have delivered."""


@pytest.fixture
def sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What webhooks would have brought: the fake's own requests, kept instead of delivered."""
    found = Sent()
    deliver = desk.fake.webhooks.deliver

    async def kept(request: dict[str, object], *, secret: str | None = None) -> webhooks.Delivery:
        found.append(webhooks.written(request))
        return await deliver(request, secret=secret)

    monkeypatch.setattr(desk.fake.webhooks, "deliver", kept)
    return found


async def test_comments_answers_and_posts_are_fetched_as_the_webhook_would_have_brought_them(
    desk: Desk, upkeep: Upkeep, bus: Bus, sent: Sent
) -> None:
    await outage(desk, upkeep)
    comment = await desk.fake.comment(AUTHOR, "Đèn đường hỏng", picture=("c.jpg", JPEG))
    desk.clock.pass_by(minutes=1)
    await desk.fake.comment("6999", "Tôi cũng thấy", above=comment)
    desk.clock.pass_by(minutes=1)
    await desk.fake.comment("6998", "Không ai biết tôi là ai", named=False)
    await desk.fake.visit(AUTHOR, "Rác tồn đọng ở chợ")
    await desk.fake.visit("6997", "Ba ảnh", photos={f"{number}.jpg": JPEG for number in range(3)})
    await desk.fake.visit("6996", "Một ảnh", photos={"one.jpg": JPEG})
    settle(desk)
    await upkeep.round()
    found = [one.said for one in await fetched(bus) if isinstance(one.said, Inbound)]
    brought = inbound_of(sent)
    assert len(found) == len(brought) == 10
    by_id = {one.id: one for one in brought}
    for one in found:
        same = by_id.pop(one.id)
        assert one.model_dump(exclude={"sent_at"}) == same.model_dump(exclude={"sent_at"})


async def test_what_lay_on_the_page_before_the_first_look_is_left_alone(desk: Desk, upkeep: Upkeep, bus: Bus) -> None:
    desk.fake.webhooks.silent = True
    await desk.fake.comment(AUTHOR, "Chuyện cũ")
    desk.clock.pass_by(minutes=1)
    await upkeep.round()
    assert FEED not in desk.fake.state.requests
    desk.clock.pass_by(minutes=30)
    await desk.fake.comment(AUTHOR, "Chuyện mới")
    await upkeep.round()
    assert await texts(bus) == ["Chuyện mới"]


async def test_what_was_read_already_is_not_fetched(desk: Desk, bus: Bus) -> None:
    read: dict[str, str] = {}
    upkeep = copy_of_upkeep(desk, bus, "one", read)
    await outage(desk, upkeep)
    read[await desk.fake.comment(AUTHOR, "Đã đọc")] = "an account"
    await desk.fake.comment(AUTHOR, "Chưa đọc")
    read[await desk.fake.visit(AUTHOR, "Đã đọc", photos={"1.jpg": JPEG})] = "an account"
    settle(desk)
    await upkeep.round()
    assert await texts(bus) == ["Chưa đọc"]


async def test_found_again_and_again_it_is_the_same_record(desk: Desk, upkeep: Upkeep, bus: Bus) -> None:
    await outage(desk, upkeep)
    await desk.fake.comment(AUTHOR, "Một lần")
    for _ in range(3):
        await upkeep.round()
        desk.clock.pass_by(minutes=2)
    assert await texts(bus) == ["Một lần"]


async def test_a_post_with_photos_is_left_to_the_webhook_for_a_while(desk: Desk, upkeep: Upkeep, bus: Bus) -> None:
    await outage(desk, upkeep)
    await desk.fake.visit(AUTHOR, "Có ảnh", photos={"1.jpg": JPEG})
    await upkeep.round()
    assert await texts(bus) == []
    settle(desk)
    await upkeep.round()
    assert await texts(bus) == ["", "Có ảnh"]


async def test_every_comment_is_found_over_all_pages_the_oldest_first(desk: Desk, upkeep: Upkeep, bus: Bus) -> None:
    await outage(desk, upkeep)
    told = [f"Bình luận {number}" for number in range(60)]
    for number, text in enumerate(told):
        await desk.fake.comment(f"6{number:015}", text)
        desk.clock.pass_by(seconds=1)
    visits = [f"Bài {number}" for number in range(60)]
    for number, text in enumerate(visits):
        await desk.fake.visit(f"7{number:015}", text)
        desk.clock.pass_by(seconds=1)
    await upkeep.round()
    found = await texts(bus)
    assert [one for one in found if one in told] == told
    assert sorted(found) == sorted(told + visits)
    # The page's own post lies on the last of three pages; its comments take two more.
    assert desk.fake.state.requests.count(FEED) == 3
    assert desk.fake.state.requests.count(f"GET /v25.0/{desk.fake.own_post()}/comments") == 2


async def test_a_new_comment_under_an_older_post_is_found_and_one_under_a_very_old_post_costs_nothing(
    desk: Desk, upkeep: Upkeep, bus: Bus
) -> None:
    await outage(desk, upkeep)
    await desk.fake.comment(AUTHOR, "Dưới bài cũ")
    post = desk.fake.state.posts[desk.fake.own_post()]
    post["created_time"] = written(desk.fake.now - timedelta(days=29).total_seconds())
    for number in range(60):
        old = {**post, "id": f"{PAGE}_1{number}", "created_time": written(desk.fake.now - 40 * 86_400 - number)}
        desk.fake.state.posts[old["id"]] = old
    await upkeep.round()
    assert await texts(bus) == ["Dưới bài cũ"]
    assert desk.fake.state.requests.count(FEED) == 2


async def test_what_the_page_itself_wrote_is_not_fetched(desk: Desk, upkeep: Upkeep, bus: Bus) -> None:
    await outage(desk, upkeep)
    await desk.fake.comment(PAGE, "Tổng đài đã nhận")
    await desk.fake.visit(PAGE, "Thông báo")
    await upkeep.round()
    assert await texts(bus) == []


async def test_a_shared_link_and_a_sticker_are_no_photos_of_the_citizens(desk: Desk, upkeep: Upkeep, bus: Bus) -> None:
    await outage(desk, upkeep)
    comment = await desk.fake.comment(AUTHOR, "Xem bài này")
    post = await desk.fake.visit(AUTHOR, "Và bài này")
    for kept in (desk.fake.state.comments[desk.fake.own_post()][0], desk.fake.state.posts[post]):
        shared = {**photo("5", "https://external.fbcdn.net/preview.jpg"), "type": "share"}
        kept["attachment" if kept["id"] == comment else "attachments"] = (
            shared if kept["id"] == comment else {"data": [shared]}
        )
    settle(desk)
    await upkeep.round()
    found = [one.said for one in await fetched(bus) if isinstance(one.said, Inbound)]
    assert [one.attachments for one in found] == [(), ()]


async def test_one_unreadable_comment_harms_no_other(desk: Desk, upkeep: Upkeep, bus: Bus) -> None:
    await outage(desk, upkeep)
    for text in ("Một", "Hai", "Ba", "Bốn"):
        await desk.fake.comment(AUTHOR, text)
    _, second, third, fourth = desk.fake.state.comments[desk.fake.own_post()]
    second["created_time"], third["from"] = 7, "nobody"
    fourth["attachment"] = {"type": "photo", "media": [], "target": {"id": 7}}
    desk.fake.state.posts[f"{PAGE}_1"] = {"id": f"{PAGE}_1", "created_time": [], "message": {}}
    await upkeep.round()
    assert await texts(bus) == ["Một", "Bốn"]


@pytest.mark.parametrize("place", ["feed", "reading_comments"])
async def test_a_rate_limit_puts_off_the_page_and_not_the_inbox_and_nothing_is_lost(
    desk: Desk, upkeep: Upkeep, bus: Bus, place: str
) -> None:
    await outage(desk, upkeep)
    for number in range(30):
        await desk.fake.comment(AUTHOR, f"Lần {number}")
    before = (await upkeep.state())["feed_caught_up_at"]
    for code in (4, 80001):
        desk.fake.troubles.script(place, GraphError(code, regain_minutes=10))
        await upkeep.round()
        state = await upkeep.state()
        assert (state["fault"], state["feed_caught_up_at"]) == ("graph_failing", before)
        assert state["caught_up_at"] == desk.clock().isoformat()
        desk.clock.pass_by(hours=1)
    await upkeep.round()
    assert sorted(await texts(bus)) == sorted(f"Lần {number}" for number in range(30))
    assert "fault" not in await upkeep.state()


async def test_a_page_without_the_permission_goes_on_with_its_messages_and_says_so(
    desk: Desk, upkeep: Upkeep, bus: Bus
) -> None:
    await outage(desk, upkeep)
    await desk.fake.comment(AUTHOR, "Chưa được phép đọc")
    desk.fake.state.keep("1", "m_1", "1", "Tin nhắn", [])
    desk.fake.troubles.script("feed", GraphError(10))
    await upkeep.round()
    assert await texts(bus) == ["Tin nhắn"]
    assert (await upkeep.state())["feed"] == "refused"
    assert desk.alarm("feed_refused") == 1
    desk.clock.pass_by(days=2)
    await upkeep.round()
    assert await texts(bus) == ["Tin nhắn", "Chưa được phép đọc"]
    assert desk.alarm("feed_refused") == 0


async def test_more_than_one_look_goes_through_is_an_alarm(
    desk: Desk, upkeep: Upkeep, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_PAGES", 2)
    await outage(desk, upkeep)
    for number in range(60):
        await desk.fake.visit(f"7{number:015}", f"Bài {number}")
    await upkeep.round()
    assert len(await texts(bus)) == 50
    assert desk.alarm("too_much_missed") == 1
