"""What downstream systems may know: facts without any personal data, by construction."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from schemas.base import Account, Code, Contract, Instant, ReceiptCode
from schemas.judgement import RankedField
from schemas.outcome import Outcome
from schemas.ticket import Locality
from schemas.vocabulary import Intake, Language, TransferRole


class SubmissionEvent(Contract):
    """The outcome of an inbound message, or a change of it."""

    TYPE = "vn.1022.submission_event.v1"

    id: UUID
    account: Account
    code: ReceiptCode | None
    inbound_ids: tuple[UUID, ...]
    channel: Code
    intake: Intake
    language: Language | None
    outcome: Outcome
    revision: int = Field(description="Counts the decisions on this submission, from 1.")
    alert: bool = Field(default=False, description="Operators are to look at once (urgent, emergency).")
    at: Instant
    trial: bool = False


class TicketEvent(Contract):
    """A step in a ticket's life."""

    TYPE = "vn.1022.ticket_event.v1"

    id: UUID
    ticket_id: UUID
    code: ReceiptCode
    step: Literal["opened", "held", "transferred", "added", "answered", "due_reached", "command_refused"]
    state: Code
    version: int = Field(description="The ticket history's version that this follows from.")
    field: RankedField
    locality: Locality | None = None
    agency: Code | None = None
    role: TransferRole | None = None
    due_at: Instant | None = None
    reason: str = Field(default="", max_length=100)
    at: Instant
    trial: bool = False
