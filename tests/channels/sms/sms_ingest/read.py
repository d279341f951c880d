"""What one request of the SMS gateway says: `heard` decides, the stage around it files and notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from gateway.bus.port import Record
from gateway.domain.channel_messages import inbound_message
from gateway.domain.hygiene import clean_text
from gateway.domain.identity import Identity
from gateway.errors import Invalid
from gateway.files.port import Files
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.parsing import parsed
from schemas.base import Value
from schemas.envelope import Message
from schemas.files import Attachment, AttachmentPersonal, AttachmentState
from schemas.inbound import Contact, Ignored, Inbound, InboundPersonal
from schemas.raw import Raw
from schemas.vocabulary import ContactItem


class Sms(Value):
    """A message as the gateway sends it; a report of one of ours has `kind` `report`."""

    kind: Literal["sms", "report"]
    id: str = Field(min_length=1, max_length=64)
    sender: str = Field(pattern=r"^\+[0-9]{8,15}$")
    at: AwareDatetime
    text: str = ""
    pictures: tuple[str, ...] = Field(default=(), max_length=10)


def sms_of(raw: Raw) -> Sms:
    """The message in a payload; raises `Invalid("unreadable")`, which leaves its stub to an operator."""
    try:
        return TypeAdapter(Sms).validate_json(raw.personal.payload)
    except ValidationError:
        raise Invalid("unreadable", "The payload is no message of the gateway.") from None


def heard(raw: Raw, sms: Sms, identity: Identity) -> Inbound | Ignored:
    """What the message is to the hotline: pure, and the same whenever it is read again."""
    account = identity.account(raw.channel, f"{raw.endpoint}:{sms.sender}")
    named = identity.inbound_id(raw.channel, account, f"{sms.kind}:{sms.id}")
    if sms.kind == "report":
        return Ignored(id=named, channel=raw.channel, account=account, reason="report", received_at=raw.received_at)
    pictures = enumerate(AttachmentPersonal(source_url=url) for url in sms.pictures)
    return Inbound(
        id=named,
        channel=raw.channel,
        intake=raw.intake,
        account=account,
        code=identity.receipt_code(named),
        sent_at=min(sms.at, raw.received_at),
        received_at=raw.received_at,
        attachments=tuple(
            Attachment(number=number, kind="image", state=AttachmentState.PENDING, personal=personal)
            for number, personal in pictures
        ),
        trial=raw.trial,
        personal=InboundPersonal(
            text=clean_text(sms.text), contact=Contact(phone=sms.sender), verified=(ContactItem.PHONE,)
        ),
    )


@dataclass(frozen=True)
class Read:
    """The stage `sms_ingest.read`."""

    identity: Identity
    files: Files
    correspondents: Correspondents

    async def __call__(self, record: Record) -> Sequence[Message]:
        """Read one request; raises `Invalid` for what is none, `Unavailable` when something cannot be kept."""
        raw = parsed(Raw, record)
        sms = sms_of(raw)
        said = heard(raw, sms, self.identity)
        if isinstance(said, Inbound):
            original = await self.files.put(said.account, raw.personal.payload, media_type=raw.content_type)
            said = said.model_copy(update={"original": original})
            await self.correspondents.note(said.account, {"phone": sms.sender}, at=raw.received_at)
        return (inbound_message(said, raw.endpoint),)
