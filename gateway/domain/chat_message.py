"""What a citizen wrote in a chat, in the contract's words: cleaned, dated, under derived names; pure."""

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.hygiene import clean_text
from gateway.domain.identity import Identity
from schemas.files import Attachment, AttachmentPersonal, AttachmentState
from schemas.inbound import Contact, Ignored, Inbound, InboundPersonal
from schemas.raw import Raw
from schemas.vocabulary import ContactItem


def chat_message(  # noqa: PLR0913 - what people write comes with all of this
    raw: Raw,
    identity: Identity,
    user: str,
    name: str,
    *,
    sent_at: datetime,
    text: str,
    contact: Contact | None = None,
    verified: tuple[ContactItem, ...] = (),
    pictures: Sequence[str] = (),
) -> Inbound:
    """A message that opens or goes on with a matter.

    `user` and `name` are the platform's own for who wrote and for the message; `sent_at` is aware and counts as no
    later than when it came. `pictures` are links that the media stage fetches.
    """
    account = identity.account(raw.channel, f"{raw.endpoint}:{user}")
    named = identity.inbound_id(raw.channel, account, name)
    return Inbound(
        id=named,
        channel=raw.channel,
        intake=raw.intake,
        account=account,
        code=identity.receipt_code(named),
        sent_at=min(sent_at, raw.received_at),
        received_at=raw.received_at,
        attachments=tuple(
            Attachment(
                number=number,
                kind="image",
                state=AttachmentState.PENDING,
                personal=AttachmentPersonal(source_url=url),
            )
            for number, url in enumerate(pictures)
        ),
        trial=raw.trial,
        personal=InboundPersonal(text=clean_text(text), contact=contact or Contact(), verified=verified),
    )


def passed_over(raw: Raw, identity: Identity, user: str, name: str, reason: str) -> Ignored:
    """What puts no matter, such as a report that a message of ours arrived; `reason` is a snake_case code."""
    account = identity.account(raw.channel, f"{raw.endpoint}:{user}")
    named = identity.inbound_id(raw.channel, account, name)
    return Ignored(id=named, channel=raw.channel, account=account, reason=reason, received_at=raw.received_at)
