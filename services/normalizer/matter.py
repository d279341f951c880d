"""Puts together what is to be judged: one submission's messages, with what the account gave before."""

from gateway.domain.province import Province
from schemas.inbound import Contact
from services.normalizer.conversation import Conversation, Submission
from services.normalizer.judgement import Matter


def matter_of(submission: Submission, conversation: Conversation, province: Province) -> Matter:
    """The submission as it stands; later messages correct what earlier ones gave."""
    first = submission.first
    given = Contact()
    place = None
    for message in submission.messages:
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
        language_chosen=first.language_chosen,
        label_given=first.label_given,
        subfield_given=first.subfield_given,
    )


def merged(earlier: Contact, later: Contact) -> Contact:
    """Contact items of both; the later one wins where both have a value."""
    return Contact(
        name=later.name or earlier.name,
        phone=later.phone or earlier.phone,
        email=later.email or earlier.email,
        address=later.address or earlier.address,
    )
