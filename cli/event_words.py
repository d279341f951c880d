"""Says in words what a recorded event was: who did it, what happened, and the personal text that belongs to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from cli.chronicle import Event
from cli.screen import local
from schemas.conversation import (
    AddedToTicket,
    AttachmentChanged,
    CommandRefused,
    Corrected,
    DataWithdrawn,
    Decided,
    Gathered,
    MessageIgnored,
    MessageReceived,
    MessageWithdrawn,
    ReplyEnded,
    ReplyRendered,
    StaffWrote,
    StubReceived,
    TicketOpened,
    TimerClosed,
    WithdrawalSettled,
)
from schemas.inbound import Contact, Inbound, Unreadable
from schemas.outcome import Accepted, IgnoredOutcome, Merged, NeedsReview, Outcome, PendingSupplement, Redirected
from schemas.reply import Reply
from schemas.ticket_history import (
    Added,
    Answered,
    DueReached,
    Held,
    Opened,
    ReplyRenderedForTicket,
    Transferred,
)

CITIZEN = "citizen"
RULES = "rules"
NORMALIZER = "normalizer"
DISPATCHER = "dispatcher"
CLOCK = "clock"
CHANNEL = "channel"
STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Told:
    """Who, what, and the words of people, if there are any."""

    who: str
    what: str
    words: str = ""


def told(event: Event, timezone: str, replies: Mapping[UUID, str]) -> Told:  # noqa: C901, PLR0912 - one case per event of a closed union
    """An event in words; `replies` names the kind of each reply known so far by its id."""
    when = partial(local, timezone=timezone)
    match event:
        case MessageReceived():
            return _received(event)
        case StubReceived(stub=stub):
            verb = "opens" if event.opens else "added to"
            return Told(CITIZEN, f"{_came(stub)}; {verb} {event.submission}; {_unread(stub)}")
        case Decided():
            return Told(event.by, _decided(event), "")
        case Gathered():
            return Told(RULES, f"fragment kept; quiet until {when(event.until)}")
        case TicketOpened():
            return Told(NORMALIZER, f"ticket {event.ticket.id} opened")
        case AddedToTicket():
            return Told(NORMALIZER, "passed on to the ticket")
        case ReplyRendered(reply=reply) | ReplyRenderedForTicket(reply=reply):
            return _rendered(reply)
        case ReplyEnded():
            reason = f": {event.reason}" if event.reason else ""
            name = replies.get(event.reply_id, event.reply_id)
            return Told(event.by or CHANNEL, f"reply {name} {event.state.value}{reason}")
        case AttachmentChanged():
            reason = f": {event.reason}" if event.reason else ""
            return Told(CHANNEL, f"attachment {event.number} {event.state.value}{reason}")
        case Corrected():
            return Told(
                event.by, f"read again in run {event.run}; the message says from now on:", _message(event.inbound)
            )
        case StaffWrote(message=message):
            return Told(STAFF, f"wrote to the citizen over {message.channel}", message.personal.text)
        case MessageIgnored(ignored=ignored):
            return Told(CITIZEN, f"sent over {ignored.channel} what puts no matter: {ignored.reason}")
        case MessageWithdrawn(withdrawn=withdrawn):
            return Told(CITIZEN, f"deleted message {withdrawn.message} over {withdrawn.channel}")
        case DataWithdrawn(withdrawn=withdrawn):
            return Told(CITIZEN, f"wants their data erased or restricted, over {withdrawn.channel}: {withdrawn.id}")
        case WithdrawalSettled():
            return Told(event.by, f"has seen to the wish {event.withdrawal}", event.personal.text)
        case CommandRefused():
            return Told(event.by, f"command refused: {event.reason}")
        case TimerClosed():
            return Told(CLOCK, f"timer {event.kind} closed; nothing was left to do")
        case Opened():
            return Told(DISPATCHER, "ticket taken")
        case Held():
            return Told(RULES, f"held for an operator; proposed: {event.proposed} ({_ground(event)})")
        case Transferred():
            left = f", withdrawn from {event.withdrawn_from}" if event.withdrawn_from else ""
            what = f"transferred to {event.agency}{left}; {event.role.value} until {when(event.due_at)}"
            return Told(event.by, f"{what} ({_ground(event)})", event.personal.text)
        case Added(addition=added) if added.withdrawn:
            return Told(CITIZEN, "deleted a message; it is not shown to agencies any more")
        case Added(addition=added) if added.corrects:
            return Told(NORMALIZER, "a message of the ticket says something else now", added.personal.text)
        case Added():
            return _added(event)
        case Answered():
            return _answered(event)
        case DueReached():
            return Told(CLOCK, f"due time of {event.role.value} reached: {when(event.due_at)}")


def _answered(event: Answered) -> Told:
    files = f" with {len(event.files)} file(s)" if event.files else ""
    names = (f"File: {one.personal.name} ({one.file.media_type}, {one.file.size} bytes)" for one in event.files)
    what = f"answered for {event.agency or 'the hotline'}{files}"
    return Told(event.by, what, "\n".join((event.personal.text, *names)))


def _added(event: Added) -> Told:
    files = "".join(f", file {item.number} {item.state.value}" for item in event.addition.attachments)
    return Told(CITIZEN, f"added to the ticket{files}; the clock goes on", event.addition.personal.text)


def _received(event: MessageReceived) -> Told:
    inbound = event.inbound
    verb = "opens" if event.opens else "added to"
    edits = f"; an edit of {inbound.edits}" if inbound.edits else ""
    return Told(inbound.operator or CITIZEN, f"{_came(inbound)}; {verb} {event.submission}{edits}", _message(inbound))


def _came(message: Inbound | Unreadable) -> str:
    files = f", {len(message.attachments)} file(s)" if message.attachments else ""
    return f"{message.intake.value} over {message.channel}{files}"


def _unread(stub: Unreadable) -> str:
    letter = f"; gateway dlq show {stub.dead_letter}" if stub.dead_letter else ""
    return f"could not be read: {stub.reason}{letter}"


def _message(inbound: Inbound) -> str:
    place, point = inbound.personal.place, inbound.personal.position
    parts = (
        inbound.personal.text,
        f"Place: {place}" if place else "",
        f"Position: {point.latitude:.6f}, {point.longitude:.6f}" if point else "",
        _contact(inbound.personal.contact),
    )
    return "\n".join(part for part in parts if part)


def _contact(contact: Contact) -> str:
    return ", ".join(value for value in (contact.name, contact.phone, contact.email, contact.address) if value)


def _rendered(reply: Reply) -> Told:
    articles = f", articles {', '.join(reply.articles)}" if reply.articles else ""
    return Told(RULES, f"reply {reply.kind.value} in {reply.language.value}{articles}", reply.personal.text)


def _decided(event: Decided) -> str:
    parts = [f"{_outcome(event.outcome)} (revision {event.revision})"]
    if event.classification is not None:
        best = event.classification.best
        parts.append(f"{best.label.value}.{best.subfield or 'other'} {best.confidence:.2f}")
    parts.extend(name for name in ("urgent", "conduct", "alert") if getattr(event, name))
    parts.append(f"articles {', '.join(event.articles) or 'none'}")
    parts.append(f"because of {', '.join(event.hits) or 'nothing'}")
    return "; ".join(parts)


def _outcome(outcome: Outcome) -> str:
    match outcome:
        case Accepted():
            return "accepted"
        case Merged():
            return f"merged into {outcome.into}"
        case PendingSupplement():
            return f"pending_supplement: {', '.join(outcome.missing)}"
        case Redirected():
            return f"redirected: {outcome.label.value}"
        case NeedsReview():
            return f"needs_review: {', '.join(outcome.reasons)}"
        case IgnoredOutcome():
            return f"ignored: {outcome.reason}"
        case _:
            return f"rejected: {outcome.reason.value}"


def _ground(event: Held | Transferred) -> str:
    articles = f", articles {', '.join(event.reason.articles)}" if event.reason.articles else ""
    return f"{event.reason.rule}{articles}"
