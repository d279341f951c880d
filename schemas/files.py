"""References to large things: messages carry them, the file store keeps the bytes."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from schemas.base import Account, Code, Contract, Instant, Personal, ShortText, Value

MOST_NUMBER = 999
"""Largest number of an attachment."""

MOST_ANSWER_FILES = 5
"""Files of one answer: on a chat each is a message of its own, and nobody is to be flooded."""

MOST_ANSWER_BYTES = 15_000_000
"""All files of one answer together: Base64 makes 20 MB of them, and mail servers refuse more than 25 MB."""

FileName = Annotated[
    str,
    StringConstraints(
        min_length=1,
        max_length=120,
        pattern=r'^[^\x00-\x20\x7f-\x9f/\\<>:"|?*.][^\x00-\x1f\x7f-\x9f/\\<>:"|?*\u202a-\u202e\u2066-\u2069]*$',
    ),
]
"""A name that is only a name: no folders, no control or turning signs, not hidden; for showing and for saving."""


class FileRef(Value):
    """Where sealed bytes lie; `address` is a keyed hash of owner and bytes, so it names nobody."""

    address: str = Field(pattern=r"^[0-9a-f]{64}$")
    owner: Account
    size: int = Field(ge=0, description="Bytes before sealing.")
    media_type: str = Field(max_length=100, description="Type told by the bytes themselves, not by the sender.")


class AttachmentState(StrEnum):
    """Whether an attachment's bytes are here; no decision waits for them."""

    PENDING = "pending"
    STORED = "stored"
    LOST = "lost"


class AttachmentPersonal(Personal):
    """What the sender called the file, and where a platform keeps it."""

    name: ShortText = ""
    source_url: str = Field(default="", max_length=4000)


class Attachment(Value):
    """A photo, recording or document that came with a message."""

    number: int = Field(ge=0, le=MOST_NUMBER, description="Position in its message, from 0.")
    kind: Code = Field(description="image, audio, video, document or other.")
    state: AttachmentState
    file: FileRef | None = None
    personal: AttachmentPersonal = AttachmentPersonal()


class AnswerFilePersonal(Personal):
    """What the citizen sees the file called."""

    name: FileName


class AnswerFile(Value):
    """A picture or document that an answer brings to the citizen; whoever answers puts it in the file store first.

    It lies under the citizen's own account, so that erasing the citizen's data reaches it.
    """

    number: int = Field(ge=0, lt=MOST_ANSWER_FILES, description="Position in its answer, from 0.")
    kind: Code = Field(description="image, audio, video or document.")
    file: FileRef
    personal: AnswerFilePersonal


class AttachmentStored(Contract):
    """The bytes of a pending attachment are now in the file store."""

    TYPE = "vn.1022.attachment_stored.v1"

    id: UUID
    inbound_id: UUID
    account: Account
    number: int
    file: FileRef
    at: Instant


class AttachmentLost(Contract):
    """The bytes of a pending attachment could not be had; the ticket goes on without them and says so."""

    TYPE = "vn.1022.attachment_lost.v1"

    id: UUID
    inbound_id: UUID
    account: Account
    number: int
    reason: Code
    at: Instant


class AttachmentWaiting(Contract):
    """A pending attachment whose host does not answer: tried again from here, so that nobody waits behind it."""

    TYPE = "vn.1022.attachment_waiting.v1"

    id: UUID
    inbound_id: UUID
    channel: Code
    account: Account
    attachment: Attachment
    since: Instant = Field(description="When its message was published; an hour later the attachment is given up.")
    attempt: int = Field(ge=1, description="How often it was tried.")
    not_before: Instant
