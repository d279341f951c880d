"""Decides what an inbound message or a timer means for its conversation; pure, so deciding again gives the same."""

from datetime import datetime, timedelta

from gateway.domain.draft import Draft
from schemas.conversation import ConversationEvent, Gathered, MessageReceived, TimerClosed
from schemas.inbound import Inbound, Unreadable
from schemas.outcome import PendingSupplement
from schemas.timer import TimerDue
from schemas.vocabulary import Intake
from services.normalizer.belonging import GATHERED_INTAKES, alone_judged, target
from services.normalizer.conversation import Conversation, fold
from services.normalizer.edits import on_version
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
from services.normalizer.submission import Phase, Submission, original_of
from services.normalizer.unanswered import lapsed

WRITTEN_FREELY = frozenset({Intake.CHAT, Intake.EMAIL, Intake.COMMENT})
"""Where a citizen may write anything in answer to a request; the form asks for exactly what is missing."""


def on_inbound(state: Conversation, inbound: Inbound, rules: Rules, now: datetime) -> ConversationDraft:
    """What a citizen's message leads to.

    One that was put aside before, as a stub or because the rules failed on it, comes to its own place: the submission
    is decided anew, unless what became of it does not wait for the message any more; then it is only recorded.
    """
    inbound = state.completed(inbound)
    earlier = state.of_message(inbound.id)
    version_of = state.of_original(original_of(inbound)) if earlier is None else None
    if earlier is None:
        draft = on_version(state, version_of, inbound, rules, now)
        if draft is not None:
            return draft
    joined = version_of if version_of is not None and version_of.open else None
    into = earlier or joined or target(state, inbound, rules, now)
    code = inbound.code if into is None else into.code
    received = MessageReceived(submission=code, opens=into is None, inbound=inbound)
    after = fold(state, received)
    draft = _received(after, code, inbound, earlier, rules, now)
    terms = tuple(dict.fromkeys((f"code:{inbound.code}", f"code:{code}")))
    return Draft((received, *draft.events), draft.timers_set, draft.timers_cancelled, terms)


def _received(
    after: Conversation, code: str, inbound: Inbound, earlier: Submission | None, rules: Rules, now: datetime
) -> ConversationDraft:
    """What follows from a message that has its place."""
    submission = after.submission(code)
    if submission is None:
        raise ValueError("a received message belongs to no submission")
    if earlier is not None and not _waits_for(earlier, inbound):
        return Draft(())
    home = after.ticket_of(submission)
    if home is not None:
        if _only_thanks(after, inbound, rules):
            return Draft(())
        return Draft((addition(home, inbound, rules.province, now, cause=inbound.id),))
    case = case_of(after, submission, rules)
    found = verdict(case.judgement, case.matter, asked=submission.asked)
    if earlier is None and is_unfinished(found):
        if inbound.intake in GATHERED_INTAKES:
            until = now + timedelta(seconds=rules.province.times.quiet_seconds)
            gathered = Gathered(submission=code, inbound_id=inbound.id, until=until)
            return Draft((gathered,), timers_set=((quiet_timer(code), until),))
        if inbound.intake in WRITTEN_FREELY and _goes_on_waiting(case, found):
            return Draft(())
    return settled(case, found, rules, cause=inbound.id, now=now)


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
    if _goes_on_waiting(case, found):
        return _closed(timer)
    return settled(case, found, rules, cause=timer.id, now=now)


def _after_lapse(
    state: Conversation, submission: Submission, timer: TimerDue, rules: Rules, now: datetime
) -> ConversationDraft:
    case = case_of(state, submission, rules)
    # Whom staff have answered meanwhile is not told days later, by a machine, that somebody looks at it.
    return settled(case, lapsed(case), rules, cause=timer.id, now=now, silent=case.matter.with_staff)


def _goes_on_waiting(case: Case, found: Verdict) -> bool:
    """Whether it waits for the answer: a greeting or a word to wait is none, and the time for answering goes on."""
    return case.submission.phase is Phase.PENDING and is_unfinished(found) and not _is_answer(case)


def _only_thanks(state: Conversation, inbound: Inbound, rules: Rules) -> bool:
    """Whether it only thanks: the agency need not be told."""
    return not inbound.attachments and alone_judged(state, inbound, rules).clarity is Clarity.THANKS


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
    return not isinstance(asked, PendingSupplement) or not set(asked.missing) <= set(case.judgement.missing)


def _timers_of(submission: Submission) -> tuple[str, str]:
    return quiet_timer(submission.code), supplement_timer(submission.code)


def _closed(timer: TimerDue) -> ConversationDraft:
    events: tuple[ConversationEvent, ...] = (TimerClosed(kind=timer.kind),)
    return Draft(events, timers_cancelled=(timer.kind,))


def _stale(timer: TimerDue) -> ConversationDraft:
    """Closed without cancelling: the open timer of this kind, if any, is a later one."""
    events: tuple[ConversationEvent, ...] = (TimerClosed(kind=timer.kind),)
    return Draft(events)
