"""Điều 15.4 and 18.2: what is missing is asked for, once, and named exactly."""

import pytest

from schemas.inbound import Contact
from schemas.outcome import NeedsReview, PendingSupplement
from schemas.vocabulary import ContactItem, Intake, ReplyKind, ReviewReason
from services.normalizer.settle import Rules
from tests.unit.dialogue import Dialogue
from tests.unit.test_decide import LAMPS, LAPSE, QUIET


def test_15_4_the_citizen_is_asked_once_only(rules: Rules) -> None:
    """Khoản 4: "hướng dẫn người dân, doanh nghiệp bổ sung đầy đủ thông tin liên quan (01 lần)"."""
    chat = Dialogue(rules)
    chat.say(LAMPS)
    chat.wait(QUIET)
    chat.say("tên tôi là Nguyễn Văn An")
    chat.wait(QUIET)
    chat.wait(LAPSE)
    assert sum(isinstance(outcome, PendingSupplement) for outcome in chat.outcomes) == 1


def test_15_4_exactly_what_is_missing_is_named(rules: Rules) -> None:
    """Khoản 4: "nếu nội dung phản ánh, kiến nghị chưa rõ ràng hoặc thiếu nội dung cần thiết"."""
    form = Dialogue(rules, intake=Intake.FORM)
    form.say(LAMPS, contact=Contact(name="Nguyễn Văn An", address="ấp 3, xã Tân Hưng, huyện Hớn Quản"))
    (outcome,) = form.outcomes
    assert isinstance(outcome, PendingSupplement)
    assert outcome.missing == (ContactItem.PHONE,)
    assert "số điện thoại" in form.replies[0]
    assert "họ tên" not in form.replies[0].split("Ví dụ")[0].lower()


def test_15_4_a_deletion_or_an_edit_asks_for_nothing_again(rules: Rules) -> None:
    """Khoản 4: "(01 lần)"; whatever the citizen edits or deletes meanwhile."""
    chat = Dialogue(rules, channel="facebook")
    chat.say("alo, mình tên Nguyễn Văn An")
    chat.say(LAMPS)
    lamps = chat.last
    chat.wait(QUIET)
    chat.edit(lamps, LAMPS + " Sửa giúp bà con.")
    chat.wait(QUIET)
    chat.delete(lamps.id)
    chat.wait(LAPSE)
    assert [reply.kind for reply in chat.told].count(ReplyKind.SUPPLEMENT_REQUEST) == 1


def test_15_4_staff_who_guide_by_hand_take_the_place_of_the_request(rules: Rules) -> None:
    """Khoản 4: the guidance is given once, by whomever: no machine asks after staff, or turns away for its silence."""
    chat = Dialogue(rules, channel="zalo")
    chat.say(LAMPS)
    chat.staff("Dạ anh cho em xin tên, địa chỉ và số điện thoại ạ")
    chat.wait(QUIET)
    chat.wait(LAPSE)
    assert ReplyKind.SUPPLEMENT_REQUEST not in [reply.kind for reply in chat.told]
    assert chat.outcomes == [NeedsReview(reasons=(ReviewReason.STAFF_ANSWERED,))]


@pytest.mark.parametrize("intake", [Intake.CHAT, Intake.COMMENT, Intake.EMAIL])
def test_18_2_what_is_missing_is_asked_for_on_the_channel_that_was_used(rules: Rules, intake: Intake) -> None:
    """Điều 18 khoản 2: "Liên hệ, hướng dẫn cá nhân, tổ chức cập nhật đầy đủ nội dung có liên quan"."""
    dialogue = Dialogue(rules, intake=intake)
    dialogue.say(LAMPS)
    dialogue.wait(QUIET)
    (reply,) = dialogue.told
    assert (reply.kind, reply.intake) == (ReplyKind.SUPPLEMENT_REQUEST, intake)
