"""Decides what a message means that cannot be read, or that the rules fail on; pure, and without judging its words."""

from datetime import datetime

from gateway.domain.draft import Draft
from gateway.domain.identity import stub_cause
from gateway.errors import Invalid
from schemas.conversation import ConversationEvent, DecidedPersonal, MessageReceived, StubReceived
from schemas.inbound import Contact, Inbound, Unreadable
from schemas.outcome import NeedsReview
from schemas.vocabulary import Intake, ReviewReason
from services.normalizer.conversation import Conversation, fold
from services.normalizer.judgement import Clarity, Complaint, Judgement
from services.normalizer.matter import matter_of
from services.normalizer.policy import Verdict
from services.normalizer.settle import Case, ConversationDraft, Rules, addition, settled
from services.normalizer.submission import Received, Submission, merged, original_of

UNREADABLE = Verdict(NeedsReview(reasons=(ReviewReason.UNREADABLE,)), ("8.1",), ("unreadable",), alert=True)
"""The only verdict there is without a judgement: an operator takes it and puts it on record (Điều 8.1)."""


def on_unreadable(state: Conversation, stub: Unreadable, rules: Rules, now: datetime) -> ConversationDraft:
    """What the stub of an unreadable payload leads to; one whose message is known already changes nothing."""
    known = state.of_message(stub.id)
    if known is not None:
        events: tuple[ConversationEvent, ...] = (StubReceived(submission=known.code, opens=False, stub=stub),)
        return Draft(events)
    target = state.submission(stub.answers) if stub.answers is not None else None
    code = stub.code if target is None else target.code
    return _put_aside(state, StubReceived(submission=code, opens=target is None, stub=stub), stub, rules, now)


def on_fault(state: Conversation, inbound: Inbound, rules: Rules, now: datetime) -> ConversationDraft:
    """What a readable message leads to when deciding it failed for good.

    Raises `Invalid("already_recorded")` for one that was decided: then only what follows from it failed, and what is on
    record keeps its outcome.
    """
    known = state.of_message(inbound.id)
    if known is not None:
        raise Invalid("already_recorded", "The message was decided before; only what follows from it failed.")
    target = _target(state, inbound)
    code = inbound.code if target is None else target.code
    received = MessageReceived(submission=code, opens=target is None, inbound=inbound)
    return _put_aside(state, received, inbound, rules, now)


def _target(state: Conversation, inbound: Inbound) -> Submission | None:
    """The submission it joins as far as that can be told without its words: in a chat whatever is open.

    An edit joins its message. What waits in a chat for an answer waits no longer, and fragments of one matter lie
    before a person together.
    """
    version_of = state.of_original(original_of(inbound))
    if version_of is not None:
        return version_of
    if inbound.answers is not None:
        return state.submission(inbound.answers)
    return state.latest_open() if inbound.intake is Intake.CHAT else None


def _put_aside(
    state: Conversation, received: MessageReceived | StubReceived, message: Received, rules: Rules, now: datetime
) -> ConversationDraft:
    cause = stub_cause(message.id)
    after = fold(state, received)
    submission = after.submission(received.submission)
    if submission is None:
        raise ValueError("a received message belongs to no submission")
    terms = tuple(dict.fromkeys((f"code:{message.code}", f"code:{submission.code}")))
    if submission.ticket is not None:
        return Draft((received, addition(submission, message, rules.province, now, cause=cause)), terms=terms)
    draft = settled(unjudged_case(after, submission, rules), UNREADABLE, rules, cause=cause, now=now)
    return Draft((received, *draft.events), draft.timers_set, draft.timers_cancelled, terms)


def unjudged_case(conversation: Conversation, submission: Submission, rules: Rules) -> Case:
    """A submission as it stands without a look at its words: what was found when it was last judged, if it was.

    For what cannot be read, and for what the rules fail on: whatever fails there must not be asked again.
    """
    matter = matter_of(submission, conversation, rules.province)
    before = submission.decided
    known = before.personal if before is not None else DecidedPersonal(contact=matter.known_contact or Contact())
    judgement = Judgement(
        language=(before.language if before is not None else None) or submission.language_chosen,
        clarity=Clarity.UNCLEAR,
        classification=before.classification if before is not None else None,
        confident=False,
        contact=merged(known.contact, matter.contact),
        missing=(),
        place=matter.place or known.place,
        locality=before.locality if before is not None else None,
        emergency=None,
        complaint=Complaint.NONE,
        conduct=before is not None and before.conduct,
        urgent=before is not None and before.urgent,
        evidence=known.evidence,
    )
    return Case(conversation, submission, matter, judgement)
