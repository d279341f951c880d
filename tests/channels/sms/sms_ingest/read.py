"""What one request of the SMS gateway says."""

from typing import Literal

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from gateway.domain.chat_message import chat_message, passed_over
from gateway.domain.identity import Identity
from gateway.errors import Invalid
from gateway.runtime.webhook_channel import Heard
from schemas.base import Value
from schemas.inbound import Contact
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


def heard(raw: Raw, identity: Identity) -> Heard:
    """What the message is to the hotline; raises `Invalid("unreadable")`, which leaves its stub to an operator."""
    try:
        sms = TypeAdapter(Sms).validate_json(raw.personal.payload)
    except ValidationError:
        raise Invalid("unreadable", "The payload is no message of the gateway.") from None
    name = f"{sms.kind}:{sms.id}"
    if sms.kind == "report":
        return Heard(passed_over(raw, identity, sms.sender, name, "report"))
    said = chat_message(
        raw,
        identity,
        sms.sender,
        name,
        sent_at=sms.at,
        text=sms.text,
        contact=Contact(phone=sms.sender),
        verified=(ContactItem.PHONE,),
        pictures=sms.pictures,
    )
    return Heard(said, {"phone": sms.sender})
