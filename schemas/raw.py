"""What `receive` makes durable before it acknowledges: the payload verbatim, in an envelope that says whence."""

from uuid import UUID

from pydantic import Field

from schemas.base import Account, Code, Contract, Instant, Personal
from schemas.files import Attachment
from schemas.vocabulary import Intake


class RawPersonal(Personal):
    """The payload as it came."""

    payload: bytes = Field(description="Verbatim body; base64 in JSON.")
    headers: dict[str, str] = Field(default_factory=dict, description="The few request headers a reader needs.")


class Raw(Contract):
    """One request, batch or mail as it was received."""

    TYPE = "vn.1022.raw.v1"

    id: UUID = Field(description="For form and app the submission's inbound id; elsewhere derived from the payload.")
    channel: Code
    intake: Intake
    endpoint: str = Field(max_length=200, description="Receiving endpoint: OA, page, mailbox, or the form's account.")
    account: Account | None = Field(default=None, description="Known at receipt for form, app and operator entries.")
    received_at: Instant
    trusted: bool = Field(description="Whether the sender was authenticated.")
    content_type: str = Field(max_length=200)
    attachments: tuple[Attachment, ...] = ()
    trial: bool = False
    personal: RawPersonal
