"""Says what a raw web message says, in the gateway's words: pure, so the same input always gives the same output."""

from gateway.domain.hygiene import clean_line, clean_text
from gateway.domain.identity import Identity
from gateway.errors import Invalid
from schemas.inbound import Consent, Contact, Inbound, InboundPersonal
from schemas.raw import Raw
from schemas.vocabulary import Intake
from services.web_ingest.bodies import (
    ADDITION,
    ANSWERS,
    ENTRY,
    FORM,
    OPERATOR,
    SUBMISSION,
    AdditionBody,
    ContactBody,
    EntryBody,
    SubmissionBody,
    read_body,
)
from services.web_ingest.fields import e164

MAX_PAYLOAD = 2_000_000
"""Above what `receive` takes, so that a later, lower limit there never makes an accepted payload unreadable."""


def inbound_of(raw: Raw, identity: Identity) -> Inbound:
    """What a raw message says, in the gateway's words; raises `Invalid` when it cannot be read."""
    if raw.account is None:
        raise Invalid("unreadable", "A web message names its account.")
    body = _body(raw)
    entry = body if isinstance(body, EntryBody) else None
    told_at = (entry.received_at if entry else None) or body.sent_at or raw.received_at
    return Inbound(
        id=raw.id,
        channel=raw.channel,
        intake=raw.intake,
        account=raw.account,
        code=identity.receipt_code(raw.id),
        sent_at=min(told_at, raw.received_at),
        received_at=raw.received_at,
        language_chosen=body.language,
        answers=answered_code(raw),
        attachments=raw.attachments,
        consent=Consent.model_validate(body.consent.model_dump()) if body.consent else None,
        operator=raw.personal.headers.get(OPERATOR),
        label_given=entry.label if entry else None,
        subfield_given=entry.subfield if entry else None,
        trial=raw.trial,
        personal=_personal(body),
    )


def answered_code(raw: Raw) -> str | None:
    """Receipt code of the submission that a raw message adds to: kept beside the payload, it is known unread."""
    return raw.personal.headers.get(ANSWERS)


def _body(raw: Raw) -> AdditionBody:
    payload = raw.personal.payload
    match raw.intake:
        case Intake.FORM:
            return read_body(FORM, payload, max_bytes=MAX_PAYLOAD)
        case Intake.APP if ANSWERS in raw.personal.headers:
            return read_body(ADDITION, payload, max_bytes=MAX_PAYLOAD)
        case Intake.APP:
            return read_body(SUBMISSION, payload, max_bytes=MAX_PAYLOAD)
        case Intake.CALL | Intake.LETTER | Intake.PORTAL:
            return read_body(ENTRY, payload, max_bytes=MAX_PAYLOAD)
        case _:
            raise Invalid("unreadable", "This kind of intake does not come through the web channel.")


def _personal(body: AdditionBody) -> InboundPersonal:
    contact = _contact(body.contact)
    vouched = body.verified if isinstance(body, SubmissionBody) else ()
    return InboundPersonal(
        text=clean_text(body.content).strip(),
        contact=contact,
        place=clean_line(body.place or "") or None,
        verified=vouched if contact.phone is not None else (),
    )


def _contact(given: ContactBody) -> Contact:
    phone = clean_line(given.phone or "", limit=40)
    return Contact(
        name=clean_line(given.name or "") or None,
        phone=(e164(phone) or phone) or None,
        email=clean_line(given.email or "", limit=254) or None,
        address=clean_line(given.address or "") or None,
    )
