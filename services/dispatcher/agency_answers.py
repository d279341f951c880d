"""What an agency that works over the bus sends: taken as that agency's and nobody else's, or refused and told so.

The topic says whose an answer is, since access to topics is what a cluster checks; what the message says is not asked.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from gateway.bus.port import Record
from gateway.domain.hygiene import clean_text
from gateway.domain.identity import agency_cause, message_id
from gateway.runtime.histories import to_message
from gateway.runtime.parsing import parsed
from schemas.commands import AnswerTicket, NotePersonal
from schemas.dead_letter import DeadLetter
from schemas.envelope import Message
from schemas.files import FileRef
from schemas.ticket import AnswerRefused

SOURCE = "dispatcher"
NOT_IN_CHARGE = "not_in_charge"
UNKNOWN_FILE = "unknown_file"
MOST_ID = 100


def agency_of(topic: str) -> str:
    """Whose topic `agency.<code>.commands` is."""
    return topic.removeprefix("agency.").removesuffix(".commands")


def answer_of(record: Record) -> AnswerTicket:
    """The answer as the topic's agency gives it; raises `Invalid`."""
    agency = agency_of(record.message.topic)
    answer = parsed(AnswerTicket, record)
    words = NotePersonal(text=clean_text(answer.personal.text))
    return answer.model_copy(update={"agency": agency, "by": agency, "personal": words})


def as_brought(answer: AnswerTicket, brought: Mapping[str, FileRef]) -> tuple[AnswerTicket, str | None]:
    """The answer with its files as they were put down, by address; and why it is refused when one of them was not.

    Size, type and owner that an agency tells are not asked: they are those of what lies there.
    """
    known = [one for one in answer.files if one.file.address in brought]
    files = tuple(one.model_copy(update={"file": brought[one.file.address]}) for one in known)
    return answer.model_copy(update={"files": files}), None if len(known) == len(answer.files) else UNKNOWN_FILE


def cause_of(record: Record, answer: AnswerTicket) -> UUID:
    """Under which the answer is recorded, once; the agency chose its id, and may choose any."""
    return agency_cause(agency_of(record.message.topic), answer.id)


def no_such_ticket(record: Record, answer: AnswerTicket) -> Message:
    """For a ticket that does not exist: the same word as for one that is with another agency."""
    cause = cause_of(record, answer)
    return _refused(record, cause, answer_id=str(answer.id), ticket_id=answer.ticket_id, reason=NOT_IN_CHARGE)


async def unreadable(record: Record, letter: DeadLetter) -> Sequence[Message]:
    """What its agency is told of a record that became a dead letter (`gateway.runtime.guard.StubMaker`)."""
    answer_id = record.message.id[:MOST_ID]
    return (_refused(record, letter.id, answer_id=answer_id, ticket_id=None, reason=letter.reason),)


def _refused(record: Record, cause: UUID, *, answer_id: str, ticket_id: UUID | None, reason: str) -> Message:
    agency = agency_of(record.message.topic)
    topic = f"agency.{agency}"
    refused = AnswerRefused(
        id=message_id(cause, topic, 0),
        agency=agency,
        answer_id=answer_id,
        ticket_id=ticket_id,
        reason=reason,
        at=record.published_at,
    )
    return to_message(topic, str(ticket_id or agency), refused, source=SOURCE, at=record.published_at)
