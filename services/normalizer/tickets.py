"""Builds the canonical ticket out of a decided submission (Điều 8.1, 11.1)."""

from datetime import datetime

from gateway.domain.hygiene import MAX_TEXT
from gateway.domain.identity import ticket_id
from gateway.domain.province import Province
from schemas.conversation import Decided, TicketOpened
from schemas.files import MOST_NUMBER, Attachment, AttachmentState
from schemas.inbound import Inbound
from schemas.judgement import Classification, RankedField
from schemas.ticket import Ticket, TicketPersonal
from schemas.vocabulary import Label, Language
from services.normalizer.conversation import Received, Submission

UNCLASSIFIED = Classification(ranked=(RankedField(label=Label.OTHER, subfield="other", confidence=0.0),))
"""For what an operator accepted without naming a field: the coordinating agency will be asked (Điều 9.6)."""


def opened_ticket(
    submission: Submission, decided: Decided, province: Province, now: datetime, *, agency: str | None = None
) -> TicketOpened:
    """The ticket of an accepted submission; the same decision always gives the same ticket."""
    first = submission.first
    language = decided.language or Language.VI
    return TicketOpened(
        submission=submission.code,
        ticket=Ticket(
            id=ticket_id(first.account, submission.code),
            code=submission.code,
            channel=first.channel,
            intake=first.intake,
            account=first.account,
            language=language,
            received_at=first.received_at,
            accepted_at=now,
            classification=decided.classification or UNCLASSIFIED,
            urgent=decided.urgent,
            conduct=decided.conduct,
            locality=decided.locality,
            agency_given=agency,
            accepted_by=decided.by,
            inbound_ids=tuple(message.id for message in submission.messages),
            attachments=_attachments(submission),
            originals=tuple(message.original for message in submission.messages if message.original is not None),
            consent=next((message.consent for message in submission.readable if message.consent is not None), None),
            province=province.code,
            regulation=f"{province.regulation.id} {province.regulation.version}",
            trial=first.trial,
            personal=TicketPersonal(
                contact=decided.personal.contact,
                content=content_of(submission, province, language),
                place=decided.personal.place,
                evidence=decided.personal.evidence,
            ),
        ),
    )


def content_of(submission: Submission, province: Province, language: Language) -> str:
    """What was written so far, with a word in front of it that says where something could not be read."""
    if not submission.has_stub:
        return submission.text
    return "\n".join(part for part in (_unreadable(province, language), submission.text) if part)[:MAX_TEXT]


def words_of(message: Received, province: Province, language: Language) -> str:
    """A message's own words; for a stub that it could not be read."""
    return message.personal.text if isinstance(message, Inbound) else _unreadable(province, language)


def attachments_of(message: Received) -> tuple[Attachment, ...]:
    """What came with a message; with a stub comes its original, for whoever handles the matter to look at."""
    if isinstance(message, Inbound):
        return message.attachments
    number = max((item.number for item in message.attachments), default=-1) + 1
    original = Attachment(number=number, kind="other", state=AttachmentState.STORED, file=message.original)
    return (*message.attachments, original)


def _unreadable(province: Province, language: Language) -> str:
    return province.text("unreadable_content", language)


def _attachments(submission: Submission) -> tuple[Attachment, ...]:
    found = [item for message in submission.messages for item in attachments_of(message)]
    return tuple(item.model_copy(update={"number": min(number, MOST_NUMBER)}) for number, item in enumerate(found))
