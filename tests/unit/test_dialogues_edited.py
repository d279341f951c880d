"""Messages that their citizens edit, before and after a decision, and platforms that tell in any order."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from gateway.domain.identity import command_id
from schemas.commands import ReviewCommand
from schemas.conversation import (
    AddedToTicket,
)
from schemas.vocabulary import OutcomeKind
from services.normalizer.settle import Rules
from services.normalizer.submission import Phase
from tests.unit.dialogue import ACCOUNT, Dialogue

LAMPS = "Đèn đường ở đường Nguyễn Huệ, phường Tân Phú, thành phố Đồng Xoài hỏng một tuần nay chưa ai sửa."
LAMPS_TWO = "Đèn đường ở đường Hùng Vương, phường Tân Phú, thành phố Đồng Xoài hỏng hai tuần nay chưa ai sửa."
WHO = "Tôi tên Nguyễn Văn An, số điện thoại 0912345678, địa chỉ ấp 3 xã Tân Hưng huyện Hớn Quản."
FIRE = "Cháy nhà ở xã Lộc Thái, có người kẹt bên trong, cứu với!"
QUIET = timedelta(seconds=46)
LAPSE = timedelta(hours=73)


@pytest.fixture
def chat(rules: Rules) -> Dialogue:
    return Dialogue(rules, channel="facebook")


def names(events: Sequence[object]) -> list[str]:
    return [type(event).__name__ for event in events]


def reject(chat: Dialogue) -> None:
    submission = chat.state.submissions[0]
    chat.review(
        ReviewCommand(
            id=command_id(submission.code, submission.revision, "reject", "op_lan"),
            code=submission.code,
            account=ACCOUNT,
            verdict="reject",
            version_seen=submission.revision,
            operator="op_lan",
            at=chat.now,
        )
    )


def test_an_edit_while_gathering_is_judged_in_place_of_the_first_words(chat: Dialogue) -> None:
    chat.say(LAMPS)
    first = chat.last
    chat.wait(timedelta(seconds=10))
    chat.edit(first, LAMPS_TWO)
    chat.say(WHO)
    (opened,) = chat.tickets
    assert opened.ticket.personal.content == f"{LAMPS_TWO}\n{WHO}"
    assert len(opened.ticket.inbound_ids) == 3


def test_an_edit_of_a_pending_submission_may_complete_it(chat: Dialogue) -> None:
    chat.say(LAMPS)
    chat.wait(QUIET)
    chat.edit(chat.last, f"{LAMPS} {WHO}")
    assert chat.kinds == [OutcomeKind.PENDING_SUPPLEMENT, OutcomeKind.ACCEPTED]
    assert chat.tickets[0].ticket.personal.content == f"{LAMPS} {WHO}"


def test_an_edit_after_a_rejection_is_judged_and_told(chat: Dialogue) -> None:
    chat.say(LAMPS)
    first = chat.last
    chat.wait(QUIET)
    chat.wait(LAPSE)
    before = chat.kinds
    assert before[-1] is OutcomeKind.REJECTED
    chat.edit(first, f"{LAMPS} {WHO}")
    assert chat.kinds[-1] is OutcomeKind.ACCEPTED
    assert len(chat.state.submissions) == 1


def test_a_ticket_is_told_what_the_message_says_now(chat: Dialogue) -> None:
    chat.say(LAMPS)
    first = chat.last
    chat.say(WHO)
    events = chat.edit(first, LAMPS_TWO)
    assert names(events) == ["MessageReceived", "AddedToTicket"]
    (added,) = chat.of(AddedToTicket)
    assert (added.addition.corrects, added.addition.withdrawn) == (True, False)
    assert added.addition.inbound_id == first.id
    assert added.addition.personal.text == LAMPS_TWO
    assert added.addition.personal.content == f"{LAMPS_TWO}\n{WHO}"
    assert len(chat.replies) == 1


def test_an_edit_that_changes_nothing_troubles_nobody(chat: Dialogue) -> None:
    chat.say(f"{LAMPS} {WHO}")
    assert names(chat.edit(chat.last, f"{LAMPS} {WHO}")) == ["MessageReceived"]


def test_an_edit_of_an_unknown_message_is_an_ordinary_one(chat: Dialogue) -> None:
    chat.said = 5
    never_seen = chat.message("")
    chat.edit(never_seen, f"{LAMPS} {WHO}")
    assert chat.kinds == [OutcomeKind.ACCEPTED]


def test_an_edit_that_overtakes_its_message_stays_the_last_word(chat: Dialogue) -> None:
    chat.said = 5
    message = chat.message(LAMPS)
    chat.edit(message, f"{LAMPS_TWO} {WHO}")
    recorded = chat.take(message)
    assert names(recorded) == ["MessageReceived"]
    assert chat.state.submissions[0].text == f"{LAMPS_TWO} {WHO}"
    assert len(chat.state.submissions) == 1


def test_the_later_of_two_edits_counts_whichever_comes_first(chat: Dialogue) -> None:
    chat.say("alo")
    first = chat.last
    early, late = first.sent_at + timedelta(seconds=1), first.sent_at + timedelta(seconds=2)
    for text, at in ((LAMPS_TWO, late), (LAMPS, early)):
        chat.said += 1
        chat.take(chat.message(text, edits=first.id).model_copy(update={"sent_at": at}))
    assert chat.state.submissions[0].text == LAMPS_TWO


def test_after_an_operators_verdict_an_edit_is_a_message_of_its_own(chat: Dialogue) -> None:
    chat.say("mua bán hàng giảm giá sốc, khuyến mãi cực lớn, liên hệ ngay để nhận quà, inbox shop nhé")
    first = chat.last
    chat.wait(QUIET)
    reject(chat)
    chat.edit(first, f"{LAMPS} {WHO}")
    assert len(chat.state.submissions) == 2
    assert chat.kinds[-1] is OutcomeKind.ACCEPTED


def test_words_that_are_edited_into_an_emergency_get_the_number_at_once(chat: Dialogue) -> None:
    chat.say("alo")
    chat.edit(chat.last, FIRE)
    assert chat.kinds == [OutcomeKind.REDIRECTED]
    assert chat.replies[0].startswith("114")


def test_a_tickets_message_that_becomes_an_emergency_is_answered_like_one(chat: Dialogue) -> None:
    chat.say(f"{LAMPS} {WHO}")
    first = chat.last
    chat.edit(first, FIRE)
    assert chat.kinds == [OutcomeKind.ACCEPTED, OutcomeKind.REDIRECTED]
    assert chat.replies[-1].startswith("114")
    chat.delete(first.id)
    assert chat.additions[-1].addition.withdrawn, "the ticket is still told what becomes of its own message"


def test_an_edit_that_takes_something_away_is_no_answer(chat: Dialogue) -> None:
    chat.say(f"{LAMPS} Tôi tên Nguyễn Văn An, số điện thoại 0912345678.")
    chat.wait(QUIET)
    chat.edit(chat.last, LAMPS)
    chat.wait(QUIET)
    assert chat.kinds == [OutcomeKind.PENDING_SUPPLEMENT]
    assert chat.state.submissions[0].phase is Phase.PENDING
