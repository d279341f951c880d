"""Reading a raw web message: pure, cleaned, the same every time, and refusing what is not ours."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.identity import Identity
from gateway.errors import Invalid
from schemas.files import Attachment, AttachmentState
from schemas.raw import Raw, RawPersonal
from schemas.vocabulary import ContactItem, Intake, Label, Language
from services.web_ingest.bodies import ANSWERS, OPERATOR
from services.web_ingest.filed import filed_raw
from services.web_ingest.inbound import inbound_of

IDENTITY = Identity(b"i" * 32)
ACCOUNT = IDENTITY.account("web", "app:user-1")
RECEIVED = datetime(2026, 11, 26, 1, 30, tzinfo=UTC)
APP = {"content": "Đèn đường hỏng.", "user_id": "user-1"}


def raw(body: object, intake: Intake = Intake.APP, account: str | None = ACCOUNT, **headers: str) -> Raw:
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Raw(
        id=IDENTITY.inbound_id("web", ACCOUNT, "key:1"),
        channel="web",
        intake=intake,
        endpoint=ACCOUNT,
        account=account,
        received_at=RECEIVED,
        trusted=True,
        content_type="application/json",
        attachments=(Attachment(number=0, kind="image", state=AttachmentState.PENDING),),
        trial=True,
        personal=RawPersonal(payload=payload, headers=headers),
    )


def test_an_app_submission_is_read_whole() -> None:
    consent = {"notice_version": "2026-01", "publish_details": True}
    contact = {"name": "  Nguyễn\tVăn An ", "phone": "0912 345 678", "email": "an@example.com", "address": "Ấp 2"}
    extra = {"contact": contact, "verified": ["phone"], "consent": consent, "language": "en", "place": "12 Hùng Vương"}
    source = raw({**APP, **extra, "sent_at": "2026-11-26T08:29:00+07:00"})
    found = inbound_of(source, IDENTITY)
    assert found.id == source.id
    assert found.code == IDENTITY.receipt_code(source.id)
    assert found.account == ACCOUNT
    assert found.sent_at == datetime(2026, 11, 26, 1, 29, tzinfo=UTC)
    assert found.language_chosen is Language.EN
    assert found.consent is not None
    assert found.consent.publish_details
    assert not found.consent.exact_position
    assert found.attachments == source.attachments
    assert found.trial
    said = found.personal
    assert (said.contact.name, said.contact.phone) == ("Nguyễn Văn An", "+84912345678")
    assert (said.contact.email, said.contact.address) == ("an@example.com", "Ấp 2")
    assert said.place == "12 Hùng Vương"
    assert said.verified == (ContactItem.PHONE,)


@pytest.mark.parametrize(
    ("body", "intake", "headers"),
    [
        (APP, Intake.APP, {}),
        ({"content": "Thêm một bóng nữa.", "user_id": "user-1"}, Intake.APP, {ANSWERS: "2222-2222-2222"}),
        ({"content": "Đèn đường hỏng."}, Intake.FORM, {}),
        ({"content": "Đèn đường hỏng.", "intake": "call"}, Intake.CALL, {OPERATOR: "op_lan"}),
    ],
    ids=["a submission", "an addition", "a form", "a call"],
)
def test_a_filed_original_says_what_it_said_at_receipt(
    body: dict[str, str], intake: Intake, headers: dict[str, str]
) -> None:
    source = raw(body, intake, **headers)
    recorded = inbound_of(source, IDENTITY)
    assert inbound_of(filed_raw(recorded, source.personal.payload), IDENTITY) == recorded


def test_a_phone_that_was_not_given_cannot_be_verified() -> None:
    assert inbound_of(raw({**APP, "verified": ["phone"]}), IDENTITY).personal.verified == ()


def test_a_phone_that_is_none_is_kept_as_typed() -> None:
    found = inbound_of(raw({**APP, "contact": {"phone": "gọi tổ trưởng"}}), IDENTITY)
    assert found.personal.contact.phone == "gọi tổ trưởng"


def test_a_clock_that_runs_ahead_does_not_send_into_the_future() -> None:
    found = inbound_of(raw({**APP, "sent_at": "2026-11-26T01:35:00Z"}), IDENTITY)
    assert found.sent_at == RECEIVED


def test_hostile_text_is_made_harmless() -> None:
    found = inbound_of(raw({**APP, "content": "Đèn\u0000 \u202ehỏng\u200b e" + "\u0301" * 400}), IDENTITY)
    assert found.personal.text.startswith("Đèn hỏng ")
    assert len(found.personal.text) < 60


def test_an_addition_names_what_it_answers() -> None:
    headers: dict[str, Any] = {"x-answers": "7KQX-4M9T-2BHW"}
    found = inbound_of(raw({"contact": {"address": "Ấp 2"}}, **headers), IDENTITY)
    assert found.answers == "7KQX-4M9T-2BHW"
    assert found.personal.text == ""
    assert found.personal.contact.address == "Ấp 2"


def test_an_operators_entry_keeps_operator_field_and_the_time_of_the_call() -> None:
    body = {
        "intake": "call",
        "content": "Mất nước.",
        "received_at": "2026-11-26T08:00:00+07:00",
        "label": "infrastructure_incident",
        "subfield": "water_supply",
    }
    found = inbound_of(raw(body, Intake.CALL, **{"x-operator": "op_lan"}), IDENTITY)
    assert (found.operator, found.label_given, found.subfield_given) == (
        "op_lan",
        Label.INFRASTRUCTURE_INCIDENT,
        "water_supply",
    )
    assert found.sent_at == datetime(2026, 11, 26, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "intake"),
    [
        (b"\xff", Intake.APP),
        (b"{", Intake.FORM),
        ([], Intake.APP),
        ({"content": "x"}, Intake.APP),
        ({"content": 5}, Intake.FORM),
        ({"content": "x", "intake": "chat"}, Intake.CALL),
        (APP, Intake.CHAT),
        (APP, Intake.EMAIL),
    ],
)
def test_what_is_not_ours_is_invalid_and_says_no_value(body: object, intake: Intake) -> None:
    with pytest.raises(Invalid) as refused:
        inbound_of(raw(body, intake), IDENTITY)
    assert "hỏng" not in str(refused.value)


def test_a_web_message_without_an_account_is_invalid() -> None:
    with pytest.raises(Invalid):
        inbound_of(raw(APP, account=None), IDENTITY)


@given(
    content=st.text(min_size=1, max_size=80),
    name=st.none() | st.text(max_size=40),
    phone=st.none() | st.text(max_size=20),
)
def test_reading_is_total_and_repeatable_for_any_text(content: str, name: str | None, phone: str | None) -> None:
    source = raw({"content": content, "contact": {"name": name, "phone": phone}}, Intake.FORM)
    first = inbound_of(source, IDENTITY)
    assert first == inbound_of(source, IDENTITY)
    assert not set(first.personal.text) & set("\x00\u202e\u200b")
    assert first.model_validate_json(first.model_dump_json()) == first
