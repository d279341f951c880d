"""Decides what a message that was read again means for its conversation; pure.

What was told to the citizen stays told: a correction repeats no reply and opens no second ticket (docs/decisions/0012).
"""

from datetime import datetime

from gateway.domain.draft import Draft
from gateway.domain.hygiene import MAX_TEXT
from schemas.commands import CorrectReading, NotePersonal
from schemas.conversation import AddedToTicket, CommandRefused, ConversationEvent, Corrected, Decided
from schemas.inbound import Inbound
from schemas.outcome import Merged, Outcome
from schemas.vocabulary import OutcomeKind
from services.normalizer.conversation import Conversation, Phase, Submission, fold
from services.normalizer.decide import LAPSED_WITHOUT_MATTER, lapsed
from services.normalizer.policy import Verdict, verdict
from services.normalizer.replies import rendered
from services.normalizer.settle import Case, ConversationDraft, Rules, addition, case_of, decision, settled

READ = ("sent_at", "language_chosen", "consent", "label_given", "subfield_given", "personal")
"""Members of `Inbound` that only say what a reader understood."""

SAID_ONCE = frozenset({OutcomeKind.PENDING_SUPPLEMENT, OutcomeKind.NEEDS_REVIEW})
"""One request (Điều 15.4, 18.2), and one text for every review, whatever its reasons."""


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
    readable = submission.readable if submission is not None else ()
    recorded = next((message for message in readable if message.id == command.inbound.id), None)
    if submission is None or recorded is None:
        return _refused(command, None, "unknown_message", now)
    read = corrected(recorded, command.inbound)
    if read == recorded:
        return _refused(command, submission.code, "nothing_to_correct", now)
    event = Corrected(submission=submission.code, inbound=read, run=command.run, by=command.operator)
    after = fold(state, event)
    home = after.ticket_of(submission)
    if home is not None:
        return Draft((event, _passed_on(home, recorded, read, command, rules, now)))
    decided = submission.decided
    if decided is None or not _is_for_the_rules(submission, decided):
        return Draft((event,))
    draft = _judged_anew(after, submission.code, decided, command, rules, now)
    return Draft((event, *draft.events), draft.timers_set, draft.timers_cancelled, draft.terms)


def _is_for_the_rules(submission: Submission, decided: Decided) -> bool:
    """Whether the rules decided it, and neither more words nor a person are waited for."""
    in_hand = submission.quiet_until is not None or submission.unjudged or isinstance(decided.outcome, Merged)
    return decided.by == "rules" and not in_hand


def _judged_anew(
    state: Conversation, code: str, before: Decided, command: CorrectReading, rules: Rules, now: datetime
) -> ConversationDraft:
    submission = state.submission(code)
    if submission is None:
        raise ValueError("a corrected message belongs to no submission")
    case = case_of(state, submission, rules)
    found = _verdict(case, before)
    if found.outcome.kind is not before.outcome.kind:
        return settled(case, found, rules, cause=command.id, now=now)
    # The same kind of outcome: what the citizen was given time for goes on as it was set.
    decided = decision(case, found, rules, now).model_copy(update={"until": before.until})
    events: list[ConversationEvent] = [decided]
    if not _says_the_same(before.outcome, found.outcome):
        reply = rendered(submission, decided, rules.province, cause=command.id, now=now, first_answer=False)
        events.extend([] if reply is None else [reply])
    return Draft(tuple(events))


def _verdict(case: Case, before: Decided) -> Verdict:
    """What the rules say now, at the point in the dialogue at which they decided before."""
    if LAPSED_WITHOUT_MATTER in before.hits:
        return lapsed(case)
    waiting = case.submission.phase is Phase.PENDING
    return verdict(case.judgement, case.matter, asked=case.submission.asked and not waiting)


def _says_the_same(before: Outcome, after: Outcome) -> bool:
    """Whether the citizen would only be told again what they know; both are of one kind."""
    return before == after or after.kind in SAID_ONCE


def _passed_on(
    home: Submission, recorded: Inbound, read: Inbound, command: CorrectReading, rules: Rules, now: datetime
) -> AddedToTicket:
    """The message as it is read now, for those who have the ticket; its files are there already."""
    bare = read.model_copy(update={"attachments": ()})
    added = addition(home, bare, rules.province, now, cause=command.id)
    update = {"corrects": True, "personal": NotePersonal(text=_words(recorded, read))}
    return added.model_copy(update={"addition": added.addition.model_copy(update=update)})


def _words(recorded: Inbound, read: Inbound) -> str:
    """The text; below it the contact and the place, as far as they are read otherwise now."""
    old, new = recorded.personal, read.personal
    contact = (new.contact.name, new.contact.phone, new.contact.email, new.contact.address)
    below = [", ".join(item for item in contact if item)] if new.contact != old.contact else []
    below += [new.place] if new.place and new.place != old.place else []
    end = "".join(f"\n{line}" for line in below if line)
    return (new.text[: MAX_TEXT - len(end)] + end).strip()


def _refused(command: CorrectReading, code: str | None, reason: str, now: datetime) -> ConversationDraft:
    refused: tuple[ConversationEvent, ...] = (
        CommandRefused(submission=code, command_id=command.id, reason=reason, by=command.operator, at=now),
    )
    return Draft(refused)
