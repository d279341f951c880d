"""Every event that Zalo is known to send has a captured payload, and each ends as something: never in silence."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.files import AttachmentState
from schemas.inbound import Ignored, Inbound, StaffMessage, Withdrawn
from schemas.vocabulary import ContactItem, Intake
from services.zalo_ingest.catalogue import ASIDES, INTERACTIONS, MEANINGS, Aside, Meaning, meaning_of
from services.zalo_ingest.inbound import NO_OA, Heard, heard, read_raw
from tests.channels.zalo.captured import ACCOUNT, CITIZEN, FILES, IDENTITY, OA, RECEIVED, payload, raw_of

NOT_IN_THE_CATALOGUE = {"unknown--event", "console--test"}


def understood(name: str, *, trusted: bool = True) -> Heard:
    return heard(raw_of(payload(name), trusted=trusted), IDENTITY)


def inbound(name: str) -> Inbound:
    read = understood(name).read
    assert isinstance(read, Inbound)
    return read


def test_every_event_of_the_catalogue_was_captured() -> None:
    captured = {path.stem.partition("--")[0] for path in FILES}
    assert (MEANINGS.keys() | ASIDES.keys()) - captured == set()
    assert MEANINGS.keys() & ASIDES.keys() == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_payload_is_passed_over_in_silence(path: Path) -> None:
    (read,) = read_raw(raw_of(path.read_bytes()), IDENTITY)
    name = json.loads(path.read_bytes())["event_name"]
    match meaning_of(name):
        case Meaning.MESSAGE | Meaning.ANONYMOUS | Meaning.CONTACT:
            assert isinstance(read, Inbound)
        case Meaning.OWN:
            staff = "admin_id" in json.loads(path.read_bytes())["sender"]
            assert isinstance(read, StaffMessage) if staff else read.reason == Aside.ECHO  # type: ignore[union-attr]
        case Meaning.WITHDRAWAL:
            assert isinstance(read, Withdrawn)
        case Meaning.STICKER | Meaning.REVOCATION | Meaning.ASIDE:
            assert isinstance(read, Ignored)
            assert read.reason != Aside.UNKNOWN_EVENT
        case None:
            assert path.stem in NOT_IN_THE_CATALOGUE
            assert isinstance(read, Ignored)
            assert read.reason == Aside.UNKNOWN_EVENT
    assert read_raw(raw_of(path.read_bytes()), IDENTITY) == (read,)


def test_a_text_is_a_chat_message_of_its_sender() -> None:
    found = inbound("user_send_text")
    assert found.personal.text == "Cống trước số 18 đường Lê Lợi, phường Bình Phước bị nghẹt, nước tràn ra đường"
    assert (found.intake, found.account, found.channel) == (Intake.CHAT, ACCOUNT, "zalo")
    assert found.code == IDENTITY.receipt_code(found.id)
    assert found.sent_at < found.received_at == RECEIVED


def test_ids_and_times_may_be_numbers() -> None:
    found = understood("user_send_text--numbers")
    assert found.account == ACCOUNT
    assert found.correspondent["user_id"] == CITIZEN
    assert found.at.year == 2026
    assert found.at < RECEIVED


def test_half_an_emoji_does_not_cost_the_message() -> None:
    assert inbound("user_send_text--cut_emoji").personal.text == "Cây ngã chắn đường \N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    ("name", "kind", "host"),
    [
        ("user_send_image", "image", "f6.photo.talk.zdn.vn"),
        ("user_send_gif", "image", "f6.photo.talk.zdn.vn"),
        ("user_send_audio", "audio", "voice-aac-dl.zdn.vn"),
        ("user_send_video", "video", "video-dl.zdn.vn"),
        ("user_send_file", "document", "file-zoa.zdn.vn"),
    ],
)
def test_media_wait_to_be_fetched_over_https(name: str, kind: str, host: str) -> None:
    (one,) = inbound(name).attachments
    assert (one.kind, one.state, one.number) == (kind, AttachmentState.PENDING, 0)
    assert one.personal.source_url.startswith(f"https://{host}/")


def test_a_caption_a_file_name_and_a_position_are_kept() -> None:
    assert inbound("user_send_image").personal.text == "Ảnh hiện trường ngã tư"
    assert inbound("user_send_file").attachments[0].personal.name == "Đơn kiến nghị tổ 5.pdf"
    position = inbound("user_send_location").personal.position
    assert position is not None
    assert (position.latitude, position.longitude) == (11.538791, 106.899749)


def test_a_link_is_text_and_what_the_page_says_is_only_quoted() -> None:
    for name in ("user_send_link", "user_send_link--without_text"):
        found = inbound(name)
        assert found.personal.text == "https://baobinhphuoc.vn/tin/ngap-sau-mua"
        assert found.personal.quoted == "Ngập sâu sau mưa lớn"
        assert found.attachments == ()


def test_a_business_card_gives_a_phone_that_nobody_vouches_for() -> None:
    personal = inbound("user_send_business_card").personal
    assert personal.contact.phone == "+84905123456"
    assert personal.verified == ()


@pytest.mark.parametrize(
    ("generation", "name", "phone", "address"),
    [
        ("older", "Nguyễn Thị Hạnh", "+84905123456", "18 Lê Lợi, Phường Tân Phú, Đồng Xoài, Bình Phước"),
        ("newer", "Trần Văn Bình", "+84912345678", "45 Hùng Vương, phường Bình Phước, tỉnh Đồng Nai"),
    ],
)
def test_both_generations_of_the_contact_card_are_read(generation: str, name: str, phone: str, address: str) -> None:
    personal = inbound(f"user_submit_info--{generation}").personal
    assert (personal.contact.name, personal.contact.phone, personal.contact.address) == (name, phone, address)
    assert personal.verified == (ContactItem.PHONE,)
    assert personal.text == ""


def test_staff_are_heard_and_our_own_messages_told_apart() -> None:
    staff = understood("oa_send_text--staff")
    assert isinstance(staff.read, StaffMessage)
    assert staff.read.personal.text.startswith("Chào bác")
    assert staff.account == ACCOUNT
    echo = understood("oa_send_text").echo
    assert echo is not None
    assert echo.text == "Tổng đài 1022 đã tiếp nhận phản ánh của Ông/Bà."


def test_somebody_anonymous_has_an_account_of_their_own() -> None:
    found = understood("anonymous_send_text")
    assert found.account not in (None, ACCOUNT)
    assert found.correspondent["conversation_id"] == "e7a1c2"
    assert "user_id" not in found.correspondent


def test_withdrawing_goes_to_operators_and_revoking_stops_the_channel() -> None:
    withdrawn = understood("user_withdraw").read
    assert isinstance(withdrawn, Withdrawn)
    assert (withdrawn.what, withdrawn.account) == ("personal_data", ACCOUNT)
    assert understood("permission_revoked").revoked


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_only_an_interaction_opens_the_window(path: Path) -> None:
    name = json.loads(path.read_bytes())["event_name"]
    noted = heard(raw_of(path.read_bytes()), IDENTITY).correspondent
    assert ("interacted_at" in noted) == (name in INTERACTIONS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_unsigned_word_does_nothing_but_speak(path: Path) -> None:
    found = heard(raw_of(path.read_bytes(), trusted=False), IDENTITY)
    assert not found.revoked
    assert found.echo is None
    if isinstance(found.read, Inbound):
        assert found.read.personal.verified == ()
        genuine = heard(raw_of(path.read_bytes()), IDENTITY).read
        assert found.read.id != genuine.id
    else:
        assert isinstance(found.read, Ignored)
        assert found.read.reason == Aside.BAD_SIGNATURE


def test_an_event_of_an_unknown_oa_is_no_message_of_ours() -> None:
    (read,) = read_raw(raw_of(payload("user_send_text"), trusted=False, endpoint=NO_OA), IDENTITY)
    assert isinstance(read, Ignored)
    assert read.reason == Aside.UNKNOWN_OA


UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no finding."""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("\ud83d"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@UNHURRIED
@given(
    st.sampled_from([*MEANINGS, *ASIDES]),
    st.dictionaries(st.sampled_from(["sender", "recipient", "message", "info", "timestamp", "follower"]), JSON),
    st.sampled_from(FILES),
)
def test_nothing_that_anybody_sends_breaks_the_reader(name: str, changes: dict[str, object], path: Path) -> None:
    body = {**json.loads(path.read_bytes()), **changes, "event_name": name}
    (read,) = read_raw(raw_of(json.dumps(body).encode()), IDENTITY)
    # What the reader gives must also be writable on a topic.
    assert type(read).model_validate_json(read.model_dump_json()) == read


@UNHURRIED
@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    (read,) = read_raw(raw_of(body), IDENTITY)
    assert isinstance(read, Ignored)


@UNHURRIED
@given(st.lists(st.sampled_from(["image", "gif", "video", "file", "location", "link", "x", ""]), max_size=60), JSON)
def test_no_attachment_breaks_the_reader(kinds: list[str], inner: object) -> None:
    body = {
        "event_name": "user_send_image",
        "sender": {"id": CITIZEN},
        "recipient": {"id": OA},
        "message": {"msg_id": "m", "attachments": [{"type": kind, "payload": inner} for kind in kinds]},
    }
    (read,) = read_raw(raw_of(json.dumps(body).encode()), IDENTITY)
    assert type(read).model_validate_json(read.model_dump_json()) == read
