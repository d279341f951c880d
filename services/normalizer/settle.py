"""Turns a verdict into what is recorded: the decision, its reply, its ticket and its timers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from gateway.domain.draft import Draft
from gateway.domain.identity import message_id
from gateway.domain.province import Province
from schemas.commands import AdditionWords, AddToTicket
from schemas.conversation import AddedToTicket, ConversationEvent, Decided, DecidedPersonal
from schemas.outcome import Accepted, IgnoredOutcome, Merged
from schemas.vocabulary import IgnoreReason, OutcomeKind
from services.normalizer.conversation import Conversation
from services.normalizer.judge import judge
from services.normalizer.judgement import Judgement, Matter
from services.normalizer.lexicon import Lexicon
from services.normalizer.matter import matter_of
from services.normalizer.policy import Verdict
from services.normalizer.replies import rendered, says_the_same
from services.normalizer.rules.repetition import is_repetition
from services.normalizer.submission import Received, Submission
from services.normalizer.tickets import attachments_of, opened_ticket, shown_of, words_of

ConversationDraft = Draft[ConversationEvent]

REPEAT_WITHIN = timedelta(days=7)
"""The same matter again by the same account within this time is merged into its ticket."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The data that decides: the province and the lexicon of its languages."""

    province: Province
    lexicon: Lexicon


@dataclass(frozen=True, slots=True)
class Case:
    """One submission under decision, with what the rules found in it."""

    conversation: Conversation
    submission: Submission
    matter: Matter
    judgement: Judgement


def case_of(conversation: Conversation, submission: Submission, rules: Rules) -> Case:
    """Judge a submission as it stands."""
    matter = matter_of(submission, conversation, rules.province)
    return Case(conversation, submission, matter, judge(matter, rules.province, rules.lexicon))


def settled(
    case: Case, found: Verdict, rules: Rules, *, cause: UUID, now: datetime, silent: bool = False
) -> ConversationDraft:
    """What a verdict of the rules leads to; `silent`: the citizen is not told, nor of what they were told before."""
    submission = case.submission
    repeated = _repeated(case, rules, now) if isinstance(found.outcome, Accepted) else None
    if repeated is not None:
        found = Verdict(Merged(into=repeated.code), found.articles, (*found.hits, "same_matter"), found.alert)
    decided = decision(case, found, rules, now)
    events: list[ConversationEvent] = [decided]
    if repeated is not None:
        events.extend(
            addition(repeated, message, rules.province, now, cause=cause, number=number, alias=submission.code)
            for number, message in enumerate(shown_of(submission))
        )
    elif isinstance(found.outcome, Accepted):
        events.append(opened_ticket(submission, decided, rules.province, now))
    relied = case.conversation.known_contact if _relies_on_known(case) else None
    reply = rendered(
        submission,
        decided,
        rules.province,
        cause=cause,
        now=now,
        first_answer=not case.conversation.told,
        known=relied,
    )
    if reply is not None and not silent and not _was_told(submission, found):
        events.append(reply)
    return with_timers(events, decided)


def with_timers(events: list[ConversationEvent], decided: Decided) -> ConversationDraft:
    """The draft of a decision: its own timer set, whatever waited before cancelled."""
    timers = ((supplement_timer(decided.submission), decided.until),) if decided.until is not None else ()
    return Draft(
        tuple(events),
        timers_set=timers,
        timers_cancelled=(quiet_timer(decided.submission), supplement_timer(decided.submission)),
    )


def decision(case: Case, found: Verdict, rules: Rules, now: datetime, *, by: str = "rules") -> Decided:
    """The decision as it is recorded."""
    judgement, first = case.judgement, case.submission.first
    until = None
    if found.outcome.kind is OutcomeKind.PENDING_SUPPLEMENT:
        until = now + timedelta(hours=rules.province.times.supplement_hours)
    return Decided(
        submission=case.submission.code,
        revision=case.submission.revision + 1,
        outcome=found.outcome,
        account=first.account,
        channel=first.channel,
        intake=first.intake,
        received_at=first.received_at,
        trial=first.trial,
        inbound_ids=tuple(message.id for message in case.submission.messages),
        language=judgement.language,
        classification=judgement.classification,
        confident=judgement.confident,
        urgent=judgement.urgent,
        conduct=judgement.conduct,
        alert=found.alert,
        locality=judgement.locality,
        articles=found.articles,
        hits=found.hits,
        by=by,
        until=until,
        personal=DecidedPersonal(contact=judgement.contact, place=judgement.place, evidence=judgement.evidence),
    )


def addition(
    submission: Submission,
    message: Received,
    province: Province,
    now: datetime,
    *,
    cause: UUID,
    number: int = 0,
    alias: str | None = None,
) -> AddedToTicket:
    """A message appended to the ticket its submission became; raises ValueError for a submission without one."""
    if submission.ticket is None:
        raise ValueError("the submission has no ticket")
    return AddedToTicket(
        submission=submission.code,
        addition=AddToTicket(
            id=message_id(cause, "ticket.commands", number),
            ticket_id=submission.ticket.id,
            inbound_id=message.id,
            at=now,
            attachments=attachments_of(message),
            alias=alias,
            personal=AdditionWords(text=words_of(message, province, submission.ticket.language)),
        ),
    )


def quiet_timer(code: str) -> str:
    """Kind of the timer that ends a submission's quiet period."""
    return f"quiet_{code.replace('-', '').lower()}"


def supplement_timer(code: str) -> str:
    """Kind of the timer that ends the wait for a supplement."""
    return f"supplement_{code.replace('-', '').lower()}"


def _repeated(case: Case, rules: Rules, now: datetime) -> Submission | None:
    """The account's recent ticket about the same matter, if there is one."""
    for earlier in case.conversation.tickets():
        ticket = earlier.ticket
        if ticket is None or earlier.code == case.submission.code or now - ticket.accepted_at > REPEAT_WITHIN:
            continue
        if _of_another_field(case, earlier):
            continue
        if is_repetition(case.submission.text, ticket.personal.content, rules.lexicon):
            return earlier
    return None


def _of_another_field(case: Case, earlier: Submission) -> bool:
    """Whether the two surely belong to different fields: place, wishes and signature alone do not make one matter."""
    found, before = case.judgement.classification, earlier.decided
    if found is None or before is None or before.classification is None:
        return False
    sure = case.judgement.confident and before.confident
    one, other = found.best, before.classification.best
    return sure and (one.label, one.subfield) != (other.label, other.subfield)


def _relies_on_known(case: Case) -> bool:
    """Whether contact of an earlier submission was used, so that it is offered for confirmation."""
    known, given = case.conversation.known_contact, case.matter.contact
    if known is None:
        return False
    return any(
        getattr(case.judgement.contact, item) is not None
        and getattr(given, item) is None
        and getattr(case.judgement.contact, item) == getattr(known, item)
        for item in ("name", "phone", "address")
    )


def _was_told(submission: Submission, found: Verdict) -> bool:
    """Whether the citizen knows it from the last decision; of what nobody could read they may not have been told."""
    before = submission.outcome
    if before is None or before.kind is not found.outcome.kind or submission.unjudged:
        return False
    return says_the_same(before, found.outcome)


def is_unfinished(found: Verdict) -> bool:
    """Whether more words of the citizen could still change the verdict for the better."""
    if found.outcome == IgnoredOutcome(reason=IgnoreReason.WITH_STAFF):
        return True
    return not found.alert and not isinstance(found.outcome, Accepted) and found.outcome.kind not in _FINAL


_FINAL = frozenset({OutcomeKind.REDIRECTED, OutcomeKind.IGNORED, OutcomeKind.MERGED})
