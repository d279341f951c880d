"""The canonical ticket (thông tin ghi lưu), and its transfer to an agency (phiếu chuyển)."""

from uuid import UUID

from pydantic import Field

from schemas.base import Account, ArticleRef, Code, Contract, Instant, Personal, ReceiptCode, ShortText, Text, Value
from schemas.files import Attachment, FileRef
from schemas.inbound import Consent, Contact
from schemas.judgement import Classification, Evidence
from schemas.vocabulary import Intake, Language, TransferRole


class Locality(Value):
    """An administrative unit as it was on the date of receipt: codes are re-used, so the date belongs to it."""

    code: str = Field(max_length=20)
    valid_from: str = Field(max_length=10, description="ISO date; empty when before the data begins.")
    name: str = Field(max_length=100)
    district_code: str = Field(default="", max_length=20)


class TicketPersonal(Personal):
    """Kept per ticket after Điều 11.1; for operators and the handling agency only (Điều 3.4, 18.5)."""

    contact: Contact
    content: Text
    place: ShortText | None = None
    evidence: tuple[Evidence, ...] = ()


class Ticket(Contract):
    """An accepted submission."""

    TYPE = "vn.1022.ticket.v1"

    id: UUID
    code: ReceiptCode
    aliases: tuple[ReceiptCode, ...] = ()
    channel: Code
    intake: Intake
    account: Account
    language: Language
    received_at: Instant = Field(description="When the first message of the submission was durable.")
    accepted_at: Instant
    classification: Classification
    urgent: bool = False
    conduct: bool = Field(default=False, description="Điều 17.2: a person judges; never a ground for rejection alone.")
    locality: Locality | None = Field(default=None, description="Where the matter is, as far as it is known.")
    agency_given: Code | None = Field(default=None, description="Agency an operator chose on review.")
    accepted_by: Code = Field(default="rules", description="`rules`, or the operator who decided.")
    inbound_ids: tuple[UUID, ...]
    attachments: tuple[Attachment, ...] = ()
    originals: tuple[FileRef, ...] = ()
    consent: Consent | None = None
    province: Code
    regulation: str = Field(max_length=80, description="Regulation and version that judged it.")
    trial: bool = False
    personal: TicketPersonal


class RoutingReason(Value):
    """Why this agency: the row of the routing table that matched, or why none did."""

    rule: str = Field(max_length=100)
    articles: tuple[ArticleRef, ...] = ()
    competing: tuple[Code, ...] = Field(default=(), description="Other agencies whose row matched as well.")


class Transfer(Contract):
    """A ticket in an agency's queue, with the clock that runs."""

    TYPE = "vn.1022.transfer.v1"

    id: UUID
    ticket: Ticket
    ticket_version: int
    agency: Code
    role: TransferRole
    reason: RoutingReason
    transferred_at: Instant
    revision: int = Field(default=0, description="What an answer names as `version_seen`; 0: not told.")
    due_at: Instant = Field(description="End of the 8 or 48 working hours from the durable transfer (Điều 10).")


class TransferWithdrawn(Contract):
    """The ticket left this agency's queue: it was sent to another one."""

    TYPE = "vn.1022.transfer_withdrawn.v1"

    id: UUID
    ticket_id: UUID
    code: ReceiptCode
    ticket_version: int
    agency: Code
    at: Instant


class AdditionPersonal(Personal):
    """What the citizen added."""

    text: Text = ""


class TicketAddition(Contract):
    """The citizen added something to a ticket in this agency's queue; the clock goes on."""

    TYPE = "vn.1022.ticket_addition.v1"

    id: UUID
    ticket_id: UUID
    code: ReceiptCode
    ticket_version: int
    agency: Code
    inbound_id: UUID
    attachments: tuple[Attachment, ...] = ()
    corrects: bool = Field(default=False, description="No new message: what `inbound_id` says now.")
    withdrawn: bool = Field(default=False, description="No new message: the citizen deleted `inbound_id`.")
    at: Instant
    personal: AdditionPersonal


class AnswerRefused(Contract):
    """An answer of this agency was not taken, and nothing changed: what it is told instead of nothing at all."""

    TYPE = "vn.1022.answer_refused.v1"

    id: UUID
    agency: Code
    answer_id: str = Field(max_length=100, description="Id of the answer; of one that could not be read, its `ce_id`.")
    ticket_id: UUID | None = Field(default=None, description="None when the answer could not be read.")
    reason: Code = Field(description="not_in_charge, outdated_version, already_answered, empty_answer, malformed, ….")
    revision: int | None = Field(default=None, description="The ticket's present one, while it is with this agency.")
    at: Instant
