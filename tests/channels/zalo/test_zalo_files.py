"""Files on their way to a citizen over Zalo: uploaded as often as it takes, sent once, else told of in words."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.domain.media_types import WORD
from gateway.outbox.carrier import Delivered, Enclosure, Later, Parcel, Refused, Unclear
from tests.channels.zalo.captured import CITIZEN
from tests.channels.zalo.test_zalo_send import Sending, now, parcel, sending, zalo
from tests.fakes.zalo.state import Trouble
from tests.unit.pictures import PDF, photographed

__all__ = ["sending", "zalo"]

INSTEAD = "Xin xem tại trang tra cứu."
GIF = b"GIF89a" + b"\x00" * 50


def enclosing(content: bytes, media_type: str, **changes: object) -> Parcel:
    file = Enclosure("Biên bản sửa đèn.pdf", media_type, content)
    return replace(parcel(), number=1, count=2, text="", files=(file,), instead=INSTEAD, **changes)  # type: ignore[arg-type]  # members of a parcel


@pytest.mark.parametrize(
    ("content", "media_type", "kind"),
    [
        (photographed(), "image/jpeg", "image"),
        (GIF, "image/gif", "gif"),
        (PDF, "application/pdf", "file"),
        (b"PK\x03\x04word", WORD, "file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage", "file"),
    ],
)
async def test_a_file_is_uploaded_and_then_sent(sending: Sending, content: bytes, media_type: str, kind: str) -> None:
    ended = await sending.send(enclosing(content, media_type))
    (taken,) = sending.zalo.state.replies_to(CITIZEN)
    assert ended == Delivered(taken.message_id)
    assert (taken.kind, taken.text) == (kind, "")
    assert list(sending.zalo.state.uploads.values()) == [content]


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (Trouble.HTTP_500, Later("failing", 30.0, whole_channel=True)),
        (Trouble.HTTP_503, Later("failing", 30.0, whole_channel=True)),
        (Trouble.HTTP_502, Later("upload_unclear", 30.0)),
        (Trouble.DROP, Later("upload_unclear", 30.0)),
        (Trouble.HTML, Later("upload_unclear", 30.0)),
        (-32, Later("rate_limit", 60.0, whole_channel=True)),
        (-200, Later("send_failed", 30.0)),
    ],
)
async def test_an_upload_that_failed_is_repeated(sending: Sending, trouble: int | Trouble, expected: Later) -> None:
    sending.zalo.troubles.script("upload", trouble)
    waiting = enclosing(PDF, "application/pdf")
    assert await sending.send(waiting) == expected
    assert sending.zalo.state.taken == []
    assert isinstance(await sending.send(waiting), Delivered)
    assert len(sending.zalo.state.replies_to(CITIZEN)) == 1


async def test_a_token_that_is_refused_for_an_upload_is_renewed(sending: Sending) -> None:
    sending.zalo.state.expire(next(iter(sending.zalo.state.oas)))
    assert isinstance(await sending.send(enclosing(PDF, "application/pdf")), Delivered)
    assert sending.zalo.state.refreshes == 1


@pytest.mark.parametrize("content", [b"no document", b"%PDF" + b"x" * 5_300_000])
async def test_what_zalo_refuses_is_told_of_in_words(sending: Sending, content: bytes) -> None:
    assert isinstance(await sending.send(enclosing(content, "application/pdf")), Delivered)
    assert [one.text for one in sending.zalo.state.replies_to(CITIZEN)] == [INSTEAD]


@pytest.mark.parametrize("code", [-201, -233])
async def test_a_message_that_is_refused_for_its_file_is_told_of_in_words(sending: Sending, code: int) -> None:
    sending.zalo.troubles.script("send", code)
    assert isinstance(await sending.send(enclosing(PDF, "application/pdf")), Delivered)
    assert [one.text for one in sending.zalo.state.replies_to(CITIZEN)] == [INSTEAD]


async def test_an_expired_upload_is_uploaded_again(sending: Sending) -> None:
    sending.zalo.troubles.script("send", -100)
    waiting = enclosing(PDF, "application/pdf")
    assert await sending.send(waiting) == Later("attachment_expired", 30.0)
    assert isinstance(await sending.send(waiting), Delivered)
    assert len(sending.zalo.state.uploads) == 2


@pytest.mark.parametrize("trouble", [Trouble.DROP, Trouble.HTTP_502])
async def test_a_message_that_may_have_arrived_is_neither_repeated_nor_told_of(
    sending: Sending, trouble: Trouble
) -> None:
    sending.zalo.troubles.script("send", trouble)
    assert isinstance(await sending.send(enclosing(PDF, "application/pdf")), Unclear)
    assert [one.kind for one in sending.zalo.state.replies_to(CITIZEN)] == ["file"]


async def test_an_upload_that_nobody_answers_for_an_hour_is_told_of_in_words(sending: Sending) -> None:
    sending.zalo.troubles.script("upload", Trouble.DROP)
    old = enclosing(PDF, "application/pdf", filed_at=now() - timedelta(hours=2))
    assert isinstance(await sending.send(old), Delivered)
    assert [one.text for one in sending.zalo.state.replies_to(CITIZEN)] == [INSTEAD]


async def test_a_refusal_that_is_not_about_the_file_stays_one(sending: Sending) -> None:
    sending.zalo.troubles.script("send", -213)
    assert await sending.send(enclosing(PDF, "application/pdf")) == Refused("not_following")
    assert sending.zalo.state.taken == []


async def test_somebody_anonymous_is_told_in_words(sending: Sending) -> None:
    sending.zalo.state.interactions["anonymous-1"] = sending.zalo.state.clock()
    to = {"anonymous_id": "anonymous-1", "conversation_id": "talk-1"}
    known = {name: value for name, value in parcel().correspondent.items() if name != "user_id"}
    ended = await sending.send(enclosing(PDF, "application/pdf", correspondent={**known, **to}))
    assert isinstance(ended, Delivered)
    assert [one.text for one in sending.zalo.state.taken] == [INSTEAD]
    assert sending.zalo.state.uploads == {}
