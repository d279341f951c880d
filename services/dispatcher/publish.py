"""What a ticket's commit puts on topics: a pure function of the commit and the ticket it folds to."""

from collections.abc import Sequence
from typing import Literal

from gateway.domain.identity import message_id
from gateway.projections.commits import TICKET_LOG
from gateway.runtime.histories import Recorded, to_message
from schemas.conversation import CommandRefused
from schemas.envelope import Message
from schemas.events import TicketEvent
from schemas.reply import Reply
from schemas.ticket import AdditionPersonal, AnswerRefused, Ticket, TicketAddition, Transfer, TransferWithdrawn
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
from services.dispatcher.ticket_state import TicketState

SOURCE = "dispatcher"
Step = Literal["opened", "held", "transferred", "added", "answered", "due_reached", "command_refused"]


def messages_of(recorded: Recorded[TicketHistoryEvent], state: TicketState) -> Sequence[Message]:
    """The commit itself and what its events say to agencies, citizens and downstream systems.

    `state` is the fold up to and including this commit.
    """
    found = [recorded.logged(TICKET_LOG, SOURCE)]
    ticket = state.ticket
    if ticket is None:
        return found
    for number, event in enumerate(recorded.events):
        found.extend(_messages(recorded, event, number, ticket, state))
    return found


def _messages(
    recorded: Recorded[TicketHistoryEvent], event: TicketHistoryEvent, number: int, ticket: Ticket, state: TicketState
) -> list[Message]:
    commit, at = recorded.commit, recorded.commit.at
    match event:
        case Opened():
            return [_told(recorded, number, ticket, state, "opened")]
        case Held():
            return [_told(recorded, number, ticket, state, "held", agency=event.proposed, reason=event.reason.rule)]
        case Transferred():
            transfer = Transfer(
                id=message_id(commit.cause, f"agency.{event.agency}", number),
                ticket=ticket,
                ticket_version=commit.version,
                agency=event.agency,
                role=event.role,
                reason=event.reason,
                transferred_at=event.at,
                revision=event.revision,
                due_at=event.due_at,
            )
            sent = to_message(f"agency.{event.agency}", str(ticket.id), transfer, source=SOURCE, at=at)
            told = _told(recorded, number, ticket, state, "transferred", agency=event.agency, reason=event.reason.rule)
            return [*_withdrawn(recorded, event, number, ticket), sent, told]
        case Added(addition=added):
            told = _told(recorded, number, ticket, state, "added", agency=state.agency)
            if state.agency is None:
                return [told]
            addition = TicketAddition(
                id=message_id(commit.cause, f"agency.{state.agency}", number),
                ticket_id=ticket.id,
                code=ticket.code,
                ticket_version=commit.version,
                agency=state.agency,
                inbound_id=added.inbound_id,
                attachments=() if added.withdrawn else added.attachments,
                corrects=added.corrects,
                withdrawn=added.withdrawn,
                at=added.at,
                personal=AdditionPersonal(text=added.personal.text),
            )
            return [to_message(f"agency.{state.agency}", str(ticket.id), addition, source=SOURCE, at=at), told]
        case Answered():
            return [_told(recorded, number, ticket, state, "answered", agency=event.agency)]
        case DueReached():
            return [_told(recorded, number, ticket, state, "due_reached", agency=state.agency, reason=event.role)]
        case CommandRefused():
            told = _told(recorded, number, ticket, state, "command_refused", agency=event.agency, reason=event.reason)
            return [*_answer_refused(recorded, event, number, ticket, state), told]
        case ReplyRenderedForTicket(reply=reply):
            return [_reply(reply, recorded)]
        case _:
            # How a reply ended and closed timers concern the history alone; the log carries them.
            return []


def _reply(reply: Reply, recorded: Recorded[TicketHistoryEvent]) -> Message:
    return to_message(f"replies.{reply.channel}", reply.account, reply, source=SOURCE, at=recorded.commit.at)


def _withdrawn(
    recorded: Recorded[TicketHistoryEvent], event: Transferred, number: int, ticket: Ticket
) -> list[Message]:
    if event.withdrawn_from is None:
        return []
    withdrawn = TransferWithdrawn(
        id=message_id(recorded.commit.cause, f"agency.{event.withdrawn_from}", number),
        ticket_id=ticket.id,
        code=ticket.code,
        ticket_version=recorded.commit.version,
        agency=event.withdrawn_from,
        at=event.at,
    )
    topic = f"agency.{event.withdrawn_from}"
    return [to_message(topic, str(ticket.id), withdrawn, source=SOURCE, at=recorded.commit.at)]


def _answer_refused(
    recorded: Recorded[TicketHistoryEvent], event: CommandRefused, number: int, ticket: Ticket, state: TicketState
) -> list[Message]:
    """What the agency whose answer it was is told; of a ticket that is not with it, no more than that."""
    if event.agency is None:
        return []
    topic = f"agency.{event.agency}"
    refused = AnswerRefused(
        id=message_id(recorded.commit.cause, topic, number),
        agency=event.agency,
        answer_id=str(event.command_id),
        ticket_id=ticket.id,
        reason=event.reason,
        revision=state.revision if event.agency == state.agency else None,
        at=event.at,
    )
    return [to_message(topic, str(ticket.id), refused, source=SOURCE, at=recorded.commit.at)]


def _told(
    recorded: Recorded[TicketHistoryEvent],
    number: int,
    ticket: Ticket,
    state: TicketState,
    step: Step,
    *,
    agency: str | None = None,
    reason: str = "",
) -> Message:
    commit = recorded.commit
    event = TicketEvent(
        id=message_id(commit.cause, "ticket.events", number),
        ticket_id=ticket.id,
        code=ticket.code,
        step=step,
        state=state.state,
        version=commit.version,
        field=ticket.classification.best,
        locality=ticket.locality,
        agency=agency,
        role=state.role,
        due_at=state.due_at,
        reason=reason,
        at=commit.at,
        trial=ticket.trial,
    )
    return to_message("ticket.events", str(ticket.id), event, source=SOURCE, at=commit.at)
