"""Staff write by hand in between: the rules then neither ask nor turn away, and what was told stays on record."""

from datetime import timedelta

import pytest

from schemas.conversation import StaffWrote
from schemas.outcome import IgnoredOutcome, NeedsReview
from schemas.vocabulary import IgnoreReason, OutcomeKind, ReplyKind, ReviewReason
from services.normalizer.matter import STAFF_TALK
from services.normalizer.settle import Rules
from services.normalizer.submission import Phase
from tests.unit.dialogue import Dialogue

LAMPS = "Đèn đường ở đường Nguyễn Huệ, phường Tân Phú, thành phố Đồng Xoài hỏng một tuần nay chưa ai sửa."
WHO = "Tôi tên Nguyễn Văn An, số điện thoại 0912345678, địa chỉ ấp 3 xã Tân Hưng huyện Hớn Quản."
BY_STAFF = NeedsReview(reasons=(ReviewReason.STAFF_ANSWERED,))
QUIET = timedelta(seconds=46)
LAPSE = timedelta(hours=73)


@pytest.fixture
def zalo(rules: Rules) -> Dialogue:
    return Dialogue(rules, channel="zalo")


def test_staffs_words_stand_with_the_open_submission_and_have_no_outcome(zalo: Dialogue) -> None:
    zalo.say(LAMPS)
    recorded = zalo.staff("Dạ anh cho em xin số nhà ạ")
    (wrote,) = zalo.of(StaffWrote)
    assert recorded == [wrote]
    assert wrote.submission == zalo.state.submissions[0].code
    assert wrote.message.personal.text == "Dạ anh cho em xin số nhà ạ"


def test_staff_open_nothing(zalo: Dialogue) -> None:
    zalo.staff("Chào anh, 1022 xin nghe ạ")
    assert zalo.state.submissions == ()
    assert zalo.of(StaffWrote)[0].submission is None


def test_after_staff_answered_a_machine_asks_for_nothing(zalo: Dialogue) -> None:
    zalo.say(LAMPS)
    zalo.staff("Dạ anh cho em xin tên và số điện thoại ạ")
    zalo.wait(QUIET)
    assert zalo.outcomes == [BY_STAFF]
    assert [reply.kind for reply in zalo.told] == [ReplyKind.IN_REVIEW]


def test_the_request_does_not_lapse_into_a_rejection_after_staff_answered(zalo: Dialogue) -> None:
    zalo.say(LAMPS)
    zalo.wait(QUIET)
    zalo.staff("Dạ em ghi nhận rồi, thợ sẽ đến kiểm tra ạ")
    told = len(zalo.replies)
    zalo.wait(LAPSE)
    assert zalo.outcomes[-1] == BY_STAFF
    assert len(zalo.replies) == told
    assert zalo.state.submissions[0].phase is Phase.IN_REVIEW


def test_half_an_answer_to_staff_goes_to_a_person(zalo: Dialogue) -> None:
    zalo.say(LAMPS)
    zalo.wait(QUIET)
    zalo.staff("Dạ anh cho em xin số điện thoại ạ")
    zalo.say("0912345678")
    zalo.wait(QUIET)
    assert zalo.outcomes[-1] == BY_STAFF


def test_what_is_complete_is_accepted_as_ever(zalo: Dialogue) -> None:
    zalo.say(LAMPS)
    zalo.staff("Dạ anh cho em xin tên, địa chỉ và số điện thoại ạ")
    zalo.say(WHO)
    assert zalo.kinds == [OutcomeKind.ACCEPTED]
    assert zalo.told[-1].kind is ReplyKind.ACCEPTANCE


def test_small_talk_with_staff_is_no_matter(zalo: Dialogue) -> None:
    zalo.say(f"{LAMPS} {WHO}")
    zalo.wait(timedelta(hours=30))
    zalo.staff("Dạ đèn đã sửa xong, anh xem giúp em ạ")
    for words in ("ok em", "để chiều anh xem"):
        zalo.say(words)
        zalo.wait(QUIET)
    assert zalo.outcomes[1:] == [IgnoredOutcome(reason=IgnoreReason.WITH_STAFF)] * 2
    assert len(zalo.replies) == 1


def test_the_next_day_the_rules_ask_again(zalo: Dialogue) -> None:
    zalo.staff("Dạ 1022 chào anh ạ")
    zalo.wait(STAFF_TALK + timedelta(minutes=1))
    zalo.say(LAMPS)
    zalo.wait(QUIET)
    assert zalo.kinds == [OutcomeKind.PENDING_SUPPLEMENT]


def test_an_emergency_gets_its_number_whoever_talks(zalo: Dialogue) -> None:
    zalo.staff("Dạ 1022 chào anh ạ")
    zalo.say("Cháy nhà ở xã Lộc Thái, có người kẹt bên trong, cứu với!")
    assert zalo.kinds == [OutcomeKind.REDIRECTED]
    assert zalo.replies[0].startswith("114")


def test_a_foreigner_who_talks_with_staff_is_not_turned_away(zalo: Dialogue) -> None:
    zalo.staff("Bonjour, comment pouvons-nous vous aider ?")
    zalo.say("Bonjour, je voudrais savoir comment obtenir un permis de construire pour ma maison, merci beaucoup")
    zalo.wait(QUIET)
    assert zalo.outcomes == [BY_STAFF]
