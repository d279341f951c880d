"""Messages that their citizens delete, before and after a decision, and citizens who want their data erased."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest

from gateway.domain.identity import command_id, settlement_id
from schemas.commands import ReviewCommand, SettleWithdrawal
from schemas.conversation import (
    AddedToTicket,
    CommandRefused,
    DataWithdrawn,
    Decided,
    MessageReceived,
    MessageWithdrawn,
    WithdrawalSettled,
)
from schemas.files import AttachmentStored, FileRef
from schemas.inbound import Contact
from schemas.outcome import IgnoredOutcome
from schemas.vocabulary import IgnoreReason, Intake, OutcomeKind
from services.normalizer.review import on_attachment
from services.normalizer.settle import Rules
from services.normalizer.submission import Phase
from tests.unit.dialogue import ACCOUNT, Dialogue

LAMPS = "Đèn đường ở đường Nguyễn Huệ, phường Tân Phú, thành phố Đồng Xoài hỏng một tuần nay chưa ai sửa."
LAMPS_TWO = "Đèn đường ở đường Hùng Vương, phường Tân Phú, thành phố Đồng Xoài hỏng hai tuần nay chưa ai sửa."
WHO = "Tôi tên Nguyễn Văn An, số điện thoại 0912345678, địa chỉ ấp 3 xã Tân Hưng huyện Hớn Quản."
CONTACT = Contact(name="Nguyễn Văn An", phone="+84912345678", address="ấp 3, xã Tân Hưng, huyện Hớn Quản")
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


def test_the_only_message_deleted_while_gathering_closes_without_a_word(chat: Dialogue) -> None:
    chat.say(LAMPS)
    chat.delete(chat.last.id)
    chat.wait(LAPSE)
    assert chat.outcomes == [IgnoredOutcome(reason=IgnoreReason.WITHDRAWN)]
    assert chat.replies == []
    assert chat.timers == {}


def test_what_is_left_is_judged_without_the_deleted_words(chat: Dialogue) -> None:
    chat.say("Rác ở chợ Lộc Ninh không ai thu gom")
    chat.delete(chat.last.id)
    chat.say(LAMPS)
    chat.say(WHO)
    (opened,) = chat.tickets
    assert "Rác" not in opened.ticket.personal.content
    assert len(opened.ticket.originals) == 2


def test_deleted_while_pending_it_is_closed_and_never_rejected(chat: Dialogue) -> None:
    chat.say(LAMPS)
    chat.wait(QUIET)
    chat.delete(chat.last.id)
    chat.wait(LAPSE)
    assert chat.kinds == [OutcomeKind.PENDING_SUPPLEMENT, OutcomeKind.IGNORED]
    assert len(chat.replies) == 1


def test_half_deleted_while_pending_is_not_asked_for_twice(chat: Dialogue) -> None:
    chat.say("alo, mình tên Nguyễn Văn An")
    chat.say(LAMPS)
    lamps = chat.last
    chat.wait(QUIET)
    until = dict(chat.timers)
    chat.delete(lamps.id)
    assert chat.kinds == [OutcomeKind.PENDING_SUPPLEMENT, OutcomeKind.PENDING_SUPPLEMENT]
    assert (len(chat.replies), chat.timers) == (1, until)


def test_a_ticket_says_that_it_was_deleted_and_not_what(chat: Dialogue) -> None:
    chat.say(LAMPS, photos=1)
    first = chat.last
    chat.say(WHO)
    events = chat.delete(first.id)
    assert names(events) == ["MessageWithdrawn", "AddedToTicket"]
    (added,) = chat.of(AddedToTicket)
    assert added.addition.withdrawn
    assert added.addition.inbound_id == first.id
    assert added.addition.personal.text == ""
    assert added.addition.personal.content == WHO
    assert first.original in [item.file for item in added.addition.attachments]
    assert len(chat.replies) == 1
    assert chat.of(MessageReceived)[0].inbound.personal.text == LAMPS, "the record keeps it (Điều 7)"


def test_a_photo_that_is_fetched_after_its_deletion_is_shown_to_nobody(chat: Dialogue) -> None:
    chat.say(f"{LAMPS} {WHO}", photos=1)
    message = chat.last
    chat.delete(message.id)
    told = len(chat.additions)
    stored = AttachmentStored(
        id=uuid4(),
        inbound_id=message.id,
        account=ACCOUNT,
        number=0,
        file=FileRef(address="ab" * 32, owner=ACCOUNT, size=9, media_type="image/jpeg"),
        at=chat.now,
    )
    draft = on_attachment(chat.state, stored, chat.now)
    assert names(list(draft.events)) == ["AttachmentChanged"]
    assert len(chat.additions) == told


def test_who_deletes_an_edit_deletes_the_message(chat: Dialogue) -> None:
    chat.say(f"{LAMPS} {WHO}")
    first = chat.last
    chat.edit(first, f"{LAMPS} {WHO} Cảm ơn.")
    chat.delete(chat.last.id)
    assert chat.additions[-1].addition.withdrawn
    assert chat.additions[-1].addition.inbound_id == first.id


def test_what_stands_in_two_submissions_is_deleted_in_both(chat: Dialogue) -> None:
    chat.say("mua bán hàng giảm giá sốc, khuyến mãi cực lớn, liên hệ ngay để nhận quà, inbox shop nhé")
    first = chat.last
    chat.wait(QUIET)
    reject(chat)
    chat.edit(first, LAMPS)
    chat.wait(QUIET)
    assert chat.state.submissions[1].phase is Phase.PENDING
    chat.delete(first.id)
    assert [event.submission for event in chat.of(MessageWithdrawn)] == [one.code for one in chat.state.submissions]
    assert chat.outcomes[-1] == IgnoredOutcome(reason=IgnoreReason.WITHDRAWN)


def test_deleted_twice_is_told_once(chat: Dialogue) -> None:
    chat.say(f"{LAMPS} {WHO}")
    message = chat.last.id
    chat.delete(message)
    assert names(chat.delete(message)) == ["MessageWithdrawn"]


def test_an_edit_of_a_deleted_message_brings_nothing_back(chat: Dialogue) -> None:
    chat.say(f"{LAMPS} {WHO}")
    first = chat.last
    chat.delete(first.id)
    assert names(chat.edit(first, LAMPS_TWO)) == ["MessageReceived"]


def test_a_deletion_that_overtakes_its_message_closes_it_unread(chat: Dialogue) -> None:
    chat.said = 5
    message = chat.message(f"{LAMPS} {WHO}")
    chat.delete(message.id)
    chat.take(message)
    assert chat.outcomes == [IgnoredOutcome(reason=IgnoreReason.WITHDRAWN)]
    assert (chat.replies, chat.tickets) == ([], [])


def test_danger_stays_before_the_operators_whatever_is_deleted(chat: Dialogue) -> None:
    chat.say("Dây điện cao thế đứt rơi xuống đường chỗ chợ Lộc Ninh, nguy hiểm đến tính mạng người đi đường")
    chat.wait(QUIET)
    assert chat.of(Decided)[-1].alert
    told = len(chat.replies)
    chat.delete(chat.last.id)
    chat.say("cảm ơn")
    chat.wait(LAPSE)
    (danger, _) = chat.state.submissions
    assert danger.phase is Phase.IN_REVIEW
    assert danger.decided is not None
    assert danger.decided.alert
    assert danger.decided.classification is not None, "what was found before the deletion helps who looks"
    assert len(chat.replies) == told


def test_a_repetitions_deletion_goes_to_the_ticket_it_was_merged_into(rules: Rules) -> None:
    mail = Dialogue(rules, intake=Intake.EMAIL, channel="email")
    mail.say(LAMPS, contact=CONTACT)
    mail.say(LAMPS, contact=CONTACT)
    assert mail.kinds == [OutcomeKind.ACCEPTED, OutcomeKind.MERGED]
    mail.delete(mail.last.id)
    added = mail.of(AddedToTicket)[-1]
    assert added.addition.withdrawn
    assert added.addition.personal.content is None, "the ticket's own words are the first mail's"


def test_the_deletion_of_what_nobody_knows_is_recorded_and_changes_nothing(chat: Dialogue) -> None:
    chat.say(f"{LAMPS} {WHO}")
    chat.said += 100
    (recorded,) = chat.delete(chat.message("").id)
    assert isinstance(recorded, MessageWithdrawn)
    assert recorded.submission is None
    assert chat.state.submissions[0].text == f"{LAMPS} {WHO}"


def test_a_wish_for_erasure_waits_for_an_operator_and_erases_nothing(chat: Dialogue) -> None:
    chat.say(f"{LAMPS} {WHO}")
    before = chat.state.submissions
    (asked,) = chat.withdraw()
    assert isinstance(asked, DataWithdrawn)
    assert asked.submissions == (before[0].code,)
    assert chat.state.submissions == before
    settle = SettleWithdrawal(
        id=settlement_id(asked.withdrawn.id, "op_lan"),
        account=ACCOUNT,
        withdrawal=asked.withdrawn.id,
        operator="op_lan",
        at=chat.now,
    )
    (settled,) = chat.settle(settle)
    assert isinstance(settled, WithdrawalSettled)
    (refused,) = chat.settle(settle)
    assert isinstance(refused, CommandRefused)
    assert refused.reason == "unknown_withdrawal"


def test_a_repetition_brings_its_ticket_only_what_stands(chat: Dialogue) -> None:
    chat.say(f"{LAMPS} {WHO}")
    chat.say("alo")
    greeting = chat.last
    chat.say("ad ơi")
    chat.delete(greeting.id)
    chat.say(LAMPS)
    assert chat.kinds[-1] is OutcomeKind.MERGED
    assert [one.addition.personal.text for one in chat.additions] == ["ad ơi", LAMPS]
