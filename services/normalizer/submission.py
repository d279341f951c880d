"""One matter that a citizen puts, over one or more messages, and how it stands."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from gateway.domain.hygiene import MAX_TEXT
from schemas.base import Instant, Value
from schemas.conversation import Decided
from schemas.files import Attachment
from schemas.inbound import Contact, Inbound, Unreadable
from schemas.outcome import NeedsReview, Outcome
from schemas.ticket import Ticket
from schemas.vocabulary import Language, ReviewReason

Received: TypeAlias = Inbound | Unreadable
"""A message in its place in the order, or the stub that stands there until the message can be read."""


class Phase(StrEnum):
    """Whether a submission still waits for something."""

    GATHERING = "gathering"
    PENDING = "pending"
    IN_REVIEW = "in_review"
    TICKET = "ticket"
    CLOSED = "closed"


class Submission(Value):
    """One matter; `withdrawn` names messages that the citizen deleted."""

    code: str
    phase: Phase = Phase.GATHERING
    revision: int = 0
    asked: bool = False
    messages: tuple[Received, ...] = ()
    withdrawn: tuple[UUID, ...] = ()
    outcome: Outcome | None = None
    decided: Decided | None = None
    ticket: Ticket | None = None
    quiet_until: Instant | None = None

    @property
    def first(self) -> Received:
        """The message that opened it."""
        return self.messages[0]

    @property
    def inbounds(self) -> tuple[Inbound, ...]:
        """Its messages as they came, without those that could not be read."""
        return tuple(message for message in self.messages if isinstance(message, Inbound))

    @property
    def readable(self) -> tuple[Inbound, ...]:
        """Its messages as they stand: edited words in their place, without deleted and unreadable ones."""
        return standing(self.inbounds, self.withdrawn)

    @property
    def has_stub(self) -> bool:
        """Whether a part of it could not be read yet."""
        return len(self.inbounds) < len(self.messages)

    @property
    def language_chosen(self) -> Language | None:
        """Language of the page that the citizen used."""
        readable = self.readable
        return readable[0].language_chosen if readable else None

    @property
    def unjudged(self) -> bool:
        """Whether a person is to decide it without the rules; see `is_unjudged`."""
        return is_unjudged(self.outcome)

    @property
    def text(self) -> str:
        """What the citizen says by now, in the order of arrival, as far as one text may be long.

        What is cut off stays in the history and in the filed originals.
        """
        return "\n".join(message.personal.text for message in self.readable if message.personal.text)[:MAX_TEXT]

    @property
    def open(self) -> bool:
        """Whether a further message of the account may belong to it."""
        return self.phase in (Phase.GATHERING, Phase.PENDING, Phase.IN_REVIEW)

    def is_deleted(self, inbound_id: UUID) -> bool:
        """Whether the citizen deleted this message of it, or the one that it edits."""
        return any(one.id == inbound_id and original_of(one) in self.withdrawn for one in self.inbounds)

    def says(self, original: UUID) -> Inbound | None:
        """What a message of it says by now; None when it was deleted, could not be read, or is not here."""
        return next((message for message in self.readable if original_of(message) == original), None)


def is_unjudged(outcome: Outcome | None) -> bool:
    """Whether a person looks at what could not be read or judged, or at words of danger that were deleted."""
    return isinstance(outcome, NeedsReview) and not _UNJUDGED.isdisjoint(outcome.reasons)


_UNJUDGED = frozenset({ReviewReason.UNREADABLE, ReviewReason.WITHDRAWN})


def original_of(inbound: Inbound) -> UUID:
    """Id of the message that an inbound is, or is an edit of."""
    return inbound.edits or inbound.id


def standing(messages: Sequence[Inbound], withdrawn: Sequence[UUID] = ()) -> tuple[Inbound, ...]:
    """Messages as they stand: the last edit's words in the place of the message, without what was deleted.

    Edits and their message may have come in any order. An edit of a message that is not here stands for itself.
    """
    versions: dict[UUID, list[Inbound]] = {}
    for message in messages:
        versions.setdefault(original_of(message), []).append(message)
    return tuple(_last(name, found) for name, found in versions.items() if name not in withdrawn)


def merged(earlier: Contact, later: Contact) -> Contact:
    """Contact items of both; the later one wins where both have a value."""
    return Contact(
        name=later.name or earlier.name,
        phone=later.phone or earlier.phone,
        email=later.email or earlier.email,
        address=later.address or earlier.address,
    )


def _last(name: UUID, versions: Sequence[Inbound]) -> Inbound:
    message = next((one for one in versions if one.id == name), versions[0])
    edits = sorted((one for one in versions if one.edits is not None), key=lambda one: one.sent_at)
    return message if not edits or edits[-1] is message else _edited(message, edits[-1])


def _edited(message: Inbound, edit: Inbound) -> Inbound:
    old, new = message.personal, edit.personal
    personal = old.model_copy(
        update={
            "text": new.text,
            "contact": merged(old.contact, new.contact),
            "position": new.position or old.position,
            "place": new.place or old.place,
        }
    )
    return message.model_copy(
        update={"personal": personal, "attachments": (*message.attachments, *new_files(message, edit))}
    )


def new_files(message: Inbound, edit: Inbound) -> tuple[Attachment, ...]:
    """Attachments of an edit that its message does not have: platforms send the old ones again."""
    known = {(item.kind, item.personal.source_url, item.personal.name) for item in message.attachments}
    return tuple(
        item for item in edit.attachments if (item.kind, item.personal.source_url, item.personal.name) not in known
    )
