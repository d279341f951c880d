"""Answers which places there are on a date, what an old place has become, and which places bear a name."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from gateway.domain.province.period import DAY
from gateway.domain.province.unit import Level, Unit
from schemas.ticket import Locality


@dataclass(frozen=True)
class Gazetteer:
    """All units ever known to the deployment, each with its validity."""

    units: tuple[Unit, ...]

    def on(self, day: date) -> tuple[Unit, ...]:
        """Units of every level that the deployment serves on that day."""
        return tuple(unit for unit in self.units if unit.served and unit.period.covers(day))

    def unit(self, code: str, on: date) -> Unit | None:
        """The unit that bears the code on that day, served or not."""
        return next((unit for unit in self._by_code.get(code, ()) if unit.period.covers(on)), None)

    def versions(self, code: str) -> tuple[Unit, ...]:
        """Every unit that ever bore the code."""
        return self._by_code.get(code, ())

    def at(self, locality: Locality) -> Unit | None:
        """The very unit that a ticket's locality names, whatever the date."""
        for unit in self._by_code.get(locality.code, ()):
            if (unit.valid_from.isoformat() if unit.valid_from else "") == locality.valid_from:
                return unit
        return None

    def successors(self, unit: Unit, on: date) -> tuple[Unit, ...]:
        """What the unit is on a later day: itself, one unit, several when it was divided, none when unknown.

        A district is followed by the communes that its communes became. Earlier days give nothing.
        """
        if unit.period.covers(on):
            return (unit,)
        if unit.valid_to is None or on <= unit.valid_to:
            return ()
        day = unit.valid_to + DAY
        heirs = [heir for code in unit.next if (heir := self.unit(code, day)) is not None]
        if not heirs and unit.level is Level.DISTRICT:
            heirs = [heir for part in self.communes(unit) for heir in self.successors(part, day)]
        found = [last for heir in heirs for last in self.successors(heir, on)]
        return tuple(dict.fromkeys(found))

    def successor(self, unit: Unit, on: date) -> Unit | None:
        """The one unit that the place is on that day; None when it was divided or nothing is known."""
        found = self.successors(unit, on)
        return found[0] if len(found) == 1 else None

    def communes(self, district: Unit) -> tuple[Unit, ...]:
        """The communes of a district on its last day."""
        return tuple(
            unit
            for unit in self._by_district.get(district.code, ())
            if unit.period.covers(district.valid_to or date.max)
        )

    def district(self, unit: Unit) -> Unit | None:
        """The district a commune belonged to at the end of its own validity; None since districts are abolished."""
        if not unit.district_code:
            return None
        return self.unit(unit.district_code, unit.valid_to or date.max)

    @cached_property
    def districts(self) -> tuple[Unit, ...]:
        """Every district that was ever known, served or not."""
        return tuple(unit for unit in self.units if unit.level is Level.DISTRICT)

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Unit, ...]]:
        """Folded bare name to all units of all times and levels that bear it, as the data lists them."""
        found = defaultdict(list)
        for unit in self.units:
            found[unit.folded].append(unit)
        return {name: tuple(units) for name, units in found.items()}

    @cached_property
    def _by_code(self) -> Mapping[str, tuple[Unit, ...]]:
        found = defaultdict(list)
        for unit in self.units:
            found[unit.code].append(unit)
        return {code: tuple(units) for code, units in found.items()}

    @cached_property
    def _by_district(self) -> Mapping[str, tuple[Unit, ...]]:
        found = defaultdict(list)
        for unit in self.units:
            if unit.district_code:
                found[unit.district_code].append(unit)
        return {code: tuple(units) for code, units in found.items()}
