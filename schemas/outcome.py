"""The closed union of what can become of an inbound message; matched exhaustively wherever it is used."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import ArticleRef, Code, ReceiptCode, Value
from schemas.vocabulary import ContactItem, IgnoreReason, Label, OutcomeKind, RejectReason, ReviewReason


class Accepted(Value):
    """It became a ticket (Điều 8.3)."""

    kind: Literal[OutcomeKind.ACCEPTED] = OutcomeKind.ACCEPTED


class Merged(Value):
    """It belongs to a submission that is already there; its code stays valid as an alias."""

    kind: Literal[OutcomeKind.MERGED] = OutcomeKind.MERGED
    into: ReceiptCode


class PendingSupplement(Value):
    """The citizen was asked, once, for exactly these items (Điều 15.4, 18.2)."""

    kind: Literal[OutcomeKind.PENDING_SUPPLEMENT] = OutcomeKind.PENDING_SUPPLEMENT
    missing: tuple[ContactItem, ...]


class Rejected(Value):
    """Not accepted, with the legal ground (Điều 8.2); the citizen may write again."""

    kind: Literal[OutcomeKind.REJECTED] = OutcomeKind.REJECTED
    reason: RejectReason
    articles: tuple[ArticleRef, ...]


class Redirected(Value):
    """Sent on to the right number or office at once (Điều 4.6); operators are alerted."""

    kind: Literal[OutcomeKind.REDIRECTED] = OutcomeKind.REDIRECTED
    label: Label
    articles: tuple[ArticleRef, ...] = ("4.6",)


class NeedsReview(Value):
    """A person decides; never an automatic rejection."""

    kind: Literal[OutcomeKind.NEEDS_REVIEW] = OutcomeKind.NEEDS_REVIEW
    reasons: tuple[ReviewReason, ...]


class IgnoredOutcome(Value):
    """No matter in it, or nothing it could belong to."""

    kind: Literal[OutcomeKind.IGNORED] = OutcomeKind.IGNORED
    reason: IgnoreReason | Code


Outcome = Annotated[
    Accepted | Merged | PendingSupplement | Rejected | Redirected | NeedsReview | IgnoredOutcome,
    Field(discriminator="kind"),
]
