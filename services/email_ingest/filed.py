"""Puts a filed mail back into a raw message, so that recorded mails can be read again after a reader was mended."""

from collections.abc import Sequence

from gateway.domain.identity import Identity
from gateway.errors import Invalid
from schemas.files import Attachment, AttachmentState
from schemas.inbound import Ignored, Inbound
from schemas.raw import Raw, RawPersonal
from services.email_ingest.inbound import Own, reading_of
from services.email_ingest.parse import read_mail
from services.email_ingest.raw import SOURCE_TYPE, source_of


def filed_raw(inbound: Inbound, source: bytes) -> Raw:
    """The raw message of a recorded mail, with its source as payload and its kept files behind the source."""
    if inbound.original is None:
        raise Invalid("no_original", "The mail's source is not kept.")
    original = Attachment(number=0, kind="other", state=AttachmentState.STORED, file=inbound.original)
    return Raw(
        id=inbound.id,
        channel=inbound.channel,
        intake=inbound.intake,
        endpoint=inbound.account,
        account=inbound.account,
        received_at=inbound.received_at,
        trusted=False,
        content_type=SOURCE_TYPE,
        attachments=(original, *inbound.attachments),
        trial=inbound.trial,
        personal=RawPersonal(payload=source),
    )


def read_filed(raw: Raw, identity: Identity) -> Sequence[Inbound | Ignored]:
    """What a mail says that was put back by `filed_raw`; it was read before, so it is read without a child.

    Raises `Invalid("source_elsewhere")` for a record as it stands on the topic, which only refers to its source.
    """
    if len(raw.personal.payload) != source_of(raw).size:
        raise Invalid("source_elsewhere", "The record refers to a filed source.")
    mail = read_mail(raw.personal.payload).mail
    return (reading_of(raw, mail, raw.attachments[1:], identity, Own()),)
