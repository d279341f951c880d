"""Events of a citizen's conversation: what the normalizer records, and what its commits are made of."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from schemas.base import Account, ArticleRef, Code, Instant, Personal, ReceiptCode, ShortText, Value
from schemas.commands import AddToTicket
from schemas.files import AttachmentState, FileRef
from schemas.inbound import Contact, Inbound, Unreadable
from schemas.judgement import Classification, Evidence
from schemas.outcome import Outcome
from schemas.reply import Reply
from schemas.ticket import Locality, Ticket
from schemas.vocabulary import Intake, Language, ReplyState


class MessageReceived(Value):
    """A message joined a submission; the first one opens it. It takes the place of its own stub, if there is one."""

    event: Literal["message_received"] = "message_received"
    submission: ReceiptCode
    opens: bool
    inbound: Inbound


class StubReceived(Value):
    """A message that could not be read took its place in a submission, or opened one."""

    event: Literal["stub_received"] = "stub_received"
    submission: ReceiptCode
    opens: bool
    stub: Unreadable


class DecidedPersonal(Personal):
    """What the decision rests on."""

    contact: Contact
    place: ShortText | None = None
    evidence: tuple[Evidence, ...] = ()


class Decided(Value):
    """The current outcome of a submission and how it came to it; `revision` counts its decisions from 1."""

    event: Literal["decided"] = "decided"
    submission: ReceiptCode
    revision: int
    outcome: Outcome
    account: Account
    channel: Code
    intake: Intake
    received_at: Instant = Field(description="When the submission's first message was durable.")
    trial: bool = False
    inbound_ids: tuple[UUID, ...]
    language: Language | None = None
    classification: Classification | None = None
    confident: bool = False
    urgent: bool = False
    conduct: bool = False
    alert: bool = False
    locality: Locality | None = None
    articles: tuple[ArticleRef, ...] = ()
    hits: tuple[str, ...] = Field(default=(), description="Rows of the policy table and rules that decided.")
    by: Code = Field(default="rules", description="`rules`, or the operator who decided.")
    until: Instant | None = Field(default=None, description="pending_supplement: when waiting for the answer ends.")
    personal: DecidedPersonal


class Gathered(Value):
    """A fragment was kept; the quiet-period timer will have the submission decided."""

    event: Literal["gathered"] = "gathered"
    submission: ReceiptCode
    inbound_id: UUID
    until: Instant = Field(description="End of the quiet period.")


class TicketOpened(Value):
    """The submission became this ticket."""

    event: Literal["ticket_opened"] = "ticket_opened"
    submission: ReceiptCode
    ticket: Ticket


class AddedToTicket(Value):
    """A later message was added to the ticket."""

    event: Literal["added_to_ticket"] = "added_to_ticket"
    submission: ReceiptCode
    addition: AddToTicket


class ReplyRendered(Value):
    """What the citizen is told; the text is fixed here."""

    event: Literal["reply_rendered"] = "reply_rendered"
    submission: ReceiptCode | None
    reply: Reply


class ReplyEnded(Value):
    """How a reply ended on its channel."""

    event: Literal["reply_ended"] = "reply_ended"
    reply_id: UUID
    state: ReplyState
    reason: Code | None = None
    by: Code | None = None


class AttachmentChanged(Value):
    """An attachment's bytes came, or never will."""

    event: Literal["attachment_changed"] = "attachment_changed"
    submission: ReceiptCode | None
    inbound_id: UUID
    number: int
    state: AttachmentState
    file: FileRef | None = None
    reason: Code | None = None


class Corrected(Value):
    """A message was read again by a mended reader, and an operator approved what it says now."""

    event: Literal["corrected"] = "corrected"
    submission: ReceiptCode
    inbound: Inbound = Field(description="The message from now on; where it belongs and its files are as before.")
    run: Code
    by: Code


class CommandRefused(Value):
    """A command that came too late or does not fit; nothing changed."""

    event: Literal["command_refused"] = "command_refused"
    submission: ReceiptCode | None = Field(default=None, description="Submission it was about, in a conversation.")
    command_id: UUID
    reason: Code
    by: Code
    at: Instant


class TimerClosed(Value):
    """A timer fired when there was nothing left to do."""

    event: Literal["timer_closed"] = "timer_closed"
    kind: Code


ConversationEvent = Annotated[
    MessageReceived
    | StubReceived
    | Decided
    | Gathered
    | TicketOpened
    | AddedToTicket
    | ReplyRendered
    | ReplyEnded
    | AttachmentChanged
    | Corrected
    | CommandRefused
    | TimerClosed,
    Field(discriminator="event"),
]

CONVERSATION_EVENTS: TypeAdapter[tuple[ConversationEvent, ...]] = TypeAdapter(tuple[ConversationEvent, ...])

HISTORY_PREFIX = "conversation/"


def history_of(account: Account) -> str:
    """Name of the history that the normalizer writes for an account."""
    return HISTORY_PREFIX + account
