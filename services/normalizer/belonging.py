"""Which submission a citizen's message belongs to; pure."""

from datetime import datetime, timedelta

from schemas.inbound import Inbound
from schemas.outcome import Redirected, Rejected
from schemas.vocabulary import EMERGENCIES, ContactItem, Intake, Language, RejectReason
from services.normalizer.conversation import Conversation
from services.normalizer.judgement import Clarity, Complaint, Judgement
from services.normalizer.rules.repetition import is_repetition
from services.normalizer.settle import Rules, case_of
from services.normalizer.submission import Phase, Submission

GATHERED_INTAKES = frozenset({Intake.CHAT})
"""Only chats arrive in fragments; a form, a mail, a comment or a typed call is whole."""

ADD_WITHIN = timedelta(hours=24)
"""How long after acceptance a lone photo, or words that put no matter, in a chat still belong to the ticket."""

CALL_WITHIN = timedelta(hours=1)
"""How long after an emergency was reported a cry for help in a chat still belongs to it."""

CRY_WORDS = 4
"""Words that are too few to tell of another emergency of the same kind."""

MEND_WITHIN = timedelta(days=7)
"""How long what was missing still completes a submission that was rejected for want of it."""


def target(state: Conversation, inbound: Inbound, rules: Rules, now: datetime) -> Submission | None:
    """The submission a new message belongs to; None when it opens one of its own."""
    if inbound.answers is not None:
        return state.submission(inbound.answers)
    if inbound.intake not in (Intake.CHAT, Intake.EMAIL):
        return None
    alone = alone_judged(state, inbound, rules)
    calling = _emergency(state, now)
    if alone.emergency is not None:
        return calling if calling is not None and _only_cries(inbound, alone, calling, rules) else None
    waiting = state.latest_judged()
    if inbound.intake is Intake.EMAIL:
        pending = waiting if waiting is not None and waiting.phase is Phase.PENDING else None
        return _mended(state, pending or _rejected(state, now), inbound, alone, rules)
    if waiting is not None:
        return waiting
    if calling is not None and (_puts_no_matter(alone) or not alone.confident):
        return calling
    recent = next(iter(state.tickets()), None)
    fresh = recent is not None and recent.ticket is not None and now - recent.ticket.accepted_at <= ADD_WITHIN
    if fresh and _puts_no_matter(alone):
        return recent
    return _mended(state, _rejected(state, now), inbound, alone, rules)


def alone_judged(state: Conversation, inbound: Inbound, rules: Rules) -> Judgement:
    """What a message says when nothing else is looked at."""
    return case_of(state, Submission(code=inbound.code, messages=(inbound,)), rules).judgement


def _puts_no_matter(alone: Judgement) -> bool:
    """Whether a message only adds to what was said: a photo, a corrected number, "how far is it?".

    A greeting may begin another matter; insults, and what may be a complaint, are for a person to see by themselves.
    """
    adds = alone.clarity in (Clarity.MEDIA_ONLY, Clarity.UNCLEAR)
    return adds and not (alone.conduct or alone.urgent) and alone.language is not Language.OTHER


def _only_cries(inbound: Inbound, alone: Judgement, calling: Submission, rules: Rules) -> bool:
    """Whether a few words in a chat say no more than that the emergency goes on: "cứu với", "cháy lớn quá"."""
    same = isinstance(calling.outcome, Redirected) and calling.outcome.label is alone.emergency
    few = len(rules.lexicon.read(inbound.personal.text).words) <= CRY_WORDS
    return inbound.intake is Intake.CHAT and same and few


def _emergency(state: Conversation, now: datetime) -> Submission | None:
    """The account's latest submission, if it is an emergency that was just sent on to its number."""
    latest = next(reversed(state.submissions), None)
    if latest is None or not isinstance(latest.outcome, Redirected) or latest.outcome.label not in EMERGENCIES:
        return None
    return latest if now - latest.messages[-1].received_at <= CALL_WITHIN else None


def _rejected(state: Conversation, now: datetime) -> Submission | None:
    """The account's latest submission, if it was lately turned away by the rules for want of contact."""
    latest = next(reversed(state.submissions), None)
    if latest is None or latest.decided is None or latest.decided.by != "rules":
        return None
    wanting = isinstance(latest.outcome, Rejected) and latest.outcome.reason is RejectReason.MISSING_CONTACT
    recent = now - latest.messages[-1].received_at <= MEND_WITHIN
    return latest if wanting and recent else None


def _mended(
    state: Conversation, submission: Submission | None, inbound: Inbound, alone: Judgement, rules: Rules
) -> Submission | None:
    """The submission, if the message brings something that it lacks and puts no other matter.

    Contact that stands below every mail is no answer by itself: another matter stays another matter.
    """
    if submission is None:
        return None
    lacks = set(case_of(state, submission, rules).judgement.missing)
    both = submission.model_copy(update={"messages": (*submission.messages, inbound)})
    if lacks <= set(case_of(state, both, rules).judgement.missing):
        return None
    # An address by itself has words enough for a matter; a field of Article 4 it has not.
    has_matter = alone.confident or alone.urgent or alone.complaint is not Complaint.NONE
    if (
        has_matter
        and ContactItem.CONTENT not in lacks
        and not is_repetition(inbound.personal.text, submission.text, rules.lexicon)
    ):
        return None
    return submission
