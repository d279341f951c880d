"""Điều 8: how submissions are taken, and what a citizen whose submission is not accepted is told."""

import pytest

from gateway.domain.province import Province
from schemas.conversation import Decided
from schemas.inbound import Contact
from schemas.outcome import Rejected
from schemas.vocabulary import Intake, OutcomeKind, RejectReason
from services.normalizer.settle import Rules
from tests.unit.dialogue import Dialogue
from tests.unit.test_decide import CONTACT, LAMPS, LAPSE

FRENCH = "Bonjour, je voudrais savoir comment obtenir un permis de construire dans votre province, s'il vous plaît."


def test_8_1_name_phone_address_and_content_are_recorded(rules: Rules) -> None:
    """Khoản 1: "ghi lưu các thông tin của người dân, doanh nghiệp (tên, số điện thoại, địa chỉ...) và nội dung"."""
    form = Dialogue(rules, intake=Intake.FORM)
    form.say(LAMPS, contact=CONTACT)
    kept = form.tickets[0].ticket.personal
    assert (kept.contact.name, kept.contact.phone) == (CONTACT.name, CONTACT.phone)
    assert kept.contact.address == CONTACT.address
    assert kept.content == LAMPS


def test_8_1_what_no_reader_understands_is_taken_by_an_operator_and_recorded(rules: Rules) -> None:
    """Khoản 1: "Tổng đài viên ... thực hiện tiếp nhận nội dung phản ánh ... và ghi lưu": nothing is left lying."""
    form = Dialogue(rules, intake=Intake.FORM)
    stub = form.stub()
    form.put_aside(stub)
    (decided,) = form.of(Decided)
    assert decided.outcome.kind is OutcomeKind.NEEDS_REVIEW
    assert decided.alert
    assert decided.articles == ("8.1",)
    assert stub.code in form.replies[0]


@pytest.mark.parametrize(
    ("words", "contact", "waits", "reason"),
    [
        (FRENCH, CONTACT, False, RejectReason.FOREIGN_LANGUAGE),
        (LAMPS, Contact(), True, RejectReason.MISSING_CONTACT),
    ],
)
def test_8_2_who_is_not_accepted_is_told_at_once_why_and_where_to_turn(
    rules: Rules, province: Province, words: str, contact: Contact, reason: RejectReason, *, waits: bool
) -> None:
    """Khoản 2: "thông báo ngay ... về lý do không tiếp nhận; đồng thời, hướng dẫn ... địa chỉ để liên hệ"."""
    form = Dialogue(rules, intake=Intake.FORM)
    form.say(words, contact=contact)
    if waits:
        form.wait(LAPSE)
    decided = form.of(Decided)[-1]
    assert decided.outcome.kind is OutcomeKind.REJECTED
    assert isinstance(decided.outcome, Rejected)
    assert decided.outcome.reason is reason
    told = form.replies[-1]
    on = province.day(form.now)
    office = province.role("complaint_reception", on)
    assert "Quy chế ban hành kèm theo Quyết định số 478/QĐ-UBND" in told
    assert office.phone in told
    assert form.state.submissions[0].code in told


def test_8_3_a_matter_within_competence_goes_on_as_a_ticket(rules: Rules) -> None:
    """Khoản 3: "thuộc thẩm quyền, phạm vi quản lý ... được tiếp nhận, xử lý theo quy định tại Điều 9"."""
    form = Dialogue(rules, intake=Intake.FORM)
    form.say(LAMPS, contact=CONTACT)
    assert form.of(Decided)[0].outcome.kind is OutcomeKind.ACCEPTED
    assert "8.3" in form.of(Decided)[0].articles
