"""Decides what an operator's verdict, a fetched attachment or a reply's end means for a conversation; pure."""

from datetime import datetime

from gateway.domain.draft import Draft
from schemas.commands import AddToTicket, ReviewCommand
from schemas.conversation import (
    AddedToTicket,
    AttachmentChanged,
    CommandRefused,
    ConversationEvent,
    Decided,
    ReplyEnded,
)
from schemas.files import AttachmentLost, AttachmentState, AttachmentStored
from schemas.judgement import Classification, RankedField
from schemas.outcome import Accepted, Outcome, Redirected, Rejected
from schemas.reply import ReplyEvent
from schemas.vocabulary import REDIRECTED, Label
from services.normalizer.conversation import Conversation
from services.normalizer.policy import Verdict
from services.normalizer.replies import rendered
from services.normalizer.settle import Case, ConversationDraft, Rules, case_of, decision, with_timers
from services.normalizer.submission import Phase, Submission
from services.normalizer.tickets import opened_ticket
from services.normalizer.unreadable import unjudged_case


def on_review(state: Conversation, command: ReviewCommand, rules: Rules, now: datetime) -> ConversationDraft:
    """What an operator's verdict leads to; an outdated or unfitting one is refused and changes nothing."""
    submission = state.submission(command.code)
    refusal = _refusal(submission, command, rules)
    if submission is None or refusal is not None:
        refused: tuple[ConversationEvent, ...] = (
            CommandRefused(
                submission=submission.code if submission is not None else None,
                command_id=command.id,
                reason=refusal or "unknown_code",
                by=command.operator,
                at=now,
            ),
        )
        return Draft(refused)
    # What could not be read has nothing to judge, and what the rules failed on must not fail under the operator again.
    case = unjudged_case(state, submission, rules) if submission.unjudged else case_of(state, submission, rules)
    found = Verdict(_outcome(command), command.articles or _articles(command), ("operator",), False)
    decided = _as_decided_by(case, found, command, rules, now)
    events: list[ConversationEvent] = [decided]
    if command.verdict == "accept":
        events.append(opened_ticket(submission, decided, rules.province, now, agency=command.agency))
    reply = rendered(
        submission,
        decided,
        rules.province,
        cause=command.id,
        now=now,
        first_answer=not state.told,
        note=command.personal.text,
    )
    if reply is not None:
        events.append(reply)
    return with_timers(events, decided)


def on_attachment(state: Conversation, change: AttachmentStored | AttachmentLost, now: datetime) -> ConversationDraft:
    """Bytes of an attachment came or never will; a ticket that is already there gets them."""
    submission = state.of_message(change.inbound_id)
    stored = isinstance(change, AttachmentStored)
    changed = AttachmentChanged(
        submission=submission.code if submission is not None else None,
        inbound_id=change.inbound_id,
        number=change.number,
        state=AttachmentState.STORED if stored else AttachmentState.LOST,
        file=change.file if isinstance(change, AttachmentStored) else None,
        reason=change.reason if isinstance(change, AttachmentLost) else None,
    )
    events: list[ConversationEvent] = [changed]
    ticketed = state.ticket_of(submission) if submission is not None else None
    shown = submission is not None and not submission.is_deleted(change.inbound_id)
    if submission is not None and shown and ticketed is not None and ticketed.ticket is not None:
        message = next(item for item in submission.messages if item.id == change.inbound_id)
        attachments = tuple(
            item.model_copy(update={"state": changed.state, "file": changed.file})
            for item in message.attachments
            if item.number == change.number
        )
        added = AddToTicket(
            id=change.id, ticket_id=ticketed.ticket.id, inbound_id=message.id, at=now, attachments=attachments
        )
        events.append(AddedToTicket(submission=ticketed.code, addition=added))
    return Draft(tuple(events))


def on_reply_event(event: ReplyEvent) -> ConversationDraft:
    """How a reply ended."""
    ended: tuple[ConversationEvent, ...] = (
        ReplyEnded(reply_id=event.reply_id, state=event.state, reason=event.reason, by=event.by),
    )
    return Draft(ended)


def _refusal(submission: Submission | None, command: ReviewCommand, rules: Rules) -> str | None:
    if submission is None:
        return "unknown_code"
    if submission.revision != command.version_seen:
        return "outdated_version"
    if submission.phase is Phase.TICKET:
        return "already_a_ticket"
    if any(not rules.province.has_article(article) for article in command.articles):
        return "unknown_article"
    if command.verdict == "redirect" and command.label not in REDIRECTED:
        return "no_redirect_label"
    if command.verdict == "accept" and command.label in REDIRECTED:
        return "label_is_redirected"
    return None


def _outcome(command: ReviewCommand) -> Outcome:
    match command.verdict:
        case "accept":
            return Accepted()
        case "reject":
            return Rejected(reason=command.reason, articles=command.articles or ("8.2",))
        case "redirect":
            return Redirected(label=command.label or Label.COMPLAINT_DENUNCIATION)


def _articles(command: ReviewCommand) -> tuple[str, ...]:
    match command.verdict:
        case "accept":
            return ("8.3",)
        case "reject":
            return ("8.2",)
        case "redirect":
            return ("4.6",)


def _as_decided_by(case: Case, found: Verdict, command: ReviewCommand, rules: Rules, now: datetime) -> Decided:
    decided = decision(case, found, rules, now, by=command.operator)
    update: dict[str, object] = {"confident": True}
    if command.verdict == "accept" and command.label is not None:
        chosen = RankedField(label=command.label, subfield=command.subfield or "other", confidence=1.0)
        update["classification"] = Classification(ranked=(chosen,))
    return decided.model_copy(update=update)
