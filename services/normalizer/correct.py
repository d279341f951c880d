"""Decides what a message that was read again means for its conversation; pure.

What was told to the citizen stays told: a correction repeats no reply and opens no second ticket (docs/decisions/0012).
"""

from datetime import datetime

from gateway.domain.draft import Draft
from schemas.commands import CorrectReading
from schemas.conversation import CommandRefused, ConversationEvent, Corrected
from schemas.inbound import Inbound
from services.normalizer.amend import says_now
from services.normalizer.conversation import Conversation, fold
from services.normalizer.judged_anew import is_for_the_rules, judged_anew
from services.normalizer.settle import ConversationDraft, Rules
from services.normalizer.submission import Submission, original_of

READ = ("sent_at", "language_chosen", "consent", "label_given", "subfield_given", "personal")
"""Members of `Inbound` that only say what a reader understood."""


def corrected(recorded: Inbound, read: Inbound) -> Inbound:
    """The recorded message with what `read` understood; where it belongs, its files and its receipt stay."""
    return recorded.model_copy(update={name: getattr(read, name) for name in READ})


def on_correction(state: Conversation, command: CorrectReading, rules: Rules, now: datetime) -> ConversationDraft:
    """What reading a message again leads to.

    Where the message belongs to a ticket, the ticket is told what it says now. Elsewhere the rules judge anew what they
    had decided; what an operator decided or is to decide because it could not be judged, and what is still being
    gathered, is left to those who have it in hand.
    """
    submission = state.of_message(command.inbound.id)
    messages = submission.inbounds if submission is not None else ()
    recorded = next((message for message in messages if message.id == command.inbound.id), None)
    if submission is None or recorded is None:
        return _refused(command, None, "unknown_message", now)
    read = corrected(recorded, command.inbound)
    if read == recorded:
        return _refused(command, submission.code, "nothing_to_correct", now)
    event = Corrected(submission=submission.code, inbound=read, run=command.run, by=command.operator)
    after = fold(state, event)
    draft = _after(after, submission, recorded, command, rules, now)
    return Draft((event, *draft.events), draft.timers_set, draft.timers_cancelled, draft.terms)


def _after(
    state: Conversation, before: Submission, recorded: Inbound, command: CorrectReading, rules: Rules, now: datetime
) -> ConversationDraft:
    """What follows; nothing where the citizen has edited or deleted the message meanwhile, and so stands by nothing."""
    submission = state.submission(before.code)
    if submission is None:
        raise ValueError("a corrected message belongs to no submission")
    old, new = before.says(original_of(recorded)), submission.says(original_of(recorded))
    home = state.ticket_of(submission)
    if old is None or new is None or old == new:
        return Draft(())
    if home is not None:
        return Draft((says_now(home, submission, old, new, rules, cause=command.id, now=now),))
    if not is_for_the_rules(submission):
        return Draft(())
    return judged_anew(state, submission, rules, cause=command.id, now=now)


def _refused(command: CorrectReading, code: str | None, reason: str, now: datetime) -> ConversationDraft:
    refused: tuple[ConversationEvent, ...] = (
        CommandRefused(submission=code, command_id=command.id, reason=reason, by=command.operator, at=now),
    )
    return Draft(refused)
