"""A citizen's conversation as its commits tell it: which submissions there are and how each one stands."""

from collections.abc import Sequence
from uuid import UUID

from schemas.base import Instant, Value
from schemas.conversation import (
    AddedToTicket,
    AttachmentChanged,
    CommandRefused,
    ConversationEvent,
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
from schemas.inbound import Contact, Inbound
from schemas.outcome import IgnoredOutcome, Merged
from schemas.vocabulary import IgnoreReason, OutcomeKind
from services.normalizer.submission import Phase, Received, Submission, original_of

_PHASE_OF_OUTCOME = {
    OutcomeKind.ACCEPTED: Phase.TICKET,
    OutcomeKind.MERGED: Phase.CLOSED,
    OutcomeKind.PENDING_SUPPLEMENT: Phase.PENDING,
    OutcomeKind.REJECTED: Phase.CLOSED,
    OutcomeKind.REDIRECTED: Phase.CLOSED,
    OutcomeKind.NEEDS_REVIEW: Phase.IN_REVIEW,
    OutcomeKind.IGNORED: Phase.CLOSED,
}


class Conversation(Value):
    """All submissions of one account, oldest first, and what is known of the citizen.

    `staff_at` is when staff last wrote by hand; `told` says that the citizen got an answer of ours before. `deleted`
    names messages that were deleted before they came, `withdrawals` wishes for erasure that nobody has seen to.
    """

    submissions: tuple[Submission, ...] = ()
    known_contact: Contact | None = None
    staff_at: Instant | None = None
    told: bool = False
    deleted: tuple[UUID, ...] = ()
    withdrawals: tuple[UUID, ...] = ()
    arrived: tuple[AttachmentChanged, ...] = ()
    """Attachments that were settled before their message came: order is kept per topic, not across topics."""

    def submission(self, code: str) -> Submission | None:
        """The submission under a receipt code."""
        return next((item for item in self.submissions if item.code == code), None)

    def latest_open(self) -> Submission | None:
        """The latest submission that is not closed, if one is."""
        return next((item for item in reversed(self.submissions) if item.open), None)

    def latest_judged(self) -> Submission | None:
        """The submission that further words may belong to, if one is.

        What could not be judged waits for a person: there they would meet the same fault.
        """
        return next((item for item in reversed(self.submissions) if item.open and not item.unjudged), None)

    def tickets(self) -> Sequence[Submission]:
        """Submissions that became tickets, newest first."""
        return [item for item in reversed(self.submissions) if item.ticket is not None]

    def completed(self, inbound: Inbound) -> Inbound:
        """A new message with what is already known of its attachments."""
        for change in self.arrived:
            if change.inbound_id == inbound.id:
                inbound = inbound.model_copy(update=_with_change(inbound, change))
        return inbound

    def ticket_of(self, submission: Submission) -> Submission | None:
        """The submission whose ticket this one's matter is in: its own, or the one it was merged into."""
        found = self.submission(submission.outcome.into) if isinstance(submission.outcome, Merged) else submission
        return found if found is not None and found.ticket is not None else None

    def beside(self) -> str | None:
        """Code of the submission with which stands what opens none: the open one, else the latest."""
        found = self.latest_open() or next(reversed(self.submissions), None)
        return None if found is None else found.code

    def original(self, inbound_id: UUID) -> UUID:
        """The message that is meant by an id: by an edit's, the message that it edits."""
        named = (one for item in self.submissions for one in item.inbounds if one.id == inbound_id)
        return next((original_of(one) for one in named), inbound_id)

    def of_original(self, inbound_id: UUID) -> Submission | None:
        """The submission that a message belongs to; of one that is not here, that of an edit of it."""
        return self.of_message(inbound_id) or next(reversed(self.with_version(inbound_id)), None)

    def with_version(self, inbound_id: UUID) -> tuple[Submission, ...]:
        """Submissions with a message or an edit of it: a ticket's message may come to stand in another one too."""
        original = self.original(inbound_id)
        return tuple(
            item for item in self.submissions if any(original_of(message) == original for message in item.inbounds)
        )

    def of_message(self, inbound_id: UUID) -> Submission | None:
        """The submission that a message, or its stub, belongs to."""
        return next(
            (item for item in self.submissions if any(message.id == inbound_id for message in item.messages)), None
        )


KEPT = 20
"""Closed submissions that a fold remembers; the history itself keeps all of them."""

KEPT_ARRIVED = 40
"""Attachments without their message that a fold remembers; those of forgotten submissions are among them."""

KEPT_DELETED = 40
"""Deleted messages without their message that a fold remembers; those of forgotten submissions are among them."""


def empty() -> Conversation:
    """The conversation of an account that never wrote."""
    return Conversation()


def fold(state: Conversation, event: ConversationEvent) -> Conversation:  # noqa: C901, PLR0912 - one case per event
    """The conversation after one more event."""
    match event:
        case MessageReceived(inbound=inbound):
            return _received(state, event.submission, inbound, opens=event.opens)
        case StubReceived(stub=stub):
            # The place of a message that is known already is taken.
            known = state.of_message(stub.id) is not None
            return state if known else _received(state, event.submission, stub, opens=event.opens)
        case Decided():
            return _decided(state, event)
        case TicketOpened():
            return _changed(state, event.submission, {"ticket": event.ticket})
        case Gathered():
            return _changed(state, event.submission, {"quiet_until": event.until})
        case AttachmentChanged():
            return _attachment_changed(state, event)
        case Corrected():
            return _corrected(state, event)
        case StaffWrote(message=message):
            at = message.sent_at if state.staff_at is None else max(message.sent_at, state.staff_at)
            return state.model_copy(update={"staff_at": at})
        case MessageWithdrawn():
            return _withdrawn(state, event)
        case DataWithdrawn(withdrawn=withdrawn):
            return state.model_copy(update={"withdrawals": (*state.withdrawals, withdrawn.id)})
        case WithdrawalSettled():
            left = tuple(one for one in state.withdrawals if one != event.withdrawal)
            return state.model_copy(update={"withdrawals": left})
        case ReplyRendered():
            return state.model_copy(update={"told": True})
        case AddedToTicket() | ReplyEnded() | MessageIgnored() | CommandRefused() | TimerClosed():
            return state


def _received(state: Conversation, code: str, message: Received, *, opens: bool) -> Conversation:
    arrived = tuple(change for change in state.arrived if change.inbound_id != message.id)
    state = state.model_copy(update={"arrived": arrived})
    if opens:
        opened = Submission(code=code, messages=(message,), withdrawn=_deleted_before(state, message))
        return state.model_copy(update={"submissions": _bounded((*state.submissions, opened))})
    found = state.submission(code)
    if found is None:
        return state
    return _changed(state, code, {"messages": _in_its_place(found.messages, message)})


def _deleted_before(state: Conversation, message: Received) -> tuple[UUID, ...]:
    """Its own id, or that of the message it edits, if that one was deleted before it came."""
    original = original_of(message) if isinstance(message, Inbound) else message.id
    return (original,) if original in state.deleted else ()


def _withdrawn(state: Conversation, event: MessageWithdrawn) -> Conversation:
    message = event.withdrawn.message
    if message is None:
        return state
    found = state.submission(event.submission) if event.submission is not None else None
    if found is None:
        deleted = (*(one for one in state.deleted if one != message), message)[-KEPT_DELETED:]
        return state.model_copy(update={"deleted": deleted})
    return _changed(state, found.code, {"withdrawn": tuple(dict.fromkeys((*found.withdrawn, state.original(message))))})


def _in_its_place(messages: tuple[Received, ...], message: Received) -> tuple[Received, ...]:
    """With one more message; one whose stub is there, or that the rules failed on before, takes that place."""
    if all(earlier.id != message.id for earlier in messages):
        return (*messages, message)
    return tuple(message if earlier.id == message.id else earlier for earlier in messages)


def _decided(state: Conversation, event: Decided) -> Conversation:
    found = state.submission(event.submission)
    if found is None:
        return state
    update: dict[str, object] = {
        "phase": _PHASE_OF_OUTCOME[event.outcome.kind],
        "revision": event.revision,
        "outcome": event.outcome,
        "decided": event,
        "quiet_until": None,
        "asked": found.asked or event.outcome.kind is OutcomeKind.PENDING_SUPPLEMENT,
    }
    state = _changed(state, event.submission, update)
    gave_contact = event.outcome == IgnoredOutcome(reason=IgnoreReason.NOTHING_OPEN)
    if event.outcome.kind is OutcomeKind.ACCEPTED or gave_contact:
        state = state.model_copy(update={"known_contact": event.personal.contact})
    return state


def _corrected(state: Conversation, event: Corrected) -> Conversation:
    found = state.submission(event.submission)
    if found is None:
        return state
    read = event.inbound
    messages = tuple(read if message.id == read.id else message for message in found.messages)
    return _changed(state, found.code, {"messages": messages})


def _attachment_changed(state: Conversation, event: AttachmentChanged) -> Conversation:
    found = state.of_message(event.inbound_id)
    if found is None:
        return state.model_copy(update={"arrived": (*state.arrived, event)[-KEPT_ARRIVED:]})
    messages = tuple(
        message.model_copy(update=_with_change(message, event)) if message.id == event.inbound_id else message
        for message in found.messages
    )
    return _changed(state, found.code, {"messages": messages})


def _with_change(message: Received, event: AttachmentChanged) -> dict[str, object]:
    attachments = tuple(
        item.model_copy(update={"state": event.state, "file": event.file}) if item.number == event.number else item
        for item in message.attachments
    )
    return {"attachments": attachments}


def _changed(state: Conversation, code: str, update: dict[str, object]) -> Conversation:
    return state.model_copy(
        update={
            "submissions": tuple(
                item.model_copy(update=update) if item.code == code else item for item in state.submissions
            )
        }
    )


def _bounded(submissions: tuple[Submission, ...]) -> tuple[Submission, ...]:
    if len(submissions) <= KEPT:
        return submissions
    oldest = next((item for item in submissions if not item.open), None)
    return tuple(item for item in submissions if item is not oldest)
