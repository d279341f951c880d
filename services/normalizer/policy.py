"""The policy: one table, read top to bottom; the first row whose condition holds gives the outcome."""

from collections.abc import Callable
from dataclasses import dataclass

from schemas.inbound import Contact
from schemas.outcome import (
    Accepted,
    IgnoredOutcome,
    NeedsReview,
    Outcome,
    PendingSupplement,
    Redirected,
    Rejected,
)
from schemas.vocabulary import ContactItem, IgnoreReason, Intake, Label, Language, RejectReason, ReviewReason
from services.normalizer.judgement import Clarity, Complaint, Judgement, Matter

_ENOUGH_TEXT = 25
"""Letters from which on a person can tell a language; shorter texts are asked for their content."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a submission, the articles it rests on, the rows that decided, and whether operators look now."""

    outcome: Outcome
    articles: tuple[str, ...]
    hits: tuple[str, ...]
    alert: bool


@dataclass(frozen=True, slots=True)
class _Case:
    """What conditions look at."""

    judgement: Judgement
    matter: Matter
    asked: bool

    @property
    def contact_missing(self) -> bool:
        return any(item is not ContactItem.CONTENT for item in self.judgement.missing)

    @property
    def in_public(self) -> bool:
        return self.matter.intake is Intake.COMMENT

    @property
    def content_missing(self) -> bool:
        return ContactItem.CONTENT in self.judgement.missing


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the policy: its name, when it applies, what it gives, and on which articles it rests."""

    name: str
    when: Callable[[_Case], bool]
    gives: Callable[[_Case], Outcome]
    articles: Callable[[_Case], tuple[str, ...]]


def _fixed(*articles: str) -> Callable[[_Case], tuple[str, ...]]:
    return lambda _case: articles


def _review(*reasons: ReviewReason) -> Callable[[_Case], Outcome]:
    return lambda _case: NeedsReview(reasons=reasons)


def _ignore(reason: IgnoreReason) -> Callable[[_Case], Outcome]:
    return lambda _case: IgnoredOutcome(reason=reason)


def _only_gives_contact(case: _Case) -> bool:
    """In a chat the channel itself may hand over the citizen's contact, unasked and without a word."""
    chat, wordless = case.matter.intake is Intake.CHAT, case.judgement.clarity is Clarity.EMPTY
    return chat and wordless and case.matter.contact != Contact() and not case.asked


def _ask(case: _Case) -> Outcome:
    return PendingSupplement(missing=case.judgement.missing)


def _ask_articles(case: _Case) -> tuple[str, ...]:
    return (("6.2",) if case.content_missing else ()) + (("6.3",) if case.contact_missing else ())


POLICY: tuple[Row, ...] = (
    # Life comes first: whatever else is missing or wrong, the citizen is sent to 113, 114 or 115 at once.
    Row(
        "emergency",
        lambda case: case.judgement.emergency is not None,
        lambda case: Redirected(label=case.judgement.emergency or Label.EMERGENCY_POLICE),
        _fixed("4.6"),
    ),
    # A complaint or denunciation in the sense of the law has its own procedure; the hotline only shows the way.
    Row(
        "legal_complaint",
        lambda case: case.judgement.complaint is Complaint.LEGAL and case.judgement.language is not Language.OTHER,
        lambda _case: Redirected(label=Label.COMPLAINT_DENUNCIATION),
        _fixed("4.6"),
    ),
    # Nothing is decided on a part of what was sent: a person looks at what could not be read.
    Row(
        "unreadable",
        lambda case: case.matter.has_stub,
        _review(ReviewReason.UNREADABLE),
        _fixed("8.1"),
    ),
    # Whoever may be in danger is read by a person, whatever the language.
    Row(
        "foreign_danger",
        lambda case: case.judgement.language is Language.OTHER and case.judgement.urgent,
        _review(ReviewReason.UNSURE_LANGUAGE),
        _fixed("6.1", "9.1"),
    ),
    # Another language is turned away only when it is certain, and never when somebody typed it in or staff already talk
    # with whoever wrote it.
    Row(
        "foreign_language",
        lambda case: case.judgement.language is Language.OTHER and not case.matter.with_staff,
        lambda _case: Rejected(reason=RejectReason.FOREIGN_LANGUAGE, articles=("8.2", "6.1")),
        _fixed("8.2", "6.1"),
    ),
    # Thanks want no answer.
    Row(
        "thanks",
        lambda case: case.judgement.clarity is Clarity.THANKS,
        _ignore(IgnoreReason.THANKS),
        _fixed("6.2"),
    ),
    # Contact without any matter opens nothing; it is remembered, and offered back with the next matter.
    Row(
        "contact_only",
        _only_gives_contact,
        _ignore(IgnoreReason.NOTHING_OPEN),
        _fixed("6.3"),
    ),
    # Under a post people greet one another: in public only what puts a matter is answered.
    Row(
        "greeting_in_public",
        lambda case: case.in_public and case.judgement.clarity in (Clarity.GREETING, Clarity.EMPTY),
        _ignore(IgnoreReason.GREETING_ONLY),
        _fixed("6.2"),
    ),
    # Advertising and scams are set aside for a person: words alone may mislead.
    Row(
        "advertising",
        lambda case: case.judgement.clarity is Clarity.ADVERTISING,
        _review(ReviewReason.ADVERTISING),
        _fixed("6.2"),
    ),
    # Whether it is a legal complaint or an everyday one is for a person to say.
    Row(
        "possible_complaint",
        lambda case: case.judgement.complaint is not Complaint.NONE,
        _review(ReviewReason.POSSIBLE_COMPLAINT),
        _fixed("4.6", "9.1"),
    ),
    # Enough text in a language that cannot be told: a person looks, nobody is turned away.
    Row(
        "unsure_language",
        lambda case: (
            case.judgement.language is None
            and sum(sign.isalpha() for sign in case.matter.text) >= _ENOUGH_TEXT
            and not case.judgement.confident
        ),
        _review(ReviewReason.UNSURE_LANGUAGE),
        _fixed("6.1"),
    ),
    # The one automatic request (15.4, 18.2) is spent and only pictures came: a person looks at them.
    Row(
        "media_only_after_supplement",
        lambda case: case.asked and case.judgement.clarity is Clarity.MEDIA_ONLY,
        _review(ReviewReason.MEDIA_ONLY),
        _fixed("6.2"),
    ),
    # Asked once and still not clear: a person decides, it is never rejected for that.
    Row(
        "unclear_after_supplement",
        lambda case: case.asked and case.content_missing,
        _review(ReviewReason.UNCLEAR_AFTER_SUPPLEMENT),
        _fixed("6.2"),
    ),
    # What puts no matter is a part of the talk with staff, who read it where they write.
    Row(
        "with_staff",
        lambda case: case.matter.with_staff and case.content_missing,
        _ignore(IgnoreReason.WITH_STAFF),
        _fixed("6.2"),
    ),
    # Danger without contact is never rejected, however often contact was asked for.
    Row(
        "urgent_without_contact",
        lambda case: case.asked and case.contact_missing and case.judgement.urgent,
        _review(ReviewReason.URGENT_WITHOUT_CONTACT),
        _fixed("9.1"),
    ),
    # Whoever staff answered by hand is neither asked nor turned away by a machine.
    Row(
        "staff_answered",
        lambda case: case.matter.with_staff and (case.contact_missing or case.judgement.language is Language.OTHER),
        _review(ReviewReason.STAFF_ANSWERED),
        _fixed("9.1"),
    ),
    # Asked once and contact is still missing: not accepted, with the reason; the citizen may write again.
    Row(
        "missing_contact",
        lambda case: case.asked and case.contact_missing,
        lambda _case: Rejected(reason=RejectReason.MISSING_CONTACT, articles=("8.2", "6.3")),
        _fixed("8.2", "6.3"),
    ),
    # Ask once, for exactly what is missing.
    Row(
        "supplement",
        lambda case: bool(case.judgement.missing),
        _ask,
        _ask_articles,
    ),
    # Complete, but the field is doubtful: an operator chooses (9.6).
    Row(
        "low_confidence",
        lambda case: not case.judgement.confident,
        _review(ReviewReason.LOW_CONFIDENCE),
        _fixed("9.1"),
    ),
    # Complete, clear and in scope.
    Row(
        "accepted",
        lambda _case: True,
        lambda _case: Accepted(),
        _fixed("8.3"),
    ),
)


def verdict(judgement: Judgement, matter: Matter, *, asked: bool = False) -> Verdict:
    """The outcome of a judged matter; `asked`: the one automatic supplement request was already made.

    Conduct (Điều 17.2) changes no outcome; it is only named among the hits. Operators are alerted of emergencies,
    of urgent matters (9.1), and of what could not be read.
    """
    case = _Case(judgement, matter, asked)
    row = next(row for row in POLICY if row.when(case))
    articles = row.articles(case)
    label = judgement.classification.best.label if judgement.classification else None
    if row.name == "accepted" and label is not None:
        articles = (ARTICLES[label], *articles)
    hits = (row.name, *(("conduct",) if judgement.conduct else ()), *(("urgent",) if judgement.urgent else ()))
    conduct = ("17.2",) if judgement.conduct else ()
    return Verdict(row.gives(case), (*articles, *conduct), hits, alert=judgement.urgent or row.name == "unreadable")


ARTICLES: dict[Label, str] = {
    Label.ADMINISTRATIVE_PROCEDURE: "4.1",
    Label.PUBLIC_SERVICE: "4.2",
    Label.INFRASTRUCTURE_INCIDENT: "4.3",
    Label.MARKET_VIOLATION: "4.3",
    Label.CONSTRUCTION_LAND_VIOLATION: "4.3",
    Label.INVESTMENT_TOURISM_EVENT: "4.4",
    Label.OTHER: "4.5",
    Label.EMERGENCY_POLICE: "4.6",
    Label.EMERGENCY_FIRE_RESCUE: "4.6",
    Label.EMERGENCY_MEDICAL: "4.6",
    Label.COMPLAINT_DENUNCIATION: "4.6",
}
"""The clause of Article 4 that names each label."""
