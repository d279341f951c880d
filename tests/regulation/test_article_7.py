"""Điều 7: what citizens send and what they are answered is kept on record, and counts as much as paper."""

from schemas.conversation import MessageReceived, StaffWrote, StubReceived
from schemas.vocabulary import Intake
from services.normalizer.settle import Rules
from tests.unit.dialogue import Dialogue
from tests.unit.test_decide import CONTACT, LAMPS, verdict_of


def test_7_1_what_cannot_be_read_is_on_record_with_its_original_and_with_the_answer(rules: Rules) -> None:
    """Khoản 1: "Nội dung phản ánh, kiến nghị ... và kết quả trả lời ... được ... ghi lưu trên Hệ thống phần mềm"."""
    form = Dialogue(rules, intake=Intake.FORM)
    stub = form.stub()
    form.put_aside(stub)
    form.review(verdict_of(form, stub.code, "reject"))
    (kept,) = form.of(StubReceived)
    assert kept.stub.original == stub.original
    assert len(form.replies) == 2


def test_7_1_what_can_be_read_after_all_is_recorded_beside_what_stood_for_it(rules: Rules) -> None:
    """Khoản 1: the content itself is recorded, even when it was decided before anybody could read it."""
    form = Dialogue(rules, intake=Intake.FORM)
    stub = form.stub()
    form.put_aside(stub)
    form.review(verdict_of(form, stub.code, "accept"))
    form.said = 1
    form.take(form.message(LAMPS, contact=CONTACT))
    assert [one.stub.id for one in form.of(StubReceived)] == [one.inbound.id for one in form.of(MessageReceived)]
    assert len(form.tickets) == 1


def test_7_1_what_is_edited_or_deleted_stays_on_record(rules: Rules) -> None:
    """Khoản 1: a deletion hides nothing from the record; it is itself recorded."""
    chat = Dialogue(rules, channel="facebook")
    chat.say(LAMPS, contact=CONTACT)
    first = chat.last
    chat.edit(first, "Đèn đã sáng lại rồi ạ")
    chat.delete(first.id)
    kept = [one.inbound.personal.text for one in chat.of(MessageReceived)]
    assert kept == [LAMPS, "Đèn đã sáng lại rồi ạ"]


def test_7_1_what_staff_answer_by_hand_is_on_record_too(rules: Rules) -> None:
    """Khoản 1: "kết quả trả lời của cơ quan nhà nước có thẩm quyền", also when it went past the gateway."""
    chat = Dialogue(rules, channel="zalo")
    chat.say(LAMPS, contact=CONTACT)
    chat.staff("Dạ phường đã sửa xong chiều nay ạ.")
    (kept,) = chat.of(StaffWrote)
    assert kept.message.personal.text == "Dạ phường đã sửa xong chiều nay ạ."
    assert kept.submission == chat.tickets[0].submission
