"""Puts together what is to be judged: one submission's messages, with what the account gave before."""

from gateway.domain.province import Province
from schemas.inbound import Contact
from services.normalizer.conversation import Conversation, Submission
from services.normalizer.judgement import Matter


def matter_of(submission: Submission, conversation: Conversation, province: Province) -> Matter:
    """The submission as it stands; later messages correct what earlier ones gave."""
    first = submission.first
    opening = next(iter(submission.readable), None)
    given = Contact()
    place = None
    for message in submission.readable:
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
        attachments=sum(len(message.attachments) for message in submission.messages),
        language_chosen=submission.language_chosen,
        label_given=opening.label_given if opening else None,
        subfield_given=opening.subfield_given if opening else None,
        has_stub=submission.has_stub,
    )


def merged(earlier: Contact, later: Contact) -> Contact:
    """Contact items of both; the later one wins where both have a value."""
    return Contact(
        name=later.name or earlier.name,
        phone=later.phone or earlier.phone,
        email=later.email or earlier.email,
        address=later.address or earlier.address,
    )
