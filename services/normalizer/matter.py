"""Puts together what is to be judged: one submission's messages, with what the account gave before."""

from datetime import timedelta

from gateway.domain.province import Province
from schemas.inbound import Contact, Inbound
from schemas.vocabulary import Language
from services.normalizer.conversation import Conversation
from services.normalizer.judgement import Matter
from services.normalizer.submission import Submission, merged
from services.normalizer.tickets import position_of

STAFF_TALK = timedelta(hours=12)
"""How long after staff wrote by hand what the citizen writes is taken for a part of that talk (docs/decisions/0015)."""


def matter_of(submission: Submission, conversation: Conversation, province: Province) -> Matter:
    """The submission as it stands; later messages correct what earlier ones gave."""
    first = submission.first
    readable = submission.readable
    opening = next(iter(readable), None)
    given = Contact()
    place = None
    for message in readable:
        given = merged(given, message.personal.contact)
        place = message.personal.place or place
    return Matter(
        text=submission.text,
        channel=first.channel,
        intake=first.intake,
        received=province.day(first.received_at),
        contact=given,
        known_contact=conversation.known_contact,
        place=place,
        position=_position(readable, province, submission.language_chosen),
        attachments=sum(len(message.attachments) for message in readable),
        language_chosen=submission.language_chosen,
        label_given=opening.label_given if opening else None,
        subfield_given=opening.subfield_given if opening else None,
        has_stub=submission.has_stub,
        with_staff=conversation.staff_at is not None and conversation.staff_at >= first.received_at - STAFF_TALK,
    )


def _position(messages: tuple[Inbound, ...], province: Province, language: Language | None) -> str | None:
    """The point that was shared last, for the agency."""
    shared = [message for message in messages if message.personal.position is not None]
    return position_of(shared[-1], province, language or Language.VI) if shared else None
