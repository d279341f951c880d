"""Decides what a ticket, a command, a timer or a reply's end means for a ticket's life; pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.domain.draft import Draft
from gateway.domain.province import Agency, Province
from schemas.base import Code
from schemas.commands import AddToTicket, AnswerTicket, NotePersonal, RouteTicket
from schemas.conversation import CommandRefused, ReplyEnded, TimerClosed
from schemas.reply import ReplyEvent
from schemas.ticket import RoutingReason, Ticket
from schemas.ticket_history import Added, Answered, DueReached, Held, Opened, TicketHistoryEvent, Transferred
from schemas.timer import TimerDue
from schemas.vocabulary import TransferRole
from services.dispatcher.answer_files import in_order, refusal_of
from services.dispatcher.replies import result_reply, transferred_reply
from services.dispatcher.route import route_of
from services.dispatcher.ticket_files import numbered
from services.dispatcher.ticket_state import State, TicketState

TicketDraft = Draft[TicketHistoryEvent]

FOCAL_OFFICER_TIMER = "focal_officer_due"
HEAD_TIMER = "head_due"

AT_AGENCY = frozenset({State.WITH_FOCAL_OFFICER, State.WITH_HEAD})


@dataclass(frozen=True, slots=True)
class Moment:
    """What surrounds a decision: the province, the causing message, the time."""

    province: Province
    cause: UUID
    now: datetime


def on_ticket(state: TicketState, ticket: Ticket, moment: Moment) -> TicketDraft:
    """An accepted submission arrives: to its agency at once, or held until an operator confirms (Điều 9)."""
    if state.ticket is not None:
        return Draft(())
    opened = Opened(ticket=ticket)
    terms = (f"code:{ticket.code}", *(f"code:{alias}" for alias in ticket.aliases))
    if ticket.agency_given is not None:
        chosen = moment.province.agency(ticket.agency_given, moment.province.day(moment.now))
        if chosen is not None:
            reason = RoutingReason(rule="chosen_by_operator", articles=("9.2",))
            draft = _transfer(state, ticket, chosen, reason, moment, by=ticket.accepted_by)
            return Draft((opened, *draft.events), draft.timers_set, draft.timers_cancelled, terms)
    found = route_of(moment.province, ticket)
    if found.confirm and ticket.accepted_by == "rules":
        held = Held(proposed=found.agency.code, reason=found.reason, at=moment.now)
        return Draft((opened, held), terms=terms)
    draft = _transfer(state, ticket, found.agency, found.reason, moment, by="rules")
    return Draft((opened, *draft.events), draft.timers_set, draft.timers_cancelled, terms)


def on_route(state: TicketState, command: RouteTicket, moment: Moment) -> TicketDraft:
    """An operator sends the ticket to an agency, at first or elsewhere."""
    if state.ticket is None:
        return _refused(command.id, "unknown_ticket", command.operator, moment)
    if state.revision != command.version_seen:
        return _refused(command.id, "outdated_version", command.operator, moment)
    if state.state is State.ANSWERED:
        return _refused(command.id, "already_answered", command.operator, moment)
    agency = moment.province.agency(command.agency, moment.province.day(moment.now))
    if agency is None:
        return _refused(command.id, "unknown_agency", command.operator, moment)
    if agency.code == state.agency:
        return _refused(command.id, "already_there", command.operator, moment)
    reason = RoutingReason(rule="chosen_by_operator", articles=("9.2",))
    return _transfer(state, state.ticket, agency, reason, moment, by=command.operator, note=command.personal)


def on_answer(state: TicketState, command: AnswerTicket, moment: Moment, unfit: str | None = None) -> TicketDraft:
    """The result: by the agency in charge, or by an operator from the knowledge base (Điều 9.1).

    `unfit` says why it is refused when nothing else speaks against it.
    """
    refusal = _answer_refusal(state, command) or unfit
    if state.ticket is None or refusal is not None:
        return _refused(command.id, refusal or "unknown_ticket", command.by, moment, agency=command.agency)
    answered = Answered(
        by=command.by,
        agency=command.agency or state.agency,
        at=moment.now,
        revision=state.revision + 1,
        files=in_order(command.files),
        personal=command.personal,
    )
    reply = result_reply(state.ticket, answered, moment.province, cause=moment.cause, now=moment.now)
    return Draft((answered, reply), timers_cancelled=(FOCAL_OFFICER_TIMER, HEAD_TIMER))


def on_addition(state: TicketState, command: AddToTicket, moment: Moment) -> TicketDraft:
    """The citizen added something; it is appended whatever state the ticket is in."""
    if state.ticket is None:
        return _refused(command.id, "unknown_ticket", "citizen", moment)
    terms = (f"code:{command.alias}",) if command.alias is not None else ()
    placed = command.model_copy(update={"attachments": numbered(state.ticket, command.attachments)})
    return Draft((Added(addition=placed),), terms=terms)


def on_timer(state: TicketState, timer: TimerDue) -> TicketDraft:
    """A clock ran out before an answer; a timer that no longer fits is only closed."""
    if state.state in AT_AGENCY and state.role is not None and state.due_at == timer.due_at:
        reached = DueReached(role=state.role, due_at=timer.due_at)
        return Draft((reached,), timers_cancelled=(timer.kind,))
    return Draft((TimerClosed(kind=timer.kind),))


def on_reply_event(event: ReplyEvent) -> TicketDraft:
    """How a reply about this ticket ended."""
    return Draft((ReplyEnded(reply_id=event.reply_id, state=event.state, reason=event.reason, by=event.by),))


def _transfer(
    state: TicketState,
    ticket: Ticket,
    agency: Agency,
    reason: RoutingReason,
    moment: Moment,
    *,
    by: Code,
    note: NotePersonal | None = None,
) -> TicketDraft:
    """Hand over to the focal officer: 8 working hours from now (Điều 10.1)."""
    hours = moment.province.times.focal_officer_hours
    transferred = Transferred(
        agency=agency.code,
        role=TransferRole.FOCAL_OFFICER,
        reason=reason,
        at=moment.now,
        due_at=moment.province.calendar.add(moment.now, hours),
        by=by,
        revision=state.revision + 1,
        withdrawn_from=state.agency,
        personal=note or NotePersonal(),
    )
    reply = transferred_reply(ticket, transferred, agency, moment.province, cause=moment.cause, now=moment.now)
    return Draft(
        (transferred, reply),
        timers_set=((FOCAL_OFFICER_TIMER, transferred.due_at),),
        timers_cancelled=(FOCAL_OFFICER_TIMER, HEAD_TIMER),
    )


def _answer_refusal(state: TicketState, command: AnswerTicket) -> str | None:
    if state.ticket is None:
        return "unknown_ticket"
    if command.agency is not None and command.agency != state.agency:
        return "not_in_charge"
    if state.revision != command.version_seen:
        return "outdated_version"
    if state.state is State.ANSWERED:
        return "already_answered"
    if not command.personal.text.strip():
        return "empty_answer"
    return refusal_of(state.ticket, command.files)


def _refused(command_id: UUID, reason: str, by: str, moment: Moment, *, agency: str | None = None) -> TicketDraft:
    return Draft((CommandRefused(command_id=command_id, reason=reason, by=by, agency=agency, at=moment.now),))
