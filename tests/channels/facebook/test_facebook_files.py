"""Files on their way to a citizen over Facebook: uploaded as often as it takes, sent once, else told of in words."""

from dataclasses import replace

import pytest

from gateway.domain.media_types import WORD
from gateway.outbox.carrier import Delivered, Enclosure, Handover, Later, Parcel, Refused, Unclear
from schemas.vocabulary import ReplyKind
from tests.channels.facebook.desk import Desk
from tests.channels.facebook.town import PERSON
from tests.fakes.facebook.state import GraphError, Script, Trouble
from tests.unit.pictures import PDF, photographed

INSTEAD = "Xin xem tại trang tra cứu."


async def enclosing(desk: Desk, content: bytes = PDF, media_type: str = "application/pdf") -> Parcel:
    file = Enclosure("Biên bản sửa đèn.pdf", media_type, content)
    parcel = await desk.parcel("", kind=ReplyKind.RESULT, number=1)
    return replace(parcel, files=(file,), instead=INSTEAD)


@pytest.mark.parametrize(
    ("content", "media_type", "kind"),
    [
        (photographed(), "image/jpeg", "image"),
        (PDF, "application/pdf", "file"),
        (b"PK\x03\x04word", WORD, "file"),
        (b"\x00\x00\x00\x18ftypisom", "video/mp4", "video"),
    ],
)
async def test_a_file_is_uploaded_and_then_sent_with_its_token(
    desk: Desk, content: bytes, media_type: str, kind: str
) -> None:
    await desk.wrote()
    parcel = await enclosing(desk, content, media_type)
    ended = await desk.hand(desk.carrier(), parcel=parcel)
    (sent,) = desk.fake.state.sent
    assert ended == Delivered(sent.message_id)
    assert (sent.user, sent.file, sent.text, sent.metadata) == (PERSON, content, "", parcel.token)
    assert [one for one, _ in desk.fake.state.uploads.values()] == [kind]


async def test_after_a_day_a_file_is_tagged_like_the_words(desk: Desk) -> None:
    desk.fake.state.human_agent = True
    await desk.wrote()
    desk.clock.pass_by(days=3)
    assert isinstance(await desk.hand(desk.carrier(human_agent=True), parcel=await enclosing(desk)), Delivered)
    assert [one.tag for one in desk.fake.state.sent] == ["HUMAN_AGENT"]


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (Trouble.DROP_BEFORE, Later("upload_unclear", 30.0)),
        (Trouble.DROP_AFTER, Later("upload_unclear", 30.0)),
        (Trouble.HTML_502, Later("upload_unclear", 30.0)),
        (Trouble.NOT_JSON, Later("upload_unclear", 30.0)),
        (GraphError(2), Later("platform_failing", 5.0)),
        (GraphError(4), Later("rate_limited", 60.0, whole_channel=True)),
        (GraphError(200), Refused("permission_missing")),
    ],
)
async def test_how_an_upload_fails_decides_what_follows(desk: Desk, trouble: Script, expected: Handover) -> None:
    await desk.wrote()
    desk.fake.troubles.script("uploads", trouble)
    carrier, parcel = desk.carrier(), await enclosing(desk)
    assert await desk.hand(carrier, parcel=parcel) == expected
    assert desk.fake.state.sent == []
    if isinstance(expected, Later):
        assert isinstance(await desk.hand(carrier, parcel=parcel), Delivered)
        assert [one.file for one in desk.fake.state.sent] == [PDF]


@pytest.mark.parametrize("error", [GraphError(100), GraphError(100, 2018047), GraphError(100, 2018109)])
@pytest.mark.parametrize("place", ["uploads", "messages"])
async def test_what_facebook_does_not_take_is_told_of_in_words(desk: Desk, place: str, error: GraphError) -> None:
    await desk.wrote()
    desk.fake.troubles.script(place, error)
    assert isinstance(await desk.hand(desk.carrier(), parcel=await enclosing(desk)), Delivered)
    assert [(one.text, one.file) for one in desk.fake.state.sent] == [(INSTEAD, None)]


async def test_an_upload_that_nobody_answers_for_an_hour_is_told_of_in_words(desk: Desk) -> None:
    await desk.wrote()
    parcel = await enclosing(desk)
    desk.clock.pass_by(hours=2)
    desk.fake.troubles.script("uploads", Trouble.DROP_AFTER)
    assert isinstance(await desk.hand(desk.carrier(), parcel=parcel), Delivered)
    assert desk.fake.state.sent_to(PERSON) == [INSTEAD]


async def test_a_message_that_may_have_arrived_is_neither_repeated_nor_told_of(desk: Desk) -> None:
    await desk.wrote()
    desk.fake.troubles.script("messages", Trouble.DROP_AFTER)
    assert isinstance(await desk.hand(desk.carrier(), parcel=await enclosing(desk)), Unclear)
    assert [one.file for one in desk.fake.state.sent] == [PDF]


async def test_a_closed_window_stays_one(desk: Desk) -> None:
    await desk.wrote()
    desk.clock.pass_by(days=2)
    assert await desk.hand(desk.carrier(), parcel=await enclosing(desk)) == Refused("window_closed")
    assert desk.fake.state.uploads == {}
