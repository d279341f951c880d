"""What operators and agencies ask for; imperative, carried by topics, refused when the version they saw is outdated."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from schemas.base import Account, ArticleRef, Code, Contract, Instant, Personal, ReceiptCode, Text
from schemas.files import MOST_ANSWER_FILES, AnswerFile, Attachment
from schemas.inbound import Inbound
from schemas.vocabulary import Label, RejectReason


class NotePersonal(Personal):
    """Free words of an operator or officer."""

    text: Text = ""


class ReviewCommand(Contract):
    """An operator's verdict on a submission (Điều 8, 9).

    Its id is derived from code, version seen, verdict and operator, so a double click is one command.
    """

    TYPE = "vn.1022.review_command.v1"

    id: UUID
    code: ReceiptCode
    account: Account
    verdict: Literal["accept", "reject", "redirect"]
    version_seen: int = Field(ge=0, description="The submission's revision that the operator was looking at.")
    operator: Code
    at: Instant
    label: Label | None = Field(default=None, description="accept: corrected field; redirect: which number.")
    subfield: Code | None = None
    agency: Code | None = Field(default=None, description="accept: agency chosen at once.")
    reason: RejectReason = RejectReason.BY_OPERATOR
    articles: tuple[ArticleRef, ...] = ()
    personal: NotePersonal = NotePersonal()


class CorrectReading(Contract):
    """A message as a mended reader reads it, approved by an operator who saw what differs.

    Its id is derived from the message and the run, so that a run corrects each message once.
    """

    TYPE = "vn.1022.correct_reading.v1"

    id: UUID
    account: Account
    run: Code = Field(description="Name of the occasion, such as the mend that made reading again worth while.")
    operator: Code
    at: Instant
    inbound: Inbound = Field(description="The message as it is read now.")


class SettleWithdrawal(Contract):
    """An operator has seen to a citizen's wish to have their data erased or restricted; what was done is in the note.

    Its id is derived from the withdrawal and the operator, so that it is given once.
    """

    TYPE = "vn.1022.settle_withdrawal.v1"

    id: UUID
    account: Account
    withdrawal: UUID
    operator: Code
    at: Instant
    personal: NotePersonal = NotePersonal()


class RouteTicket(Contract):
    """An operator sends a ticket to an agency: confirms, corrects, or follows an opinion (Điều 9.2, 9.6)."""

    TYPE = "vn.1022.route_ticket.v1"

    id: UUID
    ticket_id: UUID
    version_seen: int
    operator: Code
    at: Instant
    agency: Code
    personal: NotePersonal = NotePersonal()


class AnswerTicket(Contract):
    """The answer to the citizen: by an operator from the knowledge base (Điều 9.1) or by the agency (Điều 9.3)."""

    TYPE = "vn.1022.answer_ticket.v1"

    id: UUID
    ticket_id: UUID
    version_seen: int
    by: Code = Field(description="Operator or agency code.")
    agency: Code | None = Field(default=None, description="Set when an agency answers; must be the one in charge.")
    at: Instant
    files: tuple[AnswerFile, ...] = Field(
        default=(), max_length=MOST_ANSWER_FILES, description="Together at most 15 MB, owned by the ticket's account."
    )
    personal: NotePersonal


class AdditionWords(NotePersonal):
    """What is added, and how the ticket's own words change by it."""

    content: Text | None = Field(
        default=None, description="The ticket's content from now on, where a message that it was made of changed."
    )


class AddToTicket(Contract):
    """What a citizen adds to an accepted submission, says otherwise, or takes back: appended, the clock goes on."""

    TYPE = "vn.1022.add_to_ticket.v1"

    id: UUID
    ticket_id: UUID
    inbound_id: UUID
    at: Instant
    attachments: tuple[Attachment, ...] = ()
    alias: ReceiptCode | None = Field(default=None, description="Code of a message merged into this ticket.")
    corrects: bool = Field(default=False, description="No new message: what `inbound_id` says now.")
    withdrawn: bool = Field(
        default=False,
        description="No new message: the citizen deleted `inbound_id`. `attachments` are what is no longer shown.",
    )
    personal: AdditionWords = AdditionWords()
