"""Điều 6 of the regulation, and what follows when a requirement is not met (Điều 8.2, 9.1)."""

import pytest

from schemas.inbound import Contact
from schemas.outcome import Accepted, IgnoredOutcome, NeedsReview, PendingSupplement, Rejected
from schemas.vocabulary import ContactItem, IgnoreReason, Intake, RejectReason, ReviewReason
from tests.judgement.judging import COMPLETE, decided, judged

NAME, PHONE, ADDRESS, CONTENT = ContactItem.NAME, ContactItem.PHONE, ContactItem.ADDRESS, ContactItem.CONTENT


@pytest.mark.parametrize(
    "text",
    [
        "đèn đường hỏng cả tuần nay",
        "den duong hong ca tuan nay",
        "den dg hu wa ad oi",
        "street light broken on my road",
    ],
)
def test_6_1_vietnamese_and_english(text: str) -> None:
    """Khoản 1: "Sử dụng ngôn ngữ tiếng Việt, ngôn ngữ tiếng Anh (trường hợp là công dân nước ngoài)"."""
    assert isinstance(decided(text, contact=COMPLETE).outcome, Accepted)


@pytest.mark.parametrize(
    "text",
    [
        "Bonjour, je voudrais renouveler mon permis de séjour dans votre province",
        "您好，我想咨询一下投资设厂的优惠政策",
        "Здравствуйте, где можно продлить визу",
    ],
)
def test_6_1_another_language(text: str) -> None:
    """Khoản 1, and Điều 8.2: "thông báo ngay cho người dân, doanh nghiệp về lý do không tiếp nhận"."""
    found = decided(text, contact=COMPLETE)
    assert found.outcome == Rejected(reason=RejectReason.FOREIGN_LANGUAGE, articles=("8.2", "6.1"))


@pytest.mark.parametrize(
    "text",
    [
        "宿舍楼起火了，楼上还有很多人出不来",
        "우리 공장에서 동료가 피를 많이 흘리고 있어요",
        "La maison de mon voisin est en feu et personne ne vient nous aider",
    ],
)
def test_6_1_nobody_in_danger_is_turned_away_for_the_language(text: str) -> None:
    """Khoản 1 turns away a language, Điều 9.1 asks that danger is looked at at once: a person reads it."""
    found = decided(text, contact=COMPLETE)
    assert found.outcome == NeedsReview(reasons=(ReviewReason.UNSURE_LANGUAGE,))
    assert found.alert


@pytest.mark.parametrize("text", ["bonjour", "hola amigo", "ni hao"])
def test_6_1_in_doubt_nobody_is_turned_away(text: str) -> None:
    """Khoản 1: two words say no language."""
    assert not isinstance(decided(text).outcome, Rejected)


@pytest.mark.parametrize("text", ["alo", "xin chào ad", "cho em hỏi chút", "điện", ""])
def test_6_2_unclear_is_asked_once(text: str) -> None:
    """Khoản 2: "Thể hiện rõ ràng nội dung yêu cầu, thắc mắc hoặc phản ánh, kiến nghị"."""
    found = decided(text)
    assert found.outcome == PendingSupplement(missing=(NAME, PHONE, ADDRESS, CONTENT))
    assert found.articles == ("6.2", "6.3")
    again = decided(text, asked=True, contact=COMPLETE)
    assert again.outcome == NeedsReview(reasons=(ReviewReason.UNCLEAR_AFTER_SUPPLEMENT,))


def test_6_2_lone_photo() -> None:
    """Khoản 2: a photo alone says no matter; after the request a person looks at it."""
    assert CONTENT in decided("", attachments=1, contact=COMPLETE).outcome.missing  # type: ignore[union-attr]  # pending
    again = decided("", attachments=1, contact=COMPLETE, asked=True)
    assert again.outcome == NeedsReview(reasons=(ReviewReason.MEDIA_ONLY,))


def test_6_2_thanks_and_advertising() -> None:
    """Khoản 2: thanks want nothing; advertising is for a person to judge."""
    assert decided("cảm ơn ad").outcome == IgnoredOutcome(reason=IgnoreReason.THANKS)
    advert = decided("vay tiền nhanh không thế chấp lãi suất thấp, giải ngân trong ngày")
    assert advert.outcome == NeedsReview(reasons=(ReviewReason.ADVERTISING,))


@pytest.mark.parametrize(
    ("contact", "missing"),
    [
        (Contact(), (NAME, PHONE, ADDRESS)),
        (Contact(name="Lê Văn Tám"), (PHONE, ADDRESS)),
        (Contact(name="Lê Văn Tám", phone="0912345678"), (ADDRESS,)),
        (Contact(phone="0912345678", address="ấp 3 xã Lộc An"), (NAME,)),
    ],
)
def test_6_3_exactly_what_is_missing_is_asked(contact: Contact, missing: tuple[ContactItem, ...]) -> None:
    """Khoản 3: "tên, địa chỉ liên hệ, số điện thoại, địa chỉ thư điện tử (nếu có)"."""
    assert decided("đèn đường hỏng cả tuần nay", contact=contact).outcome == PendingSupplement(missing=missing)


def test_6_3_email_is_never_asked_for() -> None:
    """Khoản 3: "địa chỉ thư điện tử (nếu có)"."""
    assert isinstance(decided("đèn đường hỏng cả tuần nay", contact=COMPLETE).outcome, Accepted)


def test_6_3_what_the_text_says_counts() -> None:
    """Khoản 3: the contact may stand in the message itself."""
    found = decided("Tôi tên Lê Văn Tám, ấp 3 xã Lộc An huyện Lộc Ninh, 0912345678. Đèn đường hỏng cả tuần nay")
    assert isinstance(found.outcome, Accepted)


def test_6_3_missing_contact_after_the_request() -> None:
    """Khoản 3 with Điều 8.2: not accepted, with the reason and the article."""
    found = decided("đèn đường hỏng cả tuần nay", asked=True)
    assert found.outcome == Rejected(reason=RejectReason.MISSING_CONTACT, articles=("8.2", "6.3"))


def test_9_1_urgent_without_contact_is_never_rejected() -> None:
    """Điều 9.1: urgent matters are looked at at once; a lapse never rejects them."""
    text = "dây điện đứt nằm trên đường trước trường học"
    first = decided(text)
    assert isinstance(first.outcome, PendingSupplement)
    assert first.alert
    assert decided(text, asked=True).outcome == NeedsReview(reasons=(ReviewReason.URGENT_WITHOUT_CONTACT,))


def test_doubt_goes_to_a_person() -> None:
    """Điều 9.1: a complete matter whose field cannot be told is an operator's."""
    text = "con mèo nhà hàng xóm hay sang ngồi trên nóc nhà tôi, không biết hỏi ai cho phải"
    assert decided(text, contact=COMPLETE).outcome == NeedsReview(reasons=(ReviewReason.LOW_CONFIDENCE,))


def test_form_fields_count_as_the_message() -> None:
    """Khoản 3: a form's fields are the citizen's own words."""
    found = judged("mất điện", contact=COMPLETE, intake=Intake.FORM)
    assert found.missing == ()
