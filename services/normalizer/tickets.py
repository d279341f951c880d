"""Builds the canonical ticket out of a decided submission (Điều 8.1, 11.1)."""

from datetime import datetime

from gateway.domain.hygiene import MAX_TEXT
from gateway.domain.identity import ticket_id
from gateway.domain.province import Province
from gateway.domain.ticket_room import ORIGINALS_ROOM, fitting
from schemas.conversation import Decided, TicketOpened
from schemas.files import MOST_NUMBER, Attachment, AttachmentState, FileRef
from schemas.inbound import Inbound, Unreadable
from schemas.judgement import Classification, RankedField
from schemas.ticket import Ticket, TicketPersonal
from schemas.vocabulary import Label, Language
from services.normalizer.submission import Received, Submission, original_of

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
            originals=_originals(submission),
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


def content_of_ticket(submission: Submission, ticket: Ticket, province: Province) -> str:
    """What the messages that the ticket was made of say by now, without what was added to it later."""
    own = {original_of(message) for message in submission.inbounds if message.id in ticket.inbound_ids}
    messages = tuple(
        message
        for message in submission.messages
        if message.id in ticket.inbound_ids or (isinstance(message, Inbound) and original_of(message) in own)
    )
    return content_of(submission.model_copy(update={"messages": messages}), province, ticket.language)


def content_of(submission: Submission, province: Province, language: Language) -> str:
    """What was written so far, with a word in front of it that says where something could not be read."""
    if not submission.has_stub:
        return submission.text
    return "\n".join(part for part in (_unreadable(province, language), submission.text) if part)[:MAX_TEXT]


def words_of(message: Received, province: Province, language: Language) -> str:
    """A message's own words, with the point that was shared; for a stub that it could not be read."""
    if not isinstance(message, Inbound):
        return _unreadable(province, language)
    shared = position_of(message, province, language)
    return "\n".join(part for part in (message.personal.text, shared) if part)[:MAX_TEXT]


def position_of(message: Inbound, province: Province, language: Language) -> str:
    """The shared point in words; empty without one."""
    point = message.personal.position
    if point is None:
        return ""
    latitude, longitude = f"{point.latitude:.6f}", f"{point.longitude:.6f}"
    return province.text("shared_position", language, latitude=latitude, longitude=longitude)


def attachments_of(message: Received) -> tuple[Attachment, ...]:
    """What came with a message; with a stub comes its original, for whoever handles the matter to look at."""
    if isinstance(message, Inbound):
        return message.attachments
    number = max((item.number for item in message.attachments), default=-1) + 1
    return (*message.attachments, as_file(message.original, number))


def as_file(original: FileRef, number: int) -> Attachment:
    """A filed original as an attachment."""
    return Attachment(number=number, kind="other", state=AttachmentState.STORED, file=original)


def _unreadable(province: Province, language: Language) -> str:
    return province.text("unreadable_content", language)


def _attachments(submission: Submission) -> tuple[Attachment, ...]:
    found = [item for message in shown_of(submission) for item in attachments_of(message)]
    return fitting([item.model_copy(update={"number": min(number, MOST_NUMBER)}) for number, item in enumerate(found)])


def _originals(submission: Submission) -> tuple[FileRef, ...]:
    """Messages as they came, edits too; what was deleted is not among them. What is cut off stays in the history."""
    shown = (message for message in submission.messages if not submission.is_deleted(message.id))
    return fitting([message.original for message in shown if message.original is not None], ORIGINALS_ROOM)


def shown_of(submission: Submission) -> tuple[Received, ...]:
    """Stubs and messages as they stand, in order; what was deleted is shown to nobody."""
    now = {message.id: message for message in submission.readable}
    found = (message if isinstance(message, Unreadable) else now.get(message.id) for message in submission.messages)
    return tuple(message for message in found if message is not None)
