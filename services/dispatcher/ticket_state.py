"""A ticket's life as its commits tell it: a pure state machine from opened to answered."""

from enum import StrEnum

from schemas.base import Instant, Value
from schemas.conversation import CommandRefused, ReplyEnded, TimerClosed
from schemas.ticket import Ticket
from schemas.ticket_history import (
    Added,
    Answered,
    DueReached,
    Held,
    Opened,
    ReplyRenderedForTicket,
    TicketHistoryEvent,
    Transferred,
)
from schemas.vocabulary import TransferRole
from services.dispatcher.taken_back import without
from services.dispatcher.ticket_files import merged


class State(StrEnum):
    """Where a ticket stands."""

    NONE = "none"
    OPENED = "opened"
    HELD = "held"
    WITH_FOCAL_OFFICER = "with_focal_officer"
    WITH_HEAD = "with_head"
    ANSWERED = "answered"


class TicketState(Value):
    """What the next decision needs to know of a ticket; `revision` counts transfers and answers."""

    state: State = State.NONE
    ticket: Ticket | None = None
    revision: int = 0
    agency: str | None = None
    proposed: str | None = None
    role: TransferRole | None = None
    due_at: Instant | None = None
    late: bool = False


def empty() -> TicketState:
    """A ticket that never arrived."""
    return TicketState()


def fold(state: TicketState, event: TicketHistoryEvent) -> TicketState:
    """The ticket after one more event."""
    match event:
        case Opened():
            return state.model_copy(update={"state": State.OPENED, "ticket": event.ticket})
        case Held():
            return state.model_copy(update={"state": State.HELD, "proposed": event.proposed})
        case Transferred():
            with_head = event.role is TransferRole.HEAD
            return state.model_copy(
                update={
                    "state": State.WITH_HEAD if with_head else State.WITH_FOCAL_OFFICER,
                    "agency": event.agency,
                    "proposed": None,
                    "role": event.role,
                    "due_at": event.due_at,
                    "late": False,
                    "revision": event.revision,
                }
            )
        case Added():
            return _added(state, event)
        case Answered():
            return state.model_copy(
                update={"state": State.ANSWERED, "due_at": None, "role": None, "revision": event.revision}
            )
        case DueReached():
            return state.model_copy(update={"late": True})
        case ReplyRenderedForTicket() | ReplyEnded() | CommandRefused() | TimerClosed():
            return state


def _added(state: TicketState, event: Added) -> TicketState:
    ticket = state.ticket
    if ticket is None:
        return state
    added = event.addition
    ticket = _reworded(ticket, added.personal.content)
    if added.withdrawn:
        return state.model_copy(update={"ticket": without(ticket, added.attachments)})
    aliases = ticket.aliases if added.alias is None else tuple(dict.fromkeys((*ticket.aliases, added.alias)))
    return state.model_copy(
        update={
            "ticket": ticket.model_copy(
                update={"aliases": aliases, "attachments": merged(ticket.attachments, added.attachments)}
            )
        }
    )


def _reworded(ticket: Ticket, content: str | None) -> Ticket:
    """With its content as it stands now; the words that led to its field were those of the earlier one."""
    if content is None:
        return ticket
    personal = ticket.personal.model_copy(update={"content": content, "evidence": ()})
    return ticket.model_copy(update={"personal": personal})
