"""Says what a read mail is to the gateway: a citizen's message, or none and why. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import assert_never

from gateway.domain.hygiene import MAX_TEXT
from gateway.domain.identity import Identity
from schemas.files import Attachment
from schemas.inbound import Contact, Ignored, Inbound, InboundPersonal
from schemas.raw import Raw
from schemas.vocabulary import Intake
from services.email_ingest.mail import Auto, Mail
from services.email_ingest.raw import CHANNEL, source_of
from services.email_ingest.signatures import phone_in
from services.email_ingest.subjects import with_subject
from services.email_ingest.threads import answered

OWN_MAIL = "own_mail"
REASONS = ("auto_reply", "bounce", "mailing_list", "report", OWN_MAIL)
"""Why a mail is no citizen's message, all of them."""

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Dates before are a clock that was never set."""


@dataclass(frozen=True, slots=True)
class Own:
    """What is ours: addresses that the gateway sends from, and lists through which its mailbox gets its mail."""

    addresses: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()


def reading_of(
    raw: Raw, mail: Mail, attachments: tuple[Attachment, ...], identity: Identity, own: Own
) -> Inbound | Ignored:
    """What a mail is; `attachments` are its files as they were kept. The same for the same mail, always."""
    file = source_of(raw)
    account = raw.account or file.owner
    reason = ignored_for(mail, own)
    if reason is not None:
        return Ignored(
            id=raw.id,
            channel=CHANNEL,
            account=account,
            reason=reason,
            received_at=raw.received_at,
            sent_by_citizen=mail.auto is Auto.AUTO_REPLY,
            trial=raw.trial,
        )
    return Inbound(
        id=raw.id,
        channel=CHANNEL,
        intake=Intake.EMAIL,
        account=account,
        code=identity.receipt_code(raw.id),
        sent_at=_sent_at(mail, raw.received_at),
        received_at=raw.received_at,
        answers=answered(mail, account, identity),
        attachments=attachments,
        original=file,
        trial=raw.trial,
        personal=_personal(mail),
    )


def ignored_for(mail: Mail, own: Own) -> str | None:
    """Why a mail is not a citizen's message, one of `REASONS`; None when it is one.

    Lists of our own are no lists: a mailbox behind a group address gets every citizen's mail as list mail.
    """
    if _untagged(mail.sender.address.lower()) in own.addresses:
        return OWN_MAIL
    match mail.auto:
        case Auto.NONE:
            return None
        case Auto.LIST:
            return None if mail.lists and own.lists.issuperset(mail.lists) else "mailing_list"
        case Auto.AUTO_REPLY | Auto.BOUNCE | Auto.REPORT:
            return mail.auto.value
        case _:
            assert_never(mail.auto)


def _untagged(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def _sent_at(mail: Mail, received_at: datetime) -> datetime:
    if mail.date is None or mail.date < EARLIEST or mail.date > received_at:
        return received_at
    return mail.date.astimezone(UTC)


def _personal(mail: Mail) -> InboundPersonal:
    address = mail.sender.address
    name = mail.sender.name if mail.sender.name.lower() != address.lower() else ""
    # Who signs with a phone number below two dashes gave it, unless the text names one.
    phone = phone_in(mail.signature) if phone_in(mail.text) is None else None
    return InboundPersonal(
        text=with_subject(mail.subject, mail.text)[:MAX_TEXT].strip(),
        quoted=mail.quoted,
        contact=Contact(name=name or None, email=address or None, phone=phone),
    )
