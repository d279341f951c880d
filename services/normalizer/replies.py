"""Renders what a citizen is told, in their language, when it is decided; all words come from the province's data."""

from datetime import datetime
from uuid import UUID

from gateway.domain.identity import message_id
from gateway.domain.province import Province
from schemas.conversation import Decided, ReplyRendered, history_of
from schemas.inbound import Contact
from schemas.outcome import (
    Accepted,
    IgnoredOutcome,
    Merged,
    NeedsReview,
    Outcome,
    PendingSupplement,
    Redirected,
    Rejected,
)
from schemas.reply import Reply, ReplyPersonal
from schemas.vocabulary import EMERGENCIES, ContactItem, Intake, Label, Language, OutcomeKind, RejectReason, ReplyKind
from services.normalizer.submission import Submission, is_unjudged
from services.normalizer.tickets import content_of

WAITING_UNDER_A_CODE = frozenset({Intake.FORM, Intake.APP})
"""Who is told even of what nobody could read; answering an unreadable mail or chat could go on for ever."""

UNDERSTOOD_SIGNS = 120
"""How much of the citizen's own words a rejection repeats."""


def rendered(
    submission: Submission,
    decided: Decided,
    province: Province,
    *,
    cause: UUID,
    now: datetime,
    first_answer: bool,
    known: Contact | None = None,
    note: str = "",
) -> ReplyRendered | None:
    """The reply that goes with a decision; None where the regulation wants silence.

    `known` is the contact an earlier submission gave, when this one relies on it; `note` an operator's words.
    """
    if _nobody_to_tell(submission, decided):
        return None
    language = decided.language or submission.language_chosen or Language.VI
    found = _text(submission, decided, province, language, note=note)
    if found is None:
        return None
    kind, text = found
    first = submission.first
    # The answer to a comment can end up in public: what identifies a citizen is never in it.
    if known is not None and kind is ReplyKind.ACCEPTANCE and first.intake is not Intake.COMMENT:
        text += "\n" + province.told("known_contact_confirm", first.intake, language, contact=_contact_line(known))
    if first_answer:
        text += "\n" + province.text(
            "notice_short", language, notice=province.notice.text(language), hotline=province.hotline
        )
    return ReplyRendered(
        submission=submission.code,
        reply=Reply(
            id=message_id(cause, "reply", 0),
            history=history_of(first.account),
            channel=first.channel,
            intake=first.intake,
            account=first.account,
            code=submission.code,
            in_reply_to=submission.messages[-1].id,
            kind=kind,
            language=language,
            articles=decided.articles,
            at=now,
            trial=first.trial,
            personal=ReplyPersonal(text=text),
        ),
    )


SAID_ONCE = frozenset({OutcomeKind.PENDING_SUPPLEMENT, OutcomeKind.NEEDS_REVIEW})
"""One request (Điều 15.4, 18.2), and one text for every review, whatever its reasons."""


def says_the_same(before: Outcome, after: Outcome) -> bool:
    """Whether the citizen would only be told again what they know; both are of one kind."""
    return before == after or after.kind in SAID_ONCE


def _nobody_to_tell(submission: Submission, decided: Decided) -> bool:
    """Whether there is no reader, or none that may be answered by a machine."""
    if submission.first.intake in WAITING_UNDER_A_CODE:
        return False
    return not submission.readable or is_unjudged(decided.outcome)


def _text(
    submission: Submission, decided: Decided, province: Province, language: Language, *, note: str
) -> tuple[ReplyKind, str] | None:
    hotline, intake = province.hotline, submission.first.intake
    match decided.outcome:
        case Accepted():
            label = _label(decided, province, language)
            text = province.told("acceptance", intake, language, code=submission.code, label=label, hotline=hotline)
            return ReplyKind.ACCEPTANCE, text
        case Merged(into=into):
            return ReplyKind.MERGED, province.told("merged", intake, language, code=into, hotline=hotline)
        case PendingSupplement(missing=missing):
            return ReplyKind.SUPPLEMENT_REQUEST, supplement_text(submission.code, missing, intake, province, language)
        case Rejected():
            return ReplyKind.REJECTION, _rejection(submission, decided.outcome, province, language, note=note)
        case Redirected():
            return ReplyKind.REDIRECT, _redirect(submission, decided.outcome, province, language)
        case NeedsReview():
            return ReplyKind.IN_REVIEW, province.told(
                "in_review", intake, language, code=submission.code, hotline=hotline
            )
        case IgnoredOutcome():
            return None


def supplement_text(
    code: str, missing: tuple[ContactItem, ...], intake: Intake, province: Province, language: Language
) -> str:
    """The one request: exactly the missing items, and an example answer that has these and no others."""
    items = ", ".join(province.text(f"missing_{item}", language) for item in missing)
    parts = [province.text(f"example_{item}", language) for item in missing if item is not ContactItem.CONTENT]
    matter = [province.text("example_content", language)] if ContactItem.CONTENT in missing else []
    example = "; ".join(part for part in (", ".join(parts), *matter) if part)
    article = province.article("6.2" if missing == (ContactItem.CONTENT,) else "6.3", language)
    return province.told(
        "supplement_request",
        intake,
        language,
        code=code,
        missing=items,
        example=example,
        article=article,
        hotline=province.hotline,
    )


def _rejection(submission: Submission, outcome: Rejected, province: Province, language: Language, *, note: str) -> str:
    key = f"rejection_{outcome.reason}"
    article = province.article(_ground(outcome), language)
    values = {
        "code": submission.code,
        "article": article,
        "understood": _understood(content_of(submission, province, language)),
        "hotline": province.hotline,
        "place_to_turn": province.place_to_turn(language, province.day(submission.first.received_at)),
        "reason": note,
    }
    if outcome.reason is RejectReason.FOREIGN_LANGUAGE:
        return province.told(key, submission.first.intake, Language.OTHER, **values)
    return province.told(key, submission.first.intake, language, **values)


def _ground(outcome: Rejected) -> str:
    """The clause that was not met; Điều 8.2, which only says that one is told, when nothing else is known."""
    return next((article for article in outcome.articles if article != "8.2"), "8.2")


def _redirect(submission: Submission, outcome: Redirected, province: Province, language: Language) -> str:
    values = {
        "code": submission.code,
        "article": province.article("4.6", language),
        "hotline": province.hotline,
        "place_to_turn": province.place_to_turn(language, province.day(submission.first.received_at)),
    }
    if outcome.label in EMERGENCIES:
        values["number"] = province.emergency(outcome.label).number
    return province.told(f"redirect_{outcome.label}", submission.first.intake, language, **values)


def _label(decided: Decided, province: Province, language: Language) -> str:
    label = Label.OTHER if decided.classification is None else decided.classification.best.label
    return province.label_name(label, language)


def _understood(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= UNDERSTOOD_SIGNS else line[:UNDERSTOOD_SIGNS].rsplit(" ", 1)[0] + "…"


def _contact_line(contact: Contact) -> str:
    return ", ".join(item for item in (contact.name, contact.phone, contact.address) if item)
