"""The routing table as data: which agency is competent for a field, from when to when."""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TypeAlias

from gateway.domain.province.period import Period
from gateway.domain.province.unit import Level
from schemas.vocabulary import Label

ANY_SUBFIELD = "*"


@dataclass(frozen=True, slots=True)
class ByCode:
    """One agency, wherever the matter is."""

    agency: str


@dataclass(frozen=True, slots=True)
class ByRole:
    """Whoever has the role on the day of receipt and serves the place."""

    role: str


@dataclass(frozen=True, slots=True)
class ByLevel:
    """The People's Committee of the place, at this level."""

    level: Level


Target: TypeAlias = ByCode | ByRole | ByLevel


@dataclass(frozen=True, slots=True)
class RoutingRow:
    """One line of the table.

    `words` are folded phrases of which the matter must hold one (`#` stands for a digit); a row with words goes
    before one without. `targets` are tried in order: the first that gives exactly one agency is competent, so that a
    department can stand behind a committee that is told by a place; where none does, the matter is unclear
    (Điều 9.6). `competing` are agencies that share the competence by their own law, so that a person must choose.
    `source` is where the row stands, for error texts.
    """

    label: Label
    subfield: str
    targets: tuple[Target, ...]
    rule: str
    articles: tuple[str, ...]
    words: tuple[str, ...] = ()
    competing: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = field(default="", compare=False)

    @property
    def period(self) -> Period:
        """The days of receipt for which the row holds."""
        return Period(self.valid_from, self.valid_to)

    def hit(self, folded: str) -> bool:
        """Whether the matter holds one of the row's phrases as whole words."""
        return _pattern(self.words).search(folded) is not None if self.words else False


@lru_cache(maxsize=1024)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    phrases = (re.escape(phrase).replace(r"\ ", r"\s+").replace(r"\#", r"\d") for phrase in words)
    return re.compile(rf"(?<!\w)(?:{'|'.join(phrases)})(?!\w)")


@dataclass(frozen=True, slots=True)
class RoutingTable:
    """All rows."""

    rows: tuple[RoutingRow, ...]

    def on(self, label: Label, subfield: str | None, day: date) -> tuple[RoutingRow, ...]:
        """The rows for a field on a day of receipt: those of the subfield, else those for any subfield."""
        valid = [row for row in self.rows if row.label is label and row.period.covers(day)]
        exact = tuple(row for row in valid if row.subfield == subfield)
        return exact or tuple(row for row in valid if row.subfield == ANY_SUBFIELD)
