"""A citizen's conversation as its commits tell it: which submissions there are and how each one stands."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from gateway.domain.hygiene import MAX_TEXT
from schemas.base import Instant, Value
from schemas.conversation import (
    AddedToTicket,
    AttachmentChanged,
    CommandRefused,
    ConversationEvent,
    Corrected,
    Decided,
    Gathered,
    MessageReceived,
    ReplyEnded,
    ReplyRendered,
    StubReceived,
    TicketOpened,
    TimerClosed,
)
from schemas.inbound import Contact, Inbound, Unreadable
from schemas.outcome import Merged, NeedsReview, Outcome
from schemas.ticket import Ticket
from schemas.vocabulary import Language, OutcomeKind, ReviewReason

Received: TypeAlias = Inbound | Unreadable
"""A message in its place in the order, or the stub that stands there until the message can be read."""


class Phase(StrEnum):
    """Whether a submission still waits for something."""

    GATHERING = "gathering"
    PENDING = "pending"
    IN_REVIEW = "in_review"
    TICKET = "ticket"
    CLOSED = "closed"


_PHASE_OF_OUTCOME = {
    OutcomeKind.ACCEPTED: Phase.TICKET,
    OutcomeKind.MERGED: Phase.CLOSED,
    OutcomeKind.PENDING_SUPPLEMENT: Phase.PENDING,
    OutcomeKind.REJECTED: Phase.CLOSED,
    OutcomeKind.REDIRECTED: Phase.CLOSED,
    OutcomeKind.NEEDS_REVIEW: Phase.IN_REVIEW,
    OutcomeKind.IGNORED: Phase.CLOSED,
}


class Submission(Value):
    """One matter that a citizen puts, over one or more messages."""

    code: str
    phase: Phase = Phase.GATHERING
    revision: int = 0
    asked: bool = False
    messages: tuple[Received, ...] = ()
    outcome: Outcome | None = None
    decided: Decided | None = None
    ticket: Ticket | None = None
    quiet_until: Instant | None = None

    @property
    def first(self) -> Received:
        """The message that opened it."""
        return self.messages[0]

    @property
    def readable(self) -> tuple[Inbound, ...]:
        """Its messages without those that could not be read."""
        return tuple(message for message in self.messages if isinstance(message, Inbound))

    @property
    def has_stub(self) -> bool:
        """Whether a part of it could not be read yet."""
        return len(self.readable) < len(self.messages)

    @property
    def language_chosen(self) -> Language | None:
        """Language of the page that the citizen used."""
        return self.readable[0].language_chosen if self.readable else None

    @property
    def unjudged(self) -> bool:
        """Whether a person is to decide it because it could not be read, or the rules failed on it."""
        return is_unjudged(self.outcome)

    @property
    def text(self) -> str:
        """What the citizen wrote so far, in the order of arrival, as far as one text may be long.

        What is cut off stays in the history and in the filed originals.
        """
        return "\n".join(message.personal.text for message in self.readable if message.personal.text)[:MAX_TEXT]

    @property
    def open(self) -> bool:
        """Whether a further message of the account may belong to it."""
        return self.phase in (Phase.GATHERING, Phase.PENDING, Phase.IN_REVIEW)


def is_unjudged(outcome: Outcome | None) -> bool:
    """Whether an outcome says that a person looks at what could not be read or judged."""
    return isinstance(outcome, NeedsReview) and ReviewReason.UNREADABLE in outcome.reasons


class Conversation(Value):
    """All submissions of one account, oldest first, and what is known of the citizen."""

    submissions: tuple[Submission, ...] = ()
    known_contact: Contact | None = None
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

    def of_message(self, inbound_id: UUID) -> Submission | None:
        """The submission that a message, or its stub, belongs to."""
        return next(
            (item for item in self.submissions if any(message.id == inbound_id for message in item.messages)), None
        )


KEPT = 20
"""Closed submissions that a fold remembers; the history itself keeps all of them."""

KEPT_ARRIVED = 40
"""Attachments without their message that a fold remembers; those of forgotten submissions are among them."""


def empty() -> Conversation:
    """The conversation of an account that never wrote."""
    return Conversation()


def fold(state: Conversation, event: ConversationEvent) -> Conversation:
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
        case AddedToTicket() | ReplyRendered() | ReplyEnded() | CommandRefused() | TimerClosed():
            return state


def _received(state: Conversation, code: str, message: Received, *, opens: bool) -> Conversation:
    arrived = tuple(change for change in state.arrived if change.inbound_id != message.id)
    state = state.model_copy(update={"arrived": arrived})
    if opens:
        opened = Submission(code=code, messages=(message,))
        return state.model_copy(update={"submissions": _bounded((*state.submissions, opened))})
    found = state.submission(code)
    if found is None:
        return state
    return _changed(state, code, {"messages": _in_its_place(found.messages, message)})


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
    if event.outcome.kind is OutcomeKind.ACCEPTED:
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
