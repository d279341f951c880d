"""Where the dispatcher's work comes in: one handler per topic, each ending in one commit and its messages."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from gateway.bus.port import Record
from gateway.domain.draft import Draft
from gateway.domain.province import Province
from gateway.errors import Invalid, Unavailable
from gateway.runtime.histories import Histories, Recorded
from gateway.runtime.metrics import Metrics
from gateway.runtime.parsing import parsed
from schemas.commands import AddToTicket, AnswerTicket, RouteTicket
from schemas.conversation import TimerClosed
from schemas.envelope import Message
from schemas.files import FileRef
from schemas.reply import ReplyEvent
from schemas.ticket import Ticket
from schemas.ticket_history import HISTORY_PREFIX, TicketHistoryEvent, Transferred, history_of
from schemas.timer import TimerDue
from services.dispatcher.agency_answers import agency_of, answer_of, as_brought, cause_of, no_such_ticket
from services.dispatcher.life_cycle import Moment, on_addition, on_answer, on_reply_event, on_route, on_ticket, on_timer
from services.dispatcher.publish import messages_of
from services.dispatcher.ticket_state import TicketState, empty

Decide = Callable[[TicketState, Moment], Draft[TicketHistoryEvent]]
Brought = Callable[[str, UUID], Awaitable[Mapping[str, FileRef]]]
"""Which files an agency put down for a ticket, by address."""


class Dispatcher:
    """The one writer of `ticket/<id>`."""

    def __init__(
        self,
        histories: Histories[TicketState, TicketHistoryEvent],
        province: Province,
        *,
        brought: Brought,
        clock: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        """Take the histories it writes, the province's data, where agencies put files down, and the clock."""
        self._histories = histories
        self._province = province
        self._brought = brought
        self._clock = clock
        self._metrics = metrics

    async def tickets(self, record: Record) -> Sequence[Message]:
        """An accepted submission."""
        ticket = parsed(Ticket, record)
        return await self._change(
            history_of(ticket.id), ticket.id, lambda state, moment: on_ticket(state, ticket, moment), ticket.account
        )

    async def ticket_commands(self, record: Record) -> Sequence[Message]:
        """An operator's or an agency's command, or a citizen's addition."""
        if record.message.type == RouteTicket.TYPE:
            command = parsed(RouteTicket, record)
            return await self._change(
                history_of(command.ticket_id), command.id, lambda state, moment: on_route(state, command, moment)
            )
        if record.message.type == AnswerTicket.TYPE:
            answer = parsed(AnswerTicket, record)
            return await self._answer(answer, answer.id)
        return await self._addition(parsed(AddToTicket, record))

    async def agency_commands(self, record: Record) -> Sequence[Message]:
        """An answer of an agency that works over the bus; of one that is refused, the agency's queue tells."""
        answer = answer_of(record)
        refusal: str | None = None
        if answer.files:
            brought = await self._brought(agency_of(record.message.topic), answer.ticket_id)
            answer, refusal = as_brought(answer, brought)
        try:
            return await self._answer(answer, cause_of(record, answer), refusal)
        except Invalid as error:
            if error.reason != "unknown_history":
                raise
            return (no_such_ticket(record, answer),)

    async def timers(self, record: Record) -> Sequence[Message]:
        """A due time; those of other services' histories are not ours."""
        timer = parsed(TimerDue, record)
        if not timer.history.startswith(HISTORY_PREFIX):
            return ()
        closed: Draft[TicketHistoryEvent] = Draft((TimerClosed(kind=timer.kind),), timers_cancelled=(timer.kind,))
        return await self._change(timer.history, timer.id, lambda state, _: on_timer(state, timer), erased=closed)

    async def reply_events(self, record: Record) -> Sequence[Message]:
        """How a reply ended; those caused by conversations are not ours."""
        event = parsed(ReplyEvent, record)
        if not event.history.startswith(HISTORY_PREFIX):
            return ()
        ended = on_reply_event(event)
        return await self._change(event.history, event.id, lambda *_: ended, erased=ended)

    async def _answer(self, command: AnswerTicket, cause: UUID, refusal: str | None = None) -> Sequence[Message]:
        return await self._change(
            history_of(command.ticket_id), cause, lambda state, moment: on_answer(state, command, moment, refusal)
        )

    async def _addition(self, command: AddToTicket) -> Sequence[Message]:
        try:
            return await self._change(
                history_of(command.ticket_id), command.id, lambda state, moment: on_addition(state, command, moment)
            )
        except Invalid as error:
            if error.reason != "unknown_history":
                raise
            # The ticket itself comes over another topic and may be a moment behind its first addition.
            raise Unavailable("ticket_not_here_yet", "The ticket has not arrived.", retry_after=0.2) from error

    async def _change(
        self,
        history: str,
        cause: UUID,
        decide: Decide,
        owner: str | None = None,
        *,
        erased: Draft[TicketHistoryEvent] | None = None,
    ) -> Sequence[Message]:
        """Record what is decided, or `erased` where the citizen's data was erased and the ticket cannot be read."""
        now = self._clock()
        moment = Moment(self._province, cause, now)
        try:
            recorded, state = await self._histories.change(
                history, owner=owner, cause=cause, at=now, decide=lambda before: decide(before, moment)
            )
        except Invalid as error:
            if error.reason != "erased" or erased is None:
                raise
            state = empty()
            recorded = await self._histories.after_erasure(history, owner=owner, cause=cause, at=now, draft=erased)
        self._count(recorded, state)
        return messages_of(recorded, state)

    def _count(self, recorded: Recorded[TicketHistoryEvent], state: TicketState) -> None:
        for event in recorded.events:
            self._metrics.tickets.labels(event.event, state.agency or "none").inc()
            if isinstance(event, Transferred) and event.withdrawn_from is None and state.ticket is not None:
                taken = (event.at - state.ticket.received_at).total_seconds()
                self._metrics.received_to_transfer.observe(taken)
