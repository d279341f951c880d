"""What events of Facebook's say, in the gateway's words: each on its own, and the same in whatever form it comes."""

import copy
import itertools
import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.files import AttachmentState
from schemas.inbound import Inbound, StaffMessage, Withdrawn
from schemas.vocabulary import Intake
from services.facebook_ingest.effects import Known
from services.facebook_ingest.inbound import objects_asked, people_asked
from services.facebook_ingest.items import items_of
from tests.channels.facebook.reading import (
    ACCOUNT,
    CAPTURED,
    IDENTITY,
    PAGE,
    PERSON,
    RECEIVED,
    captured,
    changes,
    effects,
    message,
    messaging,
    named,
    raw_of,
    read,
)
from tests.fakes.facebook.events import with_number_ids

NAMES = sorted(path.stem for path in CAPTURED.glob("*.json") if path.stem != "expected")
OTHER = "0" * 31 + "1"


def test_a_message_is_read_whole() -> None:
    found = read("message_text_and_image")
    assert isinstance(found, Inbound)
    assert found.id == IDENTITY.inbound_id("facebook", ACCOUNT, "m_ti")
    assert found.account == ACCOUNT
    assert found.code == IDENTITY.receipt_code(found.id)
    assert found.intake is Intake.CHAT
    assert found.sent_at == datetime(2025, 11, 26, 1, 20, tzinfo=UTC)
    assert found.received_at == RECEIVED
    assert found.personal.text == "Cây đổ chắn ngang đường"
    [photo] = found.attachments
    assert (photo.kind, photo.state) == ("image", AttachmentState.PENDING)
    assert photo.personal.source_url.startswith("https://scontent.xx.fbcdn.net/")
    assert found.trial


def test_a_batch_with_three_bad_ones_among_a_hundred_is_read_but_for_these() -> None:
    items: list[object] = [message(f"Ổ gà số {number}", f"m_{number}") for number in range(100)]
    items[7], items[50] = 17, {"sender": "nobody", "message": {"mid": "m_x", "text": "x"}}
    items[99] = message("x", mid=["not", "an", "id"])  # type: ignore[arg-type]
    found = [named(effect) for effect in effects(messaging(*items))]
    assert found.count("inbound") == 97
    assert found.count("ignored:unreadable") == 3
    assert [at for at, name in enumerate(found) if name != "inbound"] == [7, 50, 99]


@pytest.mark.parametrize("hostile", ["../me", "1/comments", "1?fields=x", "1#x", "%2e%2e", "1 2", "một"])
def test_an_id_that_would_lead_a_call_elsewhere_is_none(hostile: str) -> None:
    said = {**message(), "sender": {"id": hostile}}
    comment = {**captured("comment_add")["entry"][0]["changes"][0]["value"], "comment_id": hostile}
    assert [named(effect) for effect in effects(messaging(said))] == ["ignored:unreadable"]
    assert [named(effect) for effect in effects(changes(comment))] == ["ignored:unreadable"]


def test_a_text_that_no_message_has_harms_no_neighbour() -> None:
    items = [message("x" * 100_000, "m_long"), message("nửa \ud83d cặp", "m_half"), message("Bình thường", "m_fine")]
    long, half, fine = (effect.said for effect in effects(messaging(*items)))
    assert isinstance(long, Inbound)
    assert len(long.personal.text) == 20_000
    assert isinstance(half, Inbound)
    assert half.personal.text == "nửa \ufffd cặp"
    assert isinstance(fine, Inbound)


@pytest.mark.parametrize("name", NAMES)
def test_ids_are_the_same_whatever_json_type_they_come_as(name: str) -> None:
    payload = captured(name)
    mixed = with_number_ids(payload, random.Random(3))  # noqa: S311 - a repeatable choice
    one, other = ([effect.said for effect in effects(each)] for each in (payload, mixed))
    assert one == other


def test_seconds_and_milliseconds_are_told_apart_and_nothing_comes_from_the_future() -> None:
    assert read("comment_add").sent_at == datetime(2025, 11, 26, 1, 21, 40, tzinfo=UTC)
    later = message()
    for told in (int((RECEIVED.timestamp() + 60) * 1000), 10**14, "x", None, -5, True, 1e9):
        later["timestamp"] = told
        [effect] = effects(messaging(later))
        assert isinstance(effect.said, Inbound)
        assert effect.said.sent_at == RECEIVED


def test_an_edit_names_what_it_replaces_and_every_edit_is_a_message_of_its_own() -> None:
    original = read("message_text")
    first, second = read("message_edit"), read("message_edit_number_as_text")
    assert first.edits == second.edits == original.id
    assert len({original.id, first.id, second.id}) == 3
    assert first.personal.text == "Đường Trần Phú, trước số 54 (không phải 45)"
    comment, edited, again = read("comment_add"), read("comment_edited"), read("comment_edit")
    assert edited.edits == again.edits == comment.id
    assert len({comment.id, edited.id, again.id}) == 3


def test_what_was_deleted_is_withdrawn_by_its_own_id() -> None:
    found = read("message_deleted")
    assert isinstance(found, Withdrawn)
    assert found.message == read("message_text").id
    assert found.what == "message"
    removed = read("comment_remove_with_author")
    assert removed.message == read("comment_add").id


def test_a_removal_without_author_finds_whose_it_was() -> None:
    comment = read("comment_add")
    thing = "122100456789_330011223344"
    payload = captured("comment_remove")
    assert objects_asked(items_of(raw_of(payload))) == {thing}
    found = read("comment_remove", Known(owners={thing: comment.account}))
    assert isinstance(found, Withdrawn)
    assert (found.account, found.message) == (comment.account, comment.id)


def test_a_comment_without_author_has_an_account_of_its_own() -> None:
    first = read("comment_add_without_author")
    other = changes({**captured("comment_add_without_author")["entry"][0]["changes"][0]["value"], "comment_id": "1_9"})
    [second] = effects(other)
    assert isinstance(second.said, Inbound)
    assert first.account != second.said.account
    assert first.answers is None or first.answers != first.code


def test_our_echo_goes_to_the_outbox_and_staffs_is_kept() -> None:
    [ours] = effects(captured("echo_ours"))
    assert ours.echo is not None
    assert (ours.echo.token, ours.echo.remote_id) == ("0192f3a4b5c6d7e8f90011223344556a.0", "m_Ec1")
    assert ours.echo.user == PERSON
    [bare] = effects(captured("echo_ours_without_metadata"))
    assert bare.echo is not None
    assert bare.echo.token is None
    staff = read("echo_of_staff")
    assert isinstance(staff, StaffMessage)
    assert (staff.account, staff.personal.text) == (ACCOUNT, "Dạ em gọi lại anh ngay ạ.")


def test_an_answer_to_a_private_reply_belongs_to_the_comment_it_was_about() -> None:
    payload = captured("message_text")
    assert people_asked(items_of(raw_of(payload)), PAGE) == {PERSON}
    own, threaded = read("message_text"), read("message_text", Known(threads={PERSON: OTHER}))
    assert threaded.account == OTHER
    assert threaded.id == own.id
    [effect] = effects(payload, Known(threads={PERSON: OTHER}))
    assert effect.note is not None
    assert effect.note.account == ACCOUNT


def test_what_was_passed_on_is_quoted_and_never_the_citizens_own_words() -> None:
    link = read("message_link")
    assert link.personal.text == "Xem bài này https://baobinhphuoc.vn/abc"
    assert link.personal.quoted == "Ngập sau mưa ở Đồng Xoài https://baobinhphuoc.vn/abc"
    assert read("message_link_before_v6").personal.quoted == "Ngập sau mưa https://baobinhphuoc.vn/abc"
    post = read("message_shared_post")
    assert (post.personal.text, post.attachments) == ("", ())
    assert post.personal.quoted == "Bãi rác tự phát https://www.facebook.com/p/1"


def test_a_shared_place_is_a_position() -> None:
    found = read("message_location").personal.position
    assert found is not None
    assert (found.latitude, found.longitude) == (11.5357, 106.8831)


def test_what_nobody_can_fetch_is_lost_at_once_and_says_so() -> None:
    [lost] = read("message_unknown_attachment").attachments
    assert (lost.kind, lost.state) == ("other", AttachmentState.LOST)


def test_a_buttons_title_is_what_the_citizen_chose_to_say() -> None:
    assert read("postback_question").personal.text == "Làm thẻ căn cước ở đâu?"
    assert read("message_quick_reply").personal.text == "Môi trường"


def test_what_the_page_may_go_by_when_it_answers_is_noted() -> None:
    [said] = effects(captured("message_text"))
    assert said.note is not None
    assert said.note.known["psid"] == PERSON
    assert said.note.known["interaction_at"] == "2025-11-26T01:20:00+00:00"
    for opening in ("reaction", "referral", "postback_button", "message_like"):
        [effect] = effects(captured(opening))
        assert effect.note is not None, opening
    for silent in ("read", "delivery_without_time", "echo_ours", "echo_of_staff", "policy_enforcement"):
        [effect] = effects(captured(silent))
        assert effect.note is None, silent
    [comment] = effects(captured("comment_add"))
    assert comment.note is not None
    assert comment.note.place is not None
    assert (comment.note.place["by"], comment.note.place["id"]) == ("comment_id", "122100456789_330011223344")
    [post] = effects(captured("post_add"))
    assert post.note is not None
    assert post.note.place is not None
    assert (post.note.place["by"], post.note.place["id"]) == ("post_id", "104512345678901_122100999001")


def test_a_mention_on_another_page_can_be_read_but_not_answered() -> None:
    [mention] = effects(captured("mention_comment_add"))
    assert isinstance(mention.said, Inbound)
    assert mention.note is not None
    assert mention.note.place is None


def test_a_policy_warning_raises_an_alarm() -> None:
    assert [effect.alarm for effect in effects(captured("policy_enforcement"))] == [True]


def test_a_reply_below_ones_own_comment_answers_it_and_below_anothers_opens_ones_own() -> None:
    comment, reply = read("comment_add"), read("comment_add_reply")
    assert reply.answers == comment.code
    assert comment.answers != comment.code


def test_the_events_of_one_post_meet_in_one_submission_in_any_order() -> None:
    payload = captured("post_of_several_photos")
    values = [change["value"] for change in payload["entry"][0]["changes"]]
    for order in itertools.permutations(values):
        found = [effect.said for effect in effects(changes(*order))]
        assert all(isinstance(one, Inbound) for one in found)
        codes = {one.code for one in found if isinstance(one, Inbound)}
        answers = {one.answers for one in found if isinstance(one, Inbound)}
        assert codes == answers
        assert len(codes) == 1
        assert len({one.id for one in found}) == 3
    photos = [effect.said for effect in effects(changes(*values[:2]))]
    assert [one.intake for one in photos if isinstance(one, Inbound)] == [Intake.CHAT, Intake.CHAT]


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401 - JSON is any of its types
    """Paths to every member of a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for name, item in inside for path in places(item, (*at, name)))]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(NAMES), put=JSON_VALUES, data=st.data())
def test_whatever_is_put_in_place_of_any_member_every_event_still_becomes_something(
    name: str,
    put: Any,  # noqa: ANN401 - JSON is any of its types
    data: st.DataObject,
) -> None:
    payload = copy.deepcopy(captured(name))
    path = data.draw(st.sampled_from(places(payload)[1:]))
    place = payload
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = put
    found = effects(json.dumps(payload).encode())
    assert found
    assert [effect.said for effect in found] == [effect.said for effect in effects(json.dumps(payload).encode())]
    for effect in found:
        assert type(effect.said).model_validate_json(effect.said.model_dump_json()) == effect.said


@given(st.binary(max_size=200))
def test_any_bytes_become_something(body: bytes) -> None:
    assert effects(body)
