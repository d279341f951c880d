"""Mails and public comments: whole messages, joined by what they answer, never by being next."""

from datetime import timedelta

import pytest

from schemas.conversation import MessageReceived
from schemas.inbound import Contact
from schemas.outcome import IgnoredOutcome
from schemas.vocabulary import ContactItem, IgnoreReason, Intake, OutcomeKind
from services.normalizer.settle import Rules
from services.normalizer.submission import Phase
from tests.unit.dialogue import Dialogue

LAMPS = "Đèn đường ở đường Nguyễn Huệ, phường Tân Phú, thành phố Đồng Xoài hỏng một tuần nay chưa ai sửa."
WASTE = "Rác thải sinh hoạt ở chợ Lộc Ninh ba ngày nay không có xe thu gom, bốc mùi rất hôi."
WHO = "Tôi tên Nguyễn Văn An, số điện thoại 0912345678, địa chỉ ấp 3 xã Tân Hưng huyện Hớn Quản."
FROM = Contact(name="Nguyễn Văn An", email="an@example.vn")
CONTACT = Contact(name="Nguyễn Văn An", phone="+84912345678", address="ấp 3, xã Tân Hưng, huyện Hớn Quản")
LAPSE = timedelta(hours=73)


@pytest.fixture
def mail(rules: Rules) -> Dialogue:
    return Dialogue(rules, intake=Intake.EMAIL, channel="email")


@pytest.fixture
def comment(rules: Rules) -> Dialogue:
    return Dialogue(rules, intake=Intake.COMMENT, channel="facebook")


def asked(mail: Dialogue) -> str:
    mail.say(LAMPS, contact=FROM)
    assert mail.outcomes[0].missing == (ContactItem.PHONE, ContactItem.ADDRESS)  # type: ignore[union-attr]
    return mail.state.submissions[0].code


def test_a_mail_is_decided_at_once_and_answered_as_a_letter(mail: Dialogue) -> None:
    asked(mail)
    assert set(mail.timers) == {f"supplement_{mail.state.submissions[0].code.replace('-', '').lower()}"}
    assert "Thông tin cá nhân" in mail.replies[0]


def test_a_mail_that_answers_completes_its_submission(mail: Dialogue) -> None:
    code = asked(mail)
    mail.say("Số của tôi là 0912345678, địa chỉ ấp 3 xã Tân Hưng huyện Hớn Quản", contact=FROM, answers=code)
    assert mail.kinds[-1] is OutcomeKind.ACCEPTED
    assert mail.tickets[0].ticket.code == code


def test_a_mail_without_a_token_is_the_answer_if_it_has_what_was_asked_for(mail: Dialogue) -> None:
    asked(mail)
    mail.say("0912345678, địa chỉ ấp 3 xã Tân Hưng huyện Hớn Quản", contact=FROM)
    assert mail.kinds[-1] is OutcomeKind.ACCEPTED
    assert len(mail.state.submissions) == 1


def test_a_mail_that_repeats_the_matter_with_contact_is_the_answer(mail: Dialogue) -> None:
    asked(mail)
    mail.say(f"{LAMPS} {WHO}", contact=FROM)
    assert len(mail.state.submissions) == 1
    assert mail.kinds[-1] is OutcomeKind.ACCEPTED


def test_a_mail_about_another_matter_is_a_submission_of_its_own(mail: Dialogue) -> None:
    asked(mail)
    mail.say(f"{WASTE} {WHO}", contact=FROM)
    assert len(mail.state.submissions) == 2
    assert mail.state.submissions[0].phase is Phase.PENDING
    assert mail.state.submissions[1].phase is Phase.TICKET


def test_a_mail_that_only_says_wait_is_no_answer(mail: Dialogue) -> None:
    code = asked(mail)
    mail.say("Vâng, tôi sẽ gửi sau", contact=FROM, answers=code)
    assert mail.kinds == [OutcomeKind.PENDING_SUPPLEMENT]
    mail.say("0912345678, địa chỉ ấp 3 xã Tân Hưng huyện Hớn Quản", contact=FROM, answers=code)
    assert mail.kinds[-1] is OutcomeKind.ACCEPTED


def test_what_is_only_quoted_is_never_judged(mail: Dialogue) -> None:
    mail.say("", contact=FROM, quoted=f"{LAMPS} {WHO}")
    assert mail.kinds == [OutcomeKind.PENDING_SUPPLEMENT]
    assert ContactItem.CONTENT in mail.outcomes[0].missing  # type: ignore[union-attr]
    mail.say("Cháu cảm ơn", contact=FROM, quoted="Cháy nhà, có người kẹt bên trong, cứu với!")
    assert OutcomeKind.REDIRECTED not in mail.kinds


def test_thanks_by_mail_trouble_no_agency(mail: Dialogue) -> None:
    mail.say(LAMPS, contact=CONTACT)
    code = mail.tickets[0].ticket.code
    recorded = mail.say("Cảm ơn quý cơ quan", contact=FROM, answers=code)
    assert [type(event) for event in recorded] == [MessageReceived]
    mail.say("Nay đèn thứ hai cũng hỏng", contact=FROM, answers=code)
    assert [one.addition.personal.text for one in mail.additions] == ["Nay đèn thứ hai cũng hỏng"]


def test_a_late_mail_with_what_was_missing_mends_the_rejection(mail: Dialogue) -> None:
    asked(mail)
    mail.wait(LAPSE)
    before = mail.kinds
    assert before[-1] is OutcomeKind.REJECTED
    mail.say("0912345678, địa chỉ ấp 3 xã Tân Hưng huyện Hớn Quản", contact=FROM)
    assert mail.kinds[-1] is OutcomeKind.ACCEPTED
    assert len(mail.state.submissions) == 1


def test_a_comment_is_asked_in_private_and_without_repeating_anybodys_data(comment: Dialogue) -> None:
    comment.say(f"{LAMPS} Tôi tên Nguyễn Văn An, sđt 0912345678")
    assert comment.kinds == [OutcomeKind.PENDING_SUPPLEMENT]
    assert "tin nhắn riêng" in comment.replies[0]
    assert "912345678" not in comment.replies[0].replace(" ", "")


def test_the_private_answer_to_a_comments_request_completes_it(comment: Dialogue) -> None:
    comment.say(LAMPS)
    comment.intake = Intake.CHAT
    comment.say(WHO)
    assert comment.kinds == [OutcomeKind.PENDING_SUPPLEMENT, OutcomeKind.ACCEPTED]
    assert len(comment.state.submissions) == 1


def test_two_comments_are_two_matters_unless_one_answers_the_other(comment: Dialogue) -> None:
    comment.say(LAMPS)
    comment.say(WASTE)
    assert len(comment.state.submissions) == 2
    comment.say(WHO, answers=comment.state.submissions[0].code)
    assert comment.kinds[-1] is OutcomeKind.ACCEPTED


def test_small_talk_under_a_post_is_not_answered(comment: Dialogue) -> None:
    comment.say("chào 1022")
    assert comment.outcomes == [IgnoredOutcome(reason=IgnoreReason.GREETING_ONLY)]
    assert comment.replies == []


def test_known_contact_is_not_repeated_in_answer_to_a_comment(comment: Dialogue) -> None:
    comment.say(LAMPS, contact=CONTACT)
    comment.say(WASTE)
    assert comment.kinds == [OutcomeKind.ACCEPTED, OutcomeKind.ACCEPTED]
    assert "Nguyễn Văn An" not in comment.replies[-1]


def test_photos_of_one_post_meet_whatever_their_order(comment: Dialogue) -> None:
    post = comment.message(LAMPS)
    for number in (1, 2):
        comment.said = number
        photo = comment.message("", photos=1)
        comment.take(photo.model_copy(update={"intake": Intake.CHAT, "code": post.code, "answers": post.code}))
    comment.take(post.model_copy(update={"answers": post.code}))
    (submission,) = comment.state.submissions
    assert submission.code == post.code
    assert len(submission.messages) == 3
