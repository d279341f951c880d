"""Events of a ticket's life: what the dispatcher records, and what its commits are made of."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from schemas.base import Code, Instant, Value
from schemas.commands import AddToTicket, NotePersonal
from schemas.conversation import CommandRefused, ReplyEnded, TimerClosed
from schemas.files import AnswerFile
from schemas.reply import Reply
from schemas.ticket import RoutingReason, Ticket
from schemas.vocabulary import TransferRole


class Opened(Value):
    """The ticket arrived at the dispatcher."""

    event: Literal["opened"] = "opened"
    ticket: Ticket


class Held(Value):
    """An operator confirms before it goes to an agency (Điều 8, 9); `proposed` is what the table says."""

    event: Literal["held"] = "held"
    proposed: Code
    reason: RoutingReason
    at: Instant


class Transferred(Value):
    """Handed to an agency; the clock of `role` runs from here (Điều 9.3, 10)."""

    event: Literal["transferred"] = "transferred"
    agency: Code
    role: TransferRole
    reason: RoutingReason
    at: Instant
    due_at: Instant
    by: Code
    revision: int
    withdrawn_from: Code | None = Field(default=None, description="Agency that had it before.")
    personal: NotePersonal = NotePersonal()


class Added(Value):
    """The citizen added something; the clock goes on."""

    event: Literal["added"] = "added"
    addition: AddToTicket


class Answered(Value):
    """The result for the citizen (Điều 9.1, 9.3)."""

    event: Literal["answered"] = "answered"
    by: Code
    agency: Code | None
    at: Instant
    revision: int
    files: tuple[AnswerFile, ...] = ()
    personal: NotePersonal


class DueReached(Value):
    """The clock of a role ran out before an answer (Điều 9.4, 10.2)."""

    event: Literal["due_reached"] = "due_reached"
    role: TransferRole
    due_at: Instant


class ReplyRenderedForTicket(Value):
    """What the citizen is told about the ticket; the text is fixed here."""

    event: Literal["reply_rendered"] = "reply_rendered"
    reply: Reply


TicketHistoryEvent = Annotated[
    Opened
    | Held
    | Transferred
    | Added
    | Answered
    | DueReached
    | ReplyRenderedForTicket
    | ReplyEnded
    | CommandRefused
    | TimerClosed,
    Field(discriminator="event"),
]

TICKET_EVENTS: TypeAdapter[tuple[TicketHistoryEvent, ...]] = TypeAdapter(tuple[TicketHistoryEvent, ...])

HISTORY_PREFIX = "ticket/"


def history_of(ticket_id: UUID) -> str:
    """Name of the history that the dispatcher writes for a ticket."""
    return HISTORY_PREFIX + str(ticket_id)
