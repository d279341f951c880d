"""Everything that differs by province in one immutable value: what the rules ask, they ask here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from gateway.domain.province.agency import Agency
from gateway.domain.province.gazetteer import Gazetteer
from gateway.domain.province.register import Register
from gateway.domain.province.regulation import Emergency, Regulation
from gateway.domain.province.routing import RoutingTable
from gateway.domain.province.settings import ChannelData, Notice, Times
from gateway.domain.province.texts import Texts, form_for
from gateway.domain.province.words import Bilingual, Words
from gateway.domain.working_hours import WorkingCalendar
from gateway.errors import Invalid
from schemas.vocabulary import Intake, Label, Language

COORDINATING_AGENCY = "coordinating_agency"
COMPLAINT_RECEPTION = "complaint_reception"
PROVINCIAL_COMMITTEE = "provincial_committee"
REQUIRED_ROLES = (COORDINATING_AGENCY, COMPLAINT_RECEPTION, PROVINCIAL_COMMITTEE)
"""Roles that the rules ask for themselves: each has exactly one holder on every day (Điều 4.6, 9.4, 9.6)."""


@dataclass(frozen=True, slots=True)
class Province:
    """A validated deployment; `hotline` is the number as citizens dial it."""

    code: str
    names: Words
    timezone: str
    hotline: str
    regulation: Regulation
    times: Times
    notice: Notice
    channels: tuple[ChannelData, ...]
    calendar: WorkingCalendar
    gazetteer: Gazetteer
    register: Register
    routing: RoutingTable
    texts: Texts

    def name(self, language: Language) -> str:
        """The deployment's name."""
        return self.names.of(language)

    def article(self, article: str, language: Language) -> str:
        """The full citation of a clause such as "6.3". Raises `Invalid` for one the regulation does not have."""
        return self.regulation.citation(article).of(language)

    def has_article(self, article: str) -> bool:
        """Whether the regulation has this clause."""
        return article in self.regulation.articles

    def label_name(self, label: Label, language: Language) -> str:
        """The name of a field of Article 4."""
        return self.regulation.labels[label].names.of(language)

    def subfield_name(self, label: Label, subfield: str, language: Language) -> str:
        """The name of a subfield; of its field when the subfield is not known."""
        rule = self.regulation.labels[label]
        return rule.subfields.get(subfield, rule.names).of(language)

    def emergency(self, label: Label) -> Emergency:
        """Number and service of an emergency. Raises `Invalid` for a label that is none."""
        found = self.regulation.emergencies.get(label)
        if found is None:
            raise Invalid("not_an_emergency", "Only the emergency labels have a number.")
        return found

    def agency(self, code: str, on: date) -> Agency | None:
        """The agency of that code on that day."""
        return self.register.get(code, on)

    def agencies(self, on: date) -> tuple[Agency, ...]:
        """Agencies that exist on that day."""
        return self.register.on(on)

    def role(self, role: str, on: date) -> Agency:
        """The one agency that has the role in the whole province that day.

        Raises `Invalid` when there is not exactly one; the roles of `REQUIRED_ROLES` are checked at start.
        """
        holders = [agency for agency in self.register.holders(role, on) if not agency.scope]
        if len(holders) != 1:
            raise Invalid("no_holder_of_role", "Not exactly one agency has the role on that day.")
        return holders[0]

    def committee(self, unit_code: str, valid_from: date | None, on: date) -> Agency | None:
        """The People's Committee of a unit."""
        code = self.register.committees.get((unit_code, valid_from))
        return None if code is None else self.register.get(code, on)

    def place_to_turn(self, language: Language, on: date, *, role: str = COMPLAINT_RECEPTION) -> str:
        """Name, address and phone of the office that a citizen is sent to (Điều 8.2)."""
        agency = self.role(role, on)
        if language is Language.OTHER:
            return Bilingual.of(self._contact(agency, Language.VI), self._contact(agency, Language.EN))
        return self._contact(agency, language)

    def text(self, key: str, language: Language, /, **values: str) -> str:
        """A text for citizens; another language gets Vietnamese and English. Raises `Invalid` for a missing value."""
        return self.texts.render(key, language, values)

    def told(self, key: str, intake: Intake, language: Language, /, **values: str) -> str:
        """A text in the form that fits how the citizen wrote: short in a chat, as a letter elsewhere."""
        return self.text(form_for(key, intake), language, **values)

    def moment(self, instant: datetime) -> str:
        """An instant as citizens read it, in local time: `26/11/2026 08:30`."""
        return instant.astimezone(self.calendar.zone).strftime("%d/%m/%Y %H:%M")

    def day(self, instant: datetime) -> date:
        """The local day of an instant."""
        return instant.astimezone(self.calendar.zone).date()

    def _contact(self, agency: Agency, language: Language) -> str:
        values: Mapping[str, str] = {
            "agency": agency.name(language),
            "address": agency.address.of(language),
            "number": agency.phone,
        }
        return self.texts.render("place_to_turn", language, values)
