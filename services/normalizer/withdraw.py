"""Decides what it means that a citizen takes something back: one message, or the use of their data; pure."""

from datetime import datetime
from uuid import UUID

from gateway.domain.draft import Draft
from gateway.domain.identity import message_id
from schemas.commands import SettleWithdrawal
from schemas.conversation import CommandRefused, ConversationEvent, DataWithdrawn, MessageWithdrawn, WithdrawalSettled
from schemas.inbound import Withdrawn
from schemas.outcome import IgnoredOutcome, NeedsReview
from schemas.vocabulary import IgnoreReason, ReviewReason
from services.normalizer.amend import taken_back
from services.normalizer.conversation import Conversation, fold
from services.normalizer.judged_anew import is_for_the_rules, judged_anew
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
    found = state.with_version(withdrawn.message) if withdrawn.message is not None else ()
    if withdrawn.message is None or not found:
        ahead: tuple[ConversationEvent, ...] = (MessageWithdrawn(submission=None, withdrawn=withdrawn),)
        return Draft(ahead)
    deleted, drafts = state.original(withdrawn.message), []
    for number, submission in enumerate(found):
        drafts.append(_without(state, submission, withdrawn, deleted, number, rules, now))
        for event in drafts[-1].events:
            state = fold(state, event)
    return Draft(
        tuple(event for draft in drafts for event in draft.events),
        tuple(timer for draft in drafts for timer in draft.timers_set),
        tuple(kind for draft in drafts for kind in draft.timers_cancelled),
    )


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


def settled_after_erasure(command: SettleWithdrawal) -> ConversationDraft:
    """An operator has erased the data before saying so; whether the wish was open cannot be read any more."""
    settlement: tuple[ConversationEvent, ...] = (
        WithdrawalSettled(submissions=(), withdrawal=command.withdrawal, by=command.operator),
    )
    return Draft(settlement)


def _without(
    state: Conversation,
    before: Submission,
    withdrawn: Withdrawn,
    deleted: UUID,
    number: int,
    rules: Rules,
    now: datetime,
) -> ConversationDraft:
    """What it means for one submission; ids of what follows are the withdrawal's, and differ between submissions."""
    event = MessageWithdrawn(submission=before.code, withdrawn=withdrawn)
    if deleted in before.withdrawn:
        return Draft((event,))
    after = fold(state, event)
    submission = after.submission(before.code)
    if submission is None:
        raise ValueError("a deleted message belongs to no submission")
    cause = message_id(withdrawn.id, "withdrawn", number) if number else withdrawn.id
    draft = _after(after, submission, deleted, cause, rules, now)
    return Draft((event, *draft.events), draft.timers_set, draft.timers_cancelled)


def _after(
    state: Conversation, submission: Submission, deleted: UUID, cause: UUID, rules: Rules, now: datetime
) -> ConversationDraft:
    """A ticket is told; what is not decided yet, or waits for an answer, is judged without the message."""
    home = state.ticket_of(submission)
    if home is not None:
        told = taken_back(home, submission, deleted, rules, cause=cause, now=now)
        return Draft((told,))
    if not submission.open or submission.unjudged or submission.has_stub:
        return Draft(())
    if submission.decided is not None and submission.decided.alert:
        case = unjudged_case(state, submission, rules)
        return settled(case, DANGER_TAKEN_BACK, rules, cause=cause, now=now, silent=True)
    if not submission.readable:
        return settled(case_of(state, submission, rules), NOTHING_LEFT, rules, cause=cause, now=now)
    # What is being gathered is judged when it is quiet.
    if submission.phase is Phase.GATHERING or not is_for_the_rules(submission):
        return Draft(())
    return judged_anew(state, submission, rules, cause=cause, now=now)
