"""A conversation played in memory: what is said, when, and what the pure decisions make of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeVar
from uuid import UUID

from gateway.domain.draft import Draft
from gateway.domain.identity import Identity, timer_id
from schemas.commands import ReviewCommand, SettleWithdrawal
from schemas.conversation import (
    AddedToTicket,
    ConversationEvent,
    Decided,
    MessageReceived,
    ReplyRendered,
    TicketOpened,
    history_of,
)
from schemas.files import Attachment, AttachmentPersonal, AttachmentState, FileRef
from schemas.inbound import (
    Contact,
    Ignored,
    Inbound,
    InboundPersonal,
    Position,
    StaffMessage,
    StaffPersonal,
    Unreadable,
    Withdrawn,
)
from schemas.outcome import Outcome
from schemas.reply import Reply
from schemas.timer import TimerDue
from schemas.vocabulary import ContactItem, Intake, OutcomeKind
from services.normalizer.beside import on_ignored, on_staff_message
from services.normalizer.conversation import Conversation, empty, fold
from services.normalizer.decide import on_inbound, on_timer
from services.normalizer.review import on_review
from services.normalizer.settle import Rules
from services.normalizer.unreadable import on_fault, on_unreadable
from services.normalizer.withdraw import on_settlement, on_withdrawn

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
IDENTITY = Identity(b"k" * 32)
ACCOUNT = IDENTITY.account("chat", "citizen")

EventT = TypeVar("EventT")


@dataclass
class Dialogue:
    """One account's conversation with a clock that only the test moves."""

    rules: Rules
    intake: Intake = Intake.CHAT
    channel: str = "web"
    state: Conversation = field(default_factory=empty)
    now: datetime = START
    events: list[ConversationEvent] = field(default_factory=list)
    timers: dict[str, datetime] = field(default_factory=dict)
    said: int = 0

    def say(self, text: str, **more: Any) -> list[ConversationEvent]:  # noqa: ANN401 - what `message` takes
        """The citizen writes; returns what was recorded."""
        self.said += 1
        return self.take(self.message(text, **more))

    def message(
        self,
        text: str,
        *,
        contact: Contact | None = None,
        answers: str | None = None,
        edits: UUID | None = None,
        photos: int = 0,
        position: Position | None = None,
        quoted: str = "",
        verified: tuple[ContactItem, ...] = (),
    ) -> Inbound:
        """The inbound that the next words would make."""
        inbound_id = IDENTITY.inbound_id("chat", ACCOUNT, str(self.said))
        return Inbound(
            id=inbound_id,
            channel=self.channel,
            intake=self.intake,
            account=ACCOUNT,
            code=IDENTITY.receipt_code(inbound_id),
            sent_at=self.now,
            received_at=self.now,
            answers=answers,
            edits=edits,
            attachments=tuple(
                Attachment(
                    number=number,
                    kind="image",
                    state=AttachmentState.PENDING,
                    personal=AttachmentPersonal(source_url=f"https://example.vn/{self.said}/{number}.jpg"),
                )
                for number in range(photos)
            ),
            original=FileRef(address=f"{self.said:064x}", owner=ACCOUNT, size=100, media_type="application/json"),
            personal=InboundPersonal(
                text=text, quoted=quoted, contact=contact or Contact(), position=position, verified=verified
            ),
        )

    def edit(self, message: Inbound, text: str, **more: Any) -> list[ConversationEvent]:  # noqa: ANN401 - as above
        """The citizen edits a message."""
        return self.say(text, edits=message.id, **more)

    def delete(self, message: UUID) -> list[ConversationEvent]:
        """The citizen deletes a message."""
        return self.withdraw("message", message)

    def withdraw(
        self, what: Literal["message", "personal_data"] = "personal_data", message: UUID | None = None
    ) -> list[ConversationEvent]:
        """The citizen takes back a message, or what they agreed to."""
        self.said += 1
        withdrawn = Withdrawn(
            id=IDENTITY.inbound_id("chat", ACCOUNT, f"withdrawn {self.said}"),
            channel=self.channel,
            account=ACCOUNT,
            what=what,
            message=message,
            received_at=self.now,
        )
        return self._apply(on_withdrawn(self.state, withdrawn, self.rules, self.now))

    def settle(self, command: SettleWithdrawal) -> list[ConversationEvent]:
        """An operator has seen to a wish for erasure."""
        return self._apply(on_settlement(self.state, command, self.now))

    def staff(self, text: str) -> list[ConversationEvent]:
        """Staff write in the channel's own inbox."""
        self.said += 1
        message = StaffMessage(
            id=IDENTITY.inbound_id("chat", ACCOUNT, f"staff {self.said}"),
            channel=self.channel,
            account=ACCOUNT,
            sent_at=self.now,
            received_at=self.now,
            personal=StaffPersonal(text=text),
        )
        return self._apply(on_staff_message(self.state, message))

    def sticker(self) -> list[ConversationEvent]:
        """The citizen sends a sticker."""
        self.said += 1
        ignored = Ignored(
            id=IDENTITY.inbound_id("chat", ACCOUNT, f"sticker {self.said}"),
            channel=self.channel,
            account=ACCOUNT,
            reason="sticker",
            received_at=self.now,
            sent_by_citizen=True,
        )
        return self._apply(on_ignored(self.state, ignored))

    @property
    def last(self) -> Inbound:
        """The citizen's last message."""
        return self.of(MessageReceived)[-1].inbound

    @property
    def kinds(self) -> list[OutcomeKind]:
        """What every decision came to, in order."""
        return [outcome.kind for outcome in self.outcomes]

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
    def told(self) -> list[Reply]:
        """Replies the citizen got, in order."""
        return [event.reply for event in self.of(ReplyRendered)]

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
