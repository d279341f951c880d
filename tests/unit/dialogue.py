"""A conversation played in memory: what is said, when, and what the pure decisions make of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from gateway.domain.draft import Draft
from gateway.domain.identity import Identity, timer_id
from schemas.commands import ReviewCommand
from schemas.conversation import AddedToTicket, ConversationEvent, Decided, ReplyRendered, TicketOpened, history_of
from schemas.files import FileRef
from schemas.inbound import Contact, Inbound, InboundPersonal, Unreadable
from schemas.outcome import Outcome
from schemas.timer import TimerDue
from schemas.vocabulary import Intake
from services.normalizer.conversation import Conversation, empty, fold
from services.normalizer.decide import on_inbound, on_timer
from services.normalizer.review import on_review
from services.normalizer.settle import Rules
from services.normalizer.unreadable import on_fault, on_unreadable

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
IDENTITY = Identity(b"k" * 32)
ACCOUNT = IDENTITY.account("chat", "citizen")

EventT = TypeVar("EventT")


@dataclass
class Dialogue:
    """One account's conversation with a clock that only the test moves."""

    rules: Rules
    intake: Intake = Intake.CHAT
    state: Conversation = field(default_factory=empty)
    now: datetime = START
    events: list[ConversationEvent] = field(default_factory=list)
    timers: dict[str, datetime] = field(default_factory=dict)
    said: int = 0

    def say(self, text: str, *, contact: Contact | None = None, answers: str | None = None) -> list[ConversationEvent]:
        """The citizen writes; returns what was recorded."""
        self.said += 1
        return self.take(self.message(text, contact=contact, answers=answers))

    def message(self, text: str, *, contact: Contact | None = None, answers: str | None = None) -> Inbound:
        """The inbound that the next words would make."""
        inbound_id = IDENTITY.inbound_id("chat", ACCOUNT, str(self.said))
        return Inbound(
            id=inbound_id,
            channel="web",
            intake=self.intake,
            account=ACCOUNT,
            code=IDENTITY.receipt_code(inbound_id),
            sent_at=self.now,
            received_at=self.now,
            answers=answers,
            personal=InboundPersonal(text=text, contact=contact or Contact()),
        )

    def take(self, inbound: Inbound) -> list[ConversationEvent]:
        """Decide an inbound."""
        return self._apply(on_inbound(self.state, inbound, self.rules, self.now))

    def stub(self, *, answers: str | None = None) -> Unreadable:
        """What stands in for the next words when they cannot be read."""
        self.said += 1
        hidden = self.message("")
        return Unreadable(
            id=hidden.id,
            channel=hidden.channel,
            intake=hidden.intake,
            account=hidden.account,
            code=hidden.code,
            received_at=self.now,
            reason="malformed",
            answers=answers,
            original=FileRef(address="0" * 64, owner=ACCOUNT, size=1, media_type="application/octet-stream"),
        )

    def put_aside(self, message: Unreadable | Inbound) -> list[ConversationEvent]:
        """Decide a stub, or a message that the rules fail on."""
        if isinstance(message, Unreadable):
            return self._apply(on_unreadable(self.state, message, self.rules, self.now))
        return self._apply(on_fault(self.state, message, self.rules, self.now))

    def review(self, command: ReviewCommand) -> list[ConversationEvent]:
        """Decide an operator's verdict."""
        return self._apply(on_review(self.state, command, self.rules, self.now))

    def wait(self, time: timedelta) -> list[ConversationEvent]:
        """Let time pass; due timers fire in order."""
        until = self.now + time
        fired: list[ConversationEvent] = []
        while due := sorted((at, kind) for kind, at in self.timers.items() if at <= until):
            self.now, kind = due[0]
            fired += self.fire(kind, self.now)
        self.now = until
        return fired

    def fire(self, kind: str, due_at: datetime) -> list[ConversationEvent]:
        """One firing of a timer."""
        history = history_of(ACCOUNT)
        timer = TimerDue(
            id=timer_id(history, kind, due_at.isoformat()), history=history, kind=kind, due_at=due_at, fired_at=self.now
        )
        return self._apply(on_timer(self.state, timer, self.rules, self.now))

    @property
    def outcomes(self) -> list[Outcome]:
        """Every decision's outcome, in order."""
        return [event.outcome for event in self.of(Decided)]

    @property
    def replies(self) -> list[str]:
        """Texts the citizen got, in order."""
        return [event.reply.personal.text for event in self.of(ReplyRendered)]

    @property
    def tickets(self) -> list[TicketOpened]:
        """Tickets opened, in order."""
        return self.of(TicketOpened)

    @property
    def additions(self) -> list[AddedToTicket]:
        """Messages added to tickets, in order."""
        return self.of(AddedToTicket)

    def of(self, kind: type[EventT]) -> list[EventT]:
        """Recorded events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def ids(self) -> set[UUID]:
        """Ids of every reply and ticket."""
        return {event.reply.id for event in self.of(ReplyRendered)} | {event.ticket.id for event in self.tickets}

    def _apply(self, draft: Draft[ConversationEvent]) -> list[ConversationEvent]:
        for kind in draft.timers_cancelled:
            self.timers.pop(kind, None)
        self.timers.update(draft.timers_set)
        for event in draft.events:
            self.state = fold(self.state, event)
        self.events += draft.events
        return list(draft.events)
