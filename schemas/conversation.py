"""Events of a citizen's conversation: what the normalizer records, and what its commits are made of."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from schemas.base import Account, ArticleRef, Code, Instant, Personal, ReceiptCode, ShortText, Value
from schemas.commands import AddToTicket, NotePersonal
from schemas.files import AttachmentState, FileRef
from schemas.inbound import Contact, Ignored, Inbound, StaffMessage, Unreadable, Withdrawn
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


class StaffWrote(Value):
    """Staff wrote to the citizen in the channel's own inbox; it decides nothing, but the rules hold back after it."""

    event: Literal["staff_wrote"] = "staff_wrote"
    submission: ReceiptCode | None = Field(description="The one that was open, else the latest; null before any.")
    message: StaffMessage


class MessageIgnored(Value):
    """The citizen sent something that puts no matter, such as a sticker; its reason is its outcome."""

    event: Literal["message_ignored"] = "message_ignored"
    submission: ReceiptCode | None = Field(description="The one that was open, else the latest; null before any.")
    ignored: Ignored


class MessageWithdrawn(Value):
    """The citizen deleted a message: it stays in the record, but is neither judged nor shown to an agency any more."""

    event: Literal["message_withdrawn"] = "message_withdrawn"
    submission: ReceiptCode | None = Field(description="The message's; null for one that has not come (yet).")
    withdrawn: Withdrawn


class DataWithdrawn(Value):
    """The citizen wants their data erased or restricted: an operator sees to it, nothing happens by itself."""

    event: Literal["data_withdrawn"] = "data_withdrawn"
    submissions: tuple[ReceiptCode, ...] = Field(description="The account's latest ones, as far as they are known.")
    withdrawn: Withdrawn


class WithdrawalSettled(Value):
    """An operator has seen to it."""

    event: Literal["withdrawal_settled"] = "withdrawal_settled"
    submissions: tuple[ReceiptCode, ...]
    withdrawal: UUID
    by: Code
    personal: NotePersonal = NotePersonal()


class CommandRefused(Value):
    """A command that came too late or does not fit; nothing changed."""

    event: Literal["command_refused"] = "command_refused"
    submission: ReceiptCode | None = Field(default=None, description="Submission it was about, in a conversation.")
    command_id: UUID
    reason: Code
    by: Code
    agency: Code | None = Field(default=None, description="The agency whose answer it was, and which is told.")
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
    | StaffWrote
    | MessageIgnored
    | MessageWithdrawn
    | DataWithdrawn
    | WithdrawalSettled
    | CommandRefused
    | TimerClosed,
    Field(discriminator="event"),
]

CONVERSATION_EVENTS: TypeAdapter[tuple[ConversationEvent, ...]] = TypeAdapter(tuple[ConversationEvent, ...])

HISTORY_PREFIX = "conversation/"


def history_of(account: Account) -> str:
    """Name of the history that the normalizer writes for an account."""
    return HISTORY_PREFIX + account
