"""Decides what it means that a citizen takes something back: one message, or the use of their data; pure."""

from datetime import datetime

from gateway.domain.draft import Draft
from schemas.commands import SettleWithdrawal
from schemas.conversation import CommandRefused, ConversationEvent, DataWithdrawn, MessageWithdrawn, WithdrawalSettled
from schemas.inbound import Withdrawn
from schemas.outcome import IgnoredOutcome, NeedsReview
from schemas.vocabulary import IgnoreReason, ReviewReason
from services.normalizer.amend import taken_back
from services.normalizer.anew import is_for_the_rules, judged_anew
from services.normalizer.conversation import Conversation, fold
from services.normalizer.policy import Verdict
from services.normalizer.settle import ConversationDraft, Rules, case_of, settled
from services.normalizer.submission import Phase, Submission
from services.normalizer.unreadable import unjudged_case

NOTHING_LEFT = Verdict(IgnoredOutcome(reason=IgnoreReason.WITHDRAWN), ("6.2",), ("withdrawn",), alert=False)
"""Every message of it was deleted by the citizen before anybody decided it."""

DANGER_TAKEN_BACK = Verdict(
    NeedsReview(reasons=(ReviewReason.WITHDRAWN,)), ("9.1",), ("danger_taken_back",), alert=True
)
"""Operators were alerted of it: a person looks, because somebody in danger may have been made to delete it."""


def on_withdrawn(state: Conversation, withdrawn: Withdrawn, rules: Rules, now: datetime) -> ConversationDraft:
    """What a withdrawal leads to; nothing is erased by it, the record only grows (Điều 7)."""
    if withdrawn.what == "personal_data":
        codes = tuple(submission.code for submission in state.submissions)
        asked: tuple[ConversationEvent, ...] = (DataWithdrawn(submissions=codes, withdrawn=withdrawn),)
        return Draft(asked)
    submission = _of_deleted(state, withdrawn)
    event = MessageWithdrawn(submission=submission.code if submission else None, withdrawn=withdrawn)
    if submission is None or withdrawn.message in submission.withdrawn:
        return Draft((event,))
    after = fold(state, event)
    draft = _after(after, submission, withdrawn, rules, now)
    return Draft((event, *draft.events), draft.timers_set, draft.timers_cancelled)


def on_settlement(state: Conversation, command: SettleWithdrawal, now: datetime) -> ConversationDraft:
    """An operator has seen to a wish for erasure; refused for one that is not open."""
    codes = tuple(submission.code for submission in state.submissions)
    if command.withdrawal not in state.withdrawals:
        refused: tuple[ConversationEvent, ...] = (
            CommandRefused(command_id=command.id, reason="unknown_withdrawal", by=command.operator, at=now),
        )
        return Draft(refused)
    settlement: tuple[ConversationEvent, ...] = (
        WithdrawalSettled(
            submissions=codes, withdrawal=command.withdrawal, by=command.operator, personal=command.personal
        ),
    )
    return Draft(settlement)


def _of_deleted(state: Conversation, withdrawn: Withdrawn) -> Submission | None:
    """The submission of the deleted message, or of an edit of it."""
    return state.of_original(withdrawn.message) if withdrawn.message is not None else None


def _after(
    state: Conversation, before: Submission, withdrawn: Withdrawn, rules: Rules, now: datetime
) -> ConversationDraft:
    """A ticket is told; what is not decided yet, or waits for an answer, is judged without the message."""
    submission = state.submission(before.code)
    if submission is None or withdrawn.message is None:
        raise ValueError("a deleted message belongs to no submission")
    home = state.ticket_of(submission)
    if home is not None:
        told = taken_back(home, submission, withdrawn.message, rules, cause=withdrawn.id, now=now)
        return Draft((told,))
    if not submission.open or submission.unjudged or submission.has_stub:
        return Draft(())
    if submission.decided is not None and submission.decided.alert:
        case = unjudged_case(state, submission, rules)
        return settled(case, DANGER_TAKEN_BACK, rules, cause=withdrawn.id, now=now, silent=True)
    if not submission.readable:
        return settled(case_of(state, submission, rules), NOTHING_LEFT, rules, cause=withdrawn.id, now=now)
    # What is being gathered is judged when it is quiet.
    if submission.phase is Phase.GATHERING or not is_for_the_rules(submission):
        return Draft(())
    return judged_anew(state, submission, rules, cause=withdrawn.id, now=now)
