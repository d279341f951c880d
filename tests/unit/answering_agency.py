"""A ticket that is with an agency, and what the dispatcher makes of the agency's answers to it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar
from uuid import uuid4

from gateway.bus.port import Record
from gateway.runtime.deployment import Deployment
from gateway.runtime.guard import Guard
from gateway.runtime.histories import to_message
from schemas.base import Contract
from schemas.commands import AnswerTicket, NotePersonal
from schemas.envelope import Message
from schemas.ticket import Transfer
from schemas.ticket_history import TicketHistoryEvent, history_of
from services.dispatcher import wiring
from services.dispatcher.agency_answers import unreadable
from services.dispatcher.receive import Dispatcher
from tests.unit.test_ticket_life_cycle import a_ticket

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
OTHER = "dn_so_y_te"

ContractT = TypeVar("ContractT", bound=Contract)


class Played:
    """A dispatcher with one ticket that is with an agency."""

    def __init__(self, deployment: Deployment) -> None:
        """Take an empty deployment."""
        self.deployment = deployment
        self.dispatcher: Dispatcher = wiring.service(deployment)
        self._histories = wiring.histories(deployment.store, deployment.vault)
        self.guard = Guard(
            self.dispatcher.agency_commands,
            stage="dispatcher",
            group="dispatcher",
            metrics=deployment.metrics,
            clock=lambda: NOW,
            stub=unreadable,
        )
        self.ticket = a_ticket(received_at=NOW, accepted_at=NOW)

    async def begin(self) -> None:
        """Have the ticket transferred."""
        message = to_message("tickets", str(self.ticket.id), self.ticket, source="normalizer", at=NOW)
        (self.transfer,) = told(await self.dispatcher.tickets(Record(message, "0", 0, NOW)), Transfer)

    def answer(self, **more: object) -> AnswerTicket:
        """An answer as the agency in charge gives it."""
        return AnswerTicket.model_validate(
            {
                "id": uuid4(),
                "ticket_id": self.ticket.id,
                "version_seen": self.transfer.revision,
                "by": self.transfer.agency,
                "at": NOW,
                "personal": NotePersonal(text="Đã khắc phục."),
                **more,
            }
        )

    async def given(self, answer: AnswerTicket, agency: str) -> Sequence[Message]:
        """What follows from an answer on an agency's topic."""
        message = to_message(f"agency.{agency}.commands", "any", answer, source="agency", at=NOW)
        return await self.guard(Record(message, "0", 0, NOW))

    async def recorded(self) -> Sequence[TicketHistoryEvent]:
        """Every event of the ticket."""
        return [
            event for commit in await self._histories.record_of(history_of(self.ticket.id)) for event in commit.events
        ]


def told(messages: Sequence[Message], kind: type[ContractT]) -> list[ContractT]:
    return [kind.model_validate_json(one.value) for one in messages if one.type == kind.TYPE]
