"""A submission's status in words: names out of the province's data, times as citizens read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.domain.province import Province
from schemas.vocabulary import Label, Language
from services.web_ingest.paths import FILE
from services.web_ingest.status import ShownFile, Status
from services.web_ingest.texts import PageTexts

MEGABYTE = 1_000_000
PLACED = frozenset({"accepted", "merged", "pending_supplement", "redirected"})
"""Outcomes that say which field a matter belongs to; of any other the field is a guess that was of no use."""


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file to be saved: what it is called, how large it is, and where it is had."""

    name: str
    size: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened or was said, with its time as text."""

    at: str
    text: str
    heading: str = ""
    language: str = ""
    files: tuple[FileLink, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """What the result page prints."""

    code: str
    state: str
    sentence: str
    label: str
    agency: str
    due: str
    until: str
    received: str
    articles: tuple[str, ...]
    missing: tuple[str, ...]
    replies: tuple[Line, ...]
    steps: tuple[Line, ...]
    asked: bool
    can_add: bool
    files: tuple[FileLink, ...]


def shown(status: Status, language: Language, province: Province, texts: PageTexts) -> View:
    """Put a status into words."""
    state = _state(status)
    return View(
        code=status.code,
        state=state,
        sentence=texts.say(language, f"state_{state}" if texts.knows(f"state_{state}") else "state_checking"),
        label=_label(status, language, province) if status.state in PLACED else "",
        agency=agency_name(status.agency, status.transferred_at, language, province),
        due=province.moment(status.due_at) if status.due_at and not status.answered_at else "",
        until=province.moment(status.until) if status.until and status.state == "pending_supplement" else "",
        received=province.moment(status.received_at) if status.received_at else "",
        articles=tuple(province.article(article, language) for article in status.articles),
        missing=tuple(texts.say(language, f"missing_{item}") for item in status.missing),
        replies=tuple(
            Line(
                province.moment(reply.at),
                reply.text,
                texts.say(language, f"reply_{reply.kind}"),
                reply.language,
                _links(reply.files, language),
            )
            for reply in status.replies
        ),
        steps=_steps(status, language, province, texts),
        asked=status.state == "pending_supplement",
        can_add=status.can_add,
        files=_links(status.files, language),
    )


def _links(files: Sequence[ShownFile], language: Language) -> tuple[FileLink, ...]:
    return tuple(FileLink(one.name, _size(one.ref.size), f"{FILE[language]}/{one.ref.address}") for one in files)


def _size(size: int) -> str:
    """In kilobytes, or in megabytes from one on."""
    return f"{size / MEGABYTE:.1f} MB" if size >= MEGABYTE else f"{max(1, size // 1000)} kB"


def agency_name(code: str | None, at: datetime | None, language: Language, province: Province) -> str:
    """The agency's name on the day it got the ticket; empty when nobody has it yet."""
    if code is None or at is None:
        return ""
    found = province.agency(code, at.astimezone(ZoneInfo(province.timezone)).date())
    return found.name(language) if found else ""


def _state(status: Status) -> str:
    """The outcome, and for a ticket how far it has come."""
    if status.state != "accepted":
        return status.state
    if status.answered_at is not None:
        return "answered"
    if status.late:
        return "late"
    return "transferred" if status.transferred_at is not None else "accepted"


def _label(status: Status, language: Language, province: Province) -> str:
    if status.label is None:
        return ""
    label = Label(status.label)
    name = province.label_name(label, language)
    if status.subfield is None:
        return name
    detail = province.subfield_name(label, status.subfield, language)
    return name if detail == name else f"{name}: {detail}"


def _steps(status: Status, language: Language, province: Province, texts: PageTexts) -> tuple[Line, ...]:
    """The steps that concern a citizen; others, such as an operator's refused command, have no sentence."""
    return tuple(
        Line(
            province.moment(step.at),
            texts.say(
                language, f"step_{step.step}", agency=agency_name(step.agency, step.at, language, province)
            ).rstrip(" :"),
        )
        for step in status.steps
        if texts.knows(f"step_{step.step}")
    )
