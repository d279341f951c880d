"""Điều 15.4 and 18.2: what is missing is asked for, once, and named exactly."""

from schemas.inbound import Contact
from schemas.outcome import PendingSupplement
from schemas.vocabulary import ContactItem, Intake
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
