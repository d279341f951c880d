"""Finds agencies by code, role and place on a date."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from gateway.domain.province.agency import Agency


@dataclass(frozen=True)
class Register:
    """Every agency of every time; the same code may stand several times with periods that do not overlap.

    `committees` maps (unit code, unit's valid_from) to the code of that unit's People's Committee.
    """

    agencies: tuple[Agency, ...]
    committees: Mapping[tuple[str, date | None], str]

    def on(self, day: date) -> tuple[Agency, ...]:
        """Agencies that exist on that day."""
        return tuple(agency for agency in self.agencies if agency.period.covers(day))

    def get(self, code: str, on: date) -> Agency | None:
        """The agency of that code on that day."""
        return next((agency for agency in self.versions(code) if agency.period.covers(on)), None)

    def versions(self, code: str) -> tuple[Agency, ...]:
        """The agency of that code in all its periods."""
        return self._by_code.get(code, ())

    def holders(self, role: str, on: date) -> tuple[Agency, ...]:
        """Agencies that have the role on that day, wherever they serve."""
        return tuple(agency for agency in self._by_role.get(role, ()) if agency.period.covers(on))

    @cached_property
    def codes(self) -> frozenset[str]:
        """Codes of all agencies of all times: the queues that may exist."""
        return frozenset(self._by_code)

    @cached_property
    def roles(self) -> frozenset[str]:
        """Every role that any agency ever has."""
        return frozenset(self._by_role)

    @cached_property
    def _by_code(self) -> Mapping[str, tuple[Agency, ...]]:
        found = defaultdict(list)
        for agency in self.agencies:
            found[agency.code].append(agency)
        return {code: tuple(agencies) for code, agencies in found.items()}

    @cached_property
    def _by_role(self) -> Mapping[str, tuple[Agency, ...]]:
        found = defaultdict(list)
        for agency in self.agencies:
            for role in agency.roles:
                found[role].append(agency)
        return {role: tuple(agencies) for role, agencies in found.items()}
