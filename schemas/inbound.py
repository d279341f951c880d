"""One message of one citizen in the gateway's own words, whatever channel it came by."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from schemas.base import Account, Code, Contract, Instant, Personal, ReceiptCode, ShortText, Text, Value
from schemas.files import Attachment, FileRef
from schemas.vocabulary import ContactItem, Intake, Label, Language


class Contact(Personal):
    """Who writes and how they are reached (Điều 6.3); absent items are None."""

    name: ShortText | None = None
    phone: str | None = Field(default=None, max_length=40, description="E.164 once understood.")
    email: str | None = Field(default=None, max_length=254)
    address: ShortText | None = None


class Consent(Value):
    """What the citizen agreed to, and on which text: consent is never presumed (Luật 91/2025/QH15 Điều 9)."""

    notice_version: str = Field(max_length=40)
    publish_details: bool = False
    exact_position: bool = False


class Position(Personal):
    """A point that the citizen shared, in degrees (WGS 84)."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class InboundPersonal(Personal):
    """The message itself."""

    text: Text
    quoted: Text = Field(default="", description="What the sender only quoted: kept, never judged.")
    contact: Contact = Contact()
    position: Position | None = None
    place: ShortText | None = Field(default=None, description="Where the matter is, when told apart from the text.")
    verified: tuple[ContactItem, ...] = Field(default=(), description="Contact items the channel itself vouches for.")


class Inbound(Contract):
    """A citizen's message, ready to be judged."""

    TYPE = "vn.1022.inbound.v1"

    id: UUID
    channel: Code
    intake: Intake
    account: Account
    code: ReceiptCode = Field(description="Receipt code derived from this id; the submission's if it opens one.")
    sent_at: Instant = Field(description="The source's own time.")
    received_at: Instant
    language_chosen: Language | None = Field(default=None, description="Language of the page the citizen used.")
    answers: ReceiptCode | None = Field(default=None, description="Receipt code of the submission this adds to.")
    edits: UUID | None = Field(default=None, description="Earlier message of this account that this replaces.")
    attachments: tuple[Attachment, ...] = ()
    original: FileRef | None = Field(default=None, description="This message's part of the raw payload.")
    consent: Consent | None = None
    operator: Code | None = Field(default=None, description="Who typed it in, for calls, letters and portal items.")
    label_given: Label | None = Field(default=None, description="Field an operator chose while typing it in.")
    subfield_given: Code | None = None
    trial: bool = False
    personal: InboundPersonal


class StaffPersonal(Personal):
    """What a member of staff wrote."""

    text: Text = ""


class StaffMessage(Contract):
    """What staff wrote in the channel's own inbox, past the gateway: kept with the conversation (Điều 7)."""

    TYPE = "vn.1022.staff_message.v1"

    id: UUID
    channel: Code
    account: Account
    sent_at: Instant = Field(description="The platform's own time.")
    received_at: Instant
    trial: bool = False
    personal: StaffPersonal = StaffPersonal()


class Withdrawn(Contract):
    """A citizen took something back; an operator must see to it, nothing is erased by itself."""

    TYPE = "vn.1022.withdrawn.v1"

    id: UUID
    channel: Code
    account: Account
    what: Literal["personal_data", "message"] = Field(
        description="personal_data: erasure or restriction is asked for; message: one message was deleted."
    )
    message: UUID | None = Field(default=None, description="Inbound message that was deleted, where one is named.")
    received_at: Instant
    trial: bool = False


class Unreadable(Contract):
    """A stub: it stands in the place of a payload that could not be read, until a person has looked at the original.

    It holds no words of anybody; what came lies sealed under `original`.
    """

    TYPE = "vn.1022.unreadable.v1"

    id: UUID = Field(description="That of its inbound, once it is read; one of its own where the account is.")
    channel: Code
    intake: Intake
    account: Account = Field(description="The citizen's; one of its own where nobody can tell who wrote.")
    code: ReceiptCode = Field(description="Receipt code derived from this id.")
    received_at: Instant
    reason: Code = Field(description="Why it could not be read.")
    answers: ReceiptCode | None = Field(default=None, description="Receipt code of the submission this adds to.")
    original: FileRef = Field(description="The payload as it came.")
    attachments: tuple[Attachment, ...] = Field(default=(), description="Those that were stored on receipt.")
    dead_letter: UUID | None = Field(default=None, description="The record itself, kept for being put back.")
    trial: bool = False


class Ignored(Contract):
    """A received event that puts no matter; counted by its reason, and recorded where a citizen sent it.

    What is recorded of it: docs/decisions/0015-what-is-recorded-of-what-is-no-message.md.
    """

    TYPE = "vn.1022.ignored.v1"

    id: UUID
    channel: Code
    account: Account | None = None
    reason: Code = Field(description="One of the channel's closed set.")
    received_at: Instant
    sent_by_citizen: bool = Field(
        default=False,
        description="A message of the citizen's own, such as a sticker or an automatic reply: it has its place in the "
        "conversation. Everything else, such as a receipt or a reaction, is only counted.",
    )
    trial: bool = False
