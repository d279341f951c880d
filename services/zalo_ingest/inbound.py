"""Says what a Zalo event says, in the gateway's words: pure, so the same input always gives the same output."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from gateway.domain.channel_messages import Said
from gateway.domain.hygiene import clean_text
from gateway.domain.identity import Identity
from gateway.errors import Invalid
from schemas.inbound import Contact, Ignored, Inbound, InboundPersonal, StaffMessage, StaffPersonal, Withdrawn
from schemas.raw import Raw
from schemas.vocabulary import ContactItem, Intake
from services.zalo_ingest.attachments import Beside, beside
from services.zalo_ingest.catalogue import ASIDES, OF_A_CITIZEN, Aside, Meaning, meaning_of
from services.zalo_ingest.contact import contact_of
from services.zalo_ingest.event import CHANNEL, Event, event_of, noted
from services.zalo_ingest.payload import member, members_of, name_at, words

NO_OA = "unknown"
"""Endpoint of an event that names none of our OAs and was not signed by one."""


@dataclass(frozen=True, slots=True)
class Echo:
    """The platform's copy of a message of ours: its own name for it, and what it may be known by.

    `kind` is what Zalo calls the message, such as text, image or file.
    """

    remote_id: str
    text: str = field(repr=False)
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Heard:
    """One event as it was understood.

    `at` is the platform's time (aware UTC). `correspondent` is what to note about `account` for answering it; `echo`
    and `revoked` are told to the outbox and to the keeper of tokens.
    """

    read: Said
    at: datetime
    account: str | None = None
    correspondent: Mapping[str, str] = field(default_factory=dict, repr=False)
    echo: Echo | None = None
    revoked: bool = False


def read_raw(raw: Raw, identity: Identity) -> tuple[Said, ...]:
    """What one webhook says: always exactly one record, since Zalo sends one event a request."""
    return (heard(raw, identity).read,)


def heard(raw: Raw, identity: Identity) -> Heard:
    """One webhook understood; never raises for what anybody may send."""
    try:
        body = members_of(raw.personal.payload)
    except Invalid:
        return _unheard(raw, Aside.UNREADABLE)
    if raw.endpoint == NO_OA:
        return _unheard(raw, Aside.UNKNOWN_OA)
    event = event_of(raw, identity, body)
    meaning = meaning_of(event.name)
    # While signatures are not yet enforced, citizens are heard; nothing else is done on an unsigned word.
    if not raw.trusted and meaning not in (Meaning.MESSAGE, Meaning.ANONYMOUS, Meaning.CONTACT):
        return _unheard(raw, Aside.BAD_SIGNATURE)
    if meaning is None:
        return _unheard(raw, Aside.UNKNOWN_EVENT)
    if meaning is Meaning.REVOCATION:
        return Heard(_ignored(raw, Aside.PERMISSION_REVOKED, None), event.at, revoked=True)
    if meaning is Meaning.ASIDE:
        return _aside(event)
    account = event.account
    if account is None:
        return _unheard(raw, Aside.NOBODY)
    return _of_citizen(event, meaning, account)


def _of_citizen(event: Event, meaning: Meaning, account: str) -> Heard:
    match meaning:
        case Meaning.MESSAGE | Meaning.ANONYMOUS:
            return Heard(_message(event, account), event.at, account, noted(event))
        case Meaning.CONTACT:
            return Heard(_contact(event, account), event.at, account, noted(event))
        case Meaning.STICKER:
            return Heard(_ignored(event.raw, Aside.STICKER, account), event.at, account, noted(event))
        case Meaning.OWN:
            return _own(event, account)
        case Meaning.WITHDRAWAL:
            return Heard(_withdrawn(event, account), event.at, account)
        case Meaning.ASIDE | Meaning.REVOCATION:
            raise ValueError("these concern no single citizen")
        case _:
            assert_never(meaning)


def _message(event: Event, account: str) -> Inbound | Ignored:
    message = member(event.body, "message")
    found = beside(message) if isinstance(message, Mapping) else Beside()
    text = _with_links(words(message, "text"), found.links)
    if not (text or found.files or found.position or found.phone):
        return _ignored(event.raw, Aside.EMPTY_MESSAGE, account)
    personal = InboundPersonal(
        text=text,
        quoted=clean_text("\n".join(found.described)).strip(),
        contact=Contact(phone=found.phone),
        position=found.position,
    )
    return _inbound(event, account, personal, found)


def _with_links(text: str, links: tuple[str, ...]) -> str:
    missing = [link for link in links if link not in text]
    return clean_text("\n".join(part for part in (text.strip(), *missing) if part)).strip()


def _contact(event: Event, account: str) -> Inbound | Ignored:
    contact = contact_of(event.body)
    if contact == Contact():
        return _ignored(event.raw, Aside.EMPTY_MESSAGE, account)
    # The number is the one of the Zalo account itself, as long as Zalo is who says so.
    vouched = (ContactItem.PHONE,) if contact.phone and event.raw.trusted else ()
    return _inbound(event, account, InboundPersonal(text="", contact=contact, verified=vouched), Beside())


def _inbound(event: Event, account: str, personal: InboundPersonal, found: Beside) -> Inbound:
    inbound_id = event.id_for(account)
    return Inbound(
        id=inbound_id,
        channel=CHANNEL,
        intake=Intake.CHAT,
        account=account,
        code=event.identity.receipt_code(inbound_id),
        sent_at=event.at,
        received_at=event.raw.received_at,
        attachments=found.files,
        trial=event.raw.trial,
        personal=personal,
    )


def _own(event: Event, account: str) -> Heard:
    """A message of the OA: by staff when an `admin_id` says who typed it, else through the API."""
    text = clean_text(words(event.body, "message", "text"))
    if not words(event.body, "sender", "admin_id"):
        echo = Echo(name_at(event.body, "message", "msg_id"), text, event.name.rpartition("_")[2])
        return Heard(_ignored(event.raw, Aside.ECHO, account), event.at, account, echo=echo)
    written = StaffMessage(
        id=event.id_for(account),
        channel=CHANNEL,
        account=account,
        sent_at=event.at,
        received_at=event.raw.received_at,
        trial=event.raw.trial,
        personal=StaffPersonal(text=text.strip()),
    )
    return Heard(written, event.at, account)


def _withdrawn(event: Event, account: str) -> Withdrawn:
    return Withdrawn(
        id=event.id_for(account),
        channel=CHANNEL,
        account=account,
        what="personal_data",
        received_at=event.raw.received_at,
        trial=event.raw.trial,
    )


def _aside(event: Event) -> Heard:
    reason = ASIDES[event.name]
    if reason is Aside.RECEIPT and member(event.body, "message", "delivery_time") is not None:
        # A receipt of a paid template: same name, but the other side is a phone number.
        return _unheard(event.raw, Aside.ZNS_RECEIPT)
    account = None if reason in (Aside.GROUP, Aside.TEMPLATE, Aside.TAG) else event.account
    known = noted(event) if account is not None else {}
    return Heard(_ignored(event.raw, reason, account), event.at, account, known)


def _unheard(raw: Raw, reason: Aside) -> Heard:
    return Heard(_ignored(raw, reason, None), raw.received_at)


def _ignored(raw: Raw, reason: Aside, account: str | None) -> Ignored:
    return Ignored(
        id=raw.id,
        channel=CHANNEL,
        account=account,
        reason=reason,
        received_at=raw.received_at,
        sent_by_citizen=account is not None and reason in OF_A_CITIZEN,
        trial=raw.trial,
    )
