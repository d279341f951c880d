"""What `Raw` of the email channel looks like, for the side that fetches mails and the side that reads them.

One mail is one record on `raw.email`, keyed by its mailbox:

    id            that of the message it becomes, derived from account, Message-ID and a digest of what was sent: the
                  same mail fetched again is the same record, and two mails with one Message-ID are two
    endpoint      the mailbox, lower case
    account       `Identity.account("email", "<mailbox>:<sender's address, lower case>")`; for a mail without a usable
                  sender the digest stands in its place, so that strangers do not share an account
    content_type  `message/rfc822`
    attachments   one, number 0, kind `other`, state `stored`: the mail's source, sealed under its sender's account
    payload       small JSON: {"size": <bytes the mail had>, "kept": <bytes that are kept>}
    trusted       always False: whoever writes From writes what they like

Whoever fetches files `kept(source)` under `account_of(...)` with the media type `SOURCE_TYPE`, then publishes
`raw_of(...)`: the file first, so that a record never refers to nothing. `Inbound.original` is that same file. Of a mail
beyond 25 MB only the beginning need be fetched; its attachments may be incomplete, its text is there.
"""

from datetime import datetime
from uuid import UUID

from pydantic import Field, ValidationError

from gateway.domain.identity import Identity
from gateway.errors import Invalid
from schemas.base import Value
from schemas.files import Attachment, AttachmentState, FileRef
from schemas.raw import Raw, RawPersonal
from schemas.vocabulary import Intake
from services.email_ingest.limits import MAX_SOURCE
from services.email_ingest.parse import Head, head_of

CHANNEL = "email"
SOURCE_TYPE = "message/rfc822"


class Sizes(Value):
    """The payload of a mail's record."""

    size: int = Field(ge=0, description="Bytes the mail had on its server.")
    kept: int = Field(ge=0, description="Bytes of it that are kept.")


def kept(source: bytes) -> bytes:
    """As much of a mail as is kept and read."""
    return source[:MAX_SOURCE]


def account_of(identity: Identity, mailbox: str, source: bytes) -> str:
    """The account of whoever sent this to `mailbox`; linear in the length of the source."""
    return sender_of(identity, mailbox=mailbox, source=source)[0]


def sender_of(identity: Identity, *, mailbox: str, source: bytes) -> tuple[str, UUID]:
    """The account of whoever sent this to `mailbox`, and the id of the message that it becomes."""
    head = head_of(kept(source))
    account = _account(identity, mailbox, head)
    return account, identity.inbound_id(CHANNEL, account, head.message_id, head.digest)


def raw_of(
    identity: Identity,
    *,
    mailbox: str,
    source: bytes,
    file: FileRef,
    received_at: datetime,
    size: int | None = None,
    trial: bool = False,
) -> Raw:
    """The record of a mail whose source is filed as `file`; `size` is what the server says it has, when more.

    Its account is the owner of the file: that of `account_of`, or what follows it where that citizen was erased.
    """
    head = head_of(kept(source))
    account = file.owner
    sizes = Sizes(size=max(size or 0, len(source)), kept=file.size)
    return Raw(
        id=identity.inbound_id(CHANNEL, account, head.message_id, head.digest),
        channel=CHANNEL,
        intake=Intake.EMAIL,
        endpoint=mailbox.lower(),
        account=account,
        received_at=received_at,
        trusted=False,
        content_type=SOURCE_TYPE,
        attachments=(Attachment(number=0, kind="other", state=AttachmentState.STORED, file=file),),
        trial=trial,
        personal=RawPersonal(payload=sizes.model_dump_json().encode()),
    )


def _account(identity: Identity, mailbox: str, head: Head) -> str:
    return identity.account(CHANNEL, f"{mailbox.lower()}:{head.sender or '?' + head.digest}")


def source_of(raw: Raw) -> FileRef:
    """Where the mail's source lies; raises `Invalid("unreadable")` for a record that is no mail."""
    file = raw.attachments[0].file if raw.attachments else None
    if file is None or raw.channel != CHANNEL:
        raise Invalid("unreadable", "A mail's record refers to its source.")
    return file


def was_cut(raw: Raw) -> bool:
    """Whether less of the mail is kept than it had, so that its last file may be incomplete."""
    try:
        sizes = Sizes.model_validate_json(raw.personal.payload)
    except ValidationError:
        raise Invalid("unreadable", "A mail's record says how large it was.") from None
    return sizes.kept < sizes.size
