"""Decides what an inbound message or a timer means for its conversation; pure, so deciding again gives the same."""

from datetime import datetime, timedelta

from gateway.domain.draft import Draft
from schemas.conversation import ConversationEvent, Gathered, MessageReceived, TimerClosed
from schemas.inbound import Inbound, Unreadable
from schemas.outcome import IgnoredOutcome, PendingSupplement
from schemas.timer import TimerDue
from schemas.vocabulary import IgnoreReason, Intake
from services.normalizer.conversation import Conversation, Phase, Submission, fold
from services.normalizer.judgement import Clarity
from services.normalizer.policy import Verdict, verdict
from services.normalizer.settle import (
    Case,
    ConversationDraft,
    Rules,
    addition,
    case_of,
    is_unfinished,
    quiet_timer,
    settled,
    supplement_timer,
)

GATHERED_INTAKES = frozenset({Intake.CHAT})
"""Only chats arrive in fragments; a form, a mail or a typed call is whole."""

ADD_WITHIN = timedelta(hours=24)
"""How long after acceptance a lone photo in a chat still belongs to the ticket."""

LAPSED_WITHOUT_MATTER = "lapsed_without_matter"

NO_MATTER = frozenset({Clarity.GREETING, Clarity.EMPTY, Clarity.THANKS})


def on_inbound(state: Conversation, inbound: Inbound, rules: Rules, now: datetime) -> ConversationDraft:
    """What a citizen's message leads to.

    One that was put aside before, as a stub or because the rules failed on it, comes to its own place: the submission
    is decided anew, unless what became of it does not wait for the message any more; then it is only recorded.
    """
    inbound = state.completed(inbound)
    earlier = state.of_message(inbound.id)
    target = earlier or _target(state, inbound, rules, now)
    code = inbound.code if target is None else target.code
    received = MessageReceived(submission=code, opens=target is None, inbound=inbound)
    after = fold(state, received)
    submission = after.submission(code)
    if submission is None:
        raise ValueError("a received message belongs to no submission")
    terms = tuple(dict.fromkeys((f"code:{inbound.code}", f"code:{code}")))
    if earlier is not None and not _waits_for(earlier, inbound):
        return Draft((received,), terms=terms)
    if submission.ticket is not None:
        return Draft((received, addition(submission, inbound, rules.province, now, cause=inbound.id)), terms=terms)
    case = case_of(after, submission, rules)
    found = verdict(case.judgement, case.matter, asked=submission.asked)
    if earlier is None and inbound.intake in GATHERED_INTAKES and is_unfinished(found):
        until = now + timedelta(seconds=rules.province.times.quiet_seconds)
        gathered = Gathered(submission=code, inbound_id=inbound.id, until=until)
        return Draft((received, gathered), timers_set=((quiet_timer(code), until),), terms=terms)
    draft = settled(case, found, rules, cause=inbound.id, now=now)
    return Draft((received, *draft.events), draft.timers_set, draft.timers_cancelled, terms)


def on_timer(state: Conversation, timer: TimerDue, rules: Rules, now: datetime) -> ConversationDraft:
    """What a due time leads to; one that was moved or cancelled meanwhile is only closed."""
    submission = next((item for item in state.submissions if timer.kind in _timers_of(item)), None)
    if submission is None:
        return _closed(timer)
    if timer.kind == quiet_timer(submission.code) and submission.quiet_until == timer.due_at:
        return _after_quiet(state, submission, timer, rules, now)
    waiting = submission.decided is not None and submission.decided.until == timer.due_at
    if timer.kind == supplement_timer(submission.code) and submission.phase is Phase.PENDING and waiting:
        return _after_lapse(state, submission, timer, rules, now)
    return _stale(timer)


def _after_quiet(
    state: Conversation, submission: Submission, timer: TimerDue, rules: Rules, now: datetime
) -> ConversationDraft:
    case = case_of(state, submission, rules)
    found = verdict(case.judgement, case.matter, asked=submission.asked)
    if submission.phase is Phase.PENDING and is_unfinished(found) and not _is_answer(case):
        # "Wait a moment" or a greeting is no answer to the request: the time for answering goes on.
        return _closed(timer)
    return settled(case, found, rules, cause=timer.id, now=now)


def _after_lapse(
    state: Conversation, submission: Submission, timer: TimerDue, rules: Rules, now: datetime
) -> ConversationDraft:
    case = case_of(state, submission, rules)
    return settled(case, lapsed(case), rules, cause=timer.id, now=now)


def lapsed(case: Case) -> Verdict:
    """What becomes of a submission when the time for answering the request is over."""
    if case.judgement.clarity in NO_MATTER:
        return Verdict(IgnoredOutcome(reason=IgnoreReason.GREETING_ONLY), ("6.2",), (LAPSED_WITHOUT_MATTER,), False)
    return verdict(case.judgement, case.matter, asked=True)


def _target(state: Conversation, inbound: Inbound, rules: Rules, now: datetime) -> Submission | None:
    """The submission a message belongs to; None when it opens one of its own."""
    if inbound.answers is not None:
        return state.submission(inbound.answers)
    if inbound.intake not in GATHERED_INTAKES:
        return None
    alone = case_of(state, Submission(code=inbound.code, messages=(inbound,)), rules).judgement
    if alone.emergency is not None:
        return None
    waiting = state.latest_judged()
    if waiting is not None:
        return waiting
    recent = next(iter(state.tickets()), None)
    if recent is None or recent.ticket is None or now - recent.ticket.accepted_at > ADD_WITHIN:
        return None
    return recent if alone.clarity is Clarity.MEDIA_ONLY else None


def _waits_for(submission: Submission, inbound: Inbound) -> bool:
    """Whether a message that was put aside can still change what became of its submission.

    A ticket has it only as a word that it could not be read if it came when the ticket was there already.
    """
    if submission.ticket is None:
        return submission.unjudged
    stub_added = any(message.id == inbound.id for message in submission.messages if isinstance(message, Unreadable))
    return stub_added and inbound.id not in submission.ticket.inbound_ids


def _is_answer(case: Case) -> bool:
    """Whether anything that was asked for came."""
    asked = case.submission.outcome
    return not isinstance(asked, PendingSupplement) or set(case.judgement.missing) != set(asked.missing)


def _timers_of(submission: Submission) -> tuple[str, str]:
    return quiet_timer(submission.code), supplement_timer(submission.code)


def _closed(timer: TimerDue) -> ConversationDraft:
    events: tuple[ConversationEvent, ...] = (TimerClosed(kind=timer.kind),)
    return Draft(events, timers_cancelled=(timer.kind,))


def _stale(timer: TimerDue) -> ConversationDraft:
    """Closed without cancelling: the open timer of this kind, if any, is a later one."""
    events: tuple[ConversationEvent, ...] = (TimerClosed(kind=timer.kind),)
    return Draft(events)
