"""What a message says, as far as rules can tell: the value between `judge` and the policy table."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from schemas.inbound import Contact
from schemas.judgement import Classification, Evidence
from schemas.ticket import Locality
from schemas.vocabulary import ContactItem, Intake, Label, Language


class Clarity(StrEnum):
    """Whether there is a matter in the text (Điều 6.2)."""

    CLEAR = "clear"
    UNCLEAR = "unclear"
    GREETING = "greeting"
    THANKS = "thanks"
    MEDIA_ONLY = "media_only"
    ADVERTISING = "advertising"
    EMPTY = "empty"


class Complaint(StrEnum):
    """Whether it is a legal complaint or denunciation (khiếu nại, tố cáo; Điều 4.6)."""

    NONE = "none"
    POSSIBLE = "possible"
    LEGAL = "legal"


@dataclass(frozen=True, slots=True)
class Matter:
    """What is judged: the gathered text of one submission and what else is known about it.

    `contact` is what the channel gave or the citizen put into fields; `known_contact` what the same account gave
    earlier: it counts, and is offered back for confirmation. `received` is the local date of receipt. `position` is a
    shared point in words. `has_stub` says that a part of it could not be read, `with_staff` that staff are writing with
    the citizen by hand.
    """

    text: str
    channel: str
    intake: Intake
    received: date
    contact: Contact = field(default_factory=Contact)
    known_contact: Contact | None = None
    place: str | None = None
    position: str | None = None
    attachments: int = 0
    language_chosen: Language | None = None
    label_given: Label | None = None
    subfield_given: str | None = None
    has_stub: bool = False
    with_staff: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules found. `language` None: unsure. `classification` None: no field could be told.

    `confident` says whether the classification is above the threshold of the lexicon's data. `contact` merges what
    was given, known and found in the text (later text corrects earlier values); `missing` names what Điều 6.2 and
    6.3 still ask for. `locality` is the place of the matter, else that of the contact address.
    """

    language: Language | None
    clarity: Clarity
    classification: Classification | None
    confident: bool
    contact: Contact
    missing: tuple[ContactItem, ...]
    place: str | None
    locality: Locality | None
    emergency: Label | None
    complaint: Complaint
    conduct: bool
    urgent: bool
    evidence: tuple[Evidence, ...]
