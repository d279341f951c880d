"""An agency that can be given a ticket, as it was in one period (Điều 1.2: departments, committees, providers)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from gateway.domain.province.period import Period
from gateway.domain.province.words import NO_WORDS, Words
from schemas.vocabulary import Language


class AgencyKind(StrEnum):
    """Who stands behind an agency (Điều 1.2)."""

    DEPARTMENT = "department"
    OFFICE = "office"
    SECTOR_BODY = "sector_body"
    PROVIDER = "provider"
    COMMITTEE = "committee"


@dataclass(frozen=True, slots=True)
class Agency:
    """One agency in one period; `code` names its queue and stays when only its name or its tasks change.

    `roles` are what the routing table and the rules ask for ("transport", "coordinating_agency"). `scope` are the
    codes of the units it serves, empty for the whole province. `competence` is the Vietnamese description of its
    tasks. `successor` is the code of the agency that takes over on the day after `valid_to`. `phone` and `address`
    may be empty for a commune's committee. `source` is where it stands in the folder, for error texts.
    """

    code: str
    names: Words
    kind: AgencyKind
    address: Words = NO_WORDS
    phone: str = ""
    email: str = ""
    roles: frozenset[str] = frozenset()
    scope: frozenset[str] = frozenset()
    competence: str = ""
    aliases: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str | None = None
    source: str = field(default="", compare=False)

    @property
    def period(self) -> Period:
        """The days on which it exists as described."""
        return Period(self.valid_from, self.valid_to)

    def name(self, language: Language) -> str:
        """Its official name."""
        return self.names.of(language)

    def serves(self, unit_codes: Collection[str]) -> bool:
        """Whether one of these units lies in its area; true for any when it serves the whole province."""
        return not self.scope or any(code in self.scope for code in unit_codes)
