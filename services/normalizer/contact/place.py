"""Finds places in a text: runs of house, street, hamlet, commune, district and province, as citizens write them."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from gateway.domain.province import Level, Unit
from services.normalizer.contact.bare_units import goes_on, level_meant, may_stand_alone
from services.normalizer.contact.house import HouseReader
from services.normalizer.contact.place_parts import Run
from services.normalizer.contact.place_words import CONNECTORS, ENGLISH_SAID, OPENING, SEPARATORS, UNITS
from services.normalizer.contact.units import UnitName
from services.normalizer.contact.word_places import holds_any, places_of
from services.normalizer.reading import Reading

_Reader = Callable[[int, Run], int | None]
_PROVINCE_SHORT = "bp"
_BEGINNING = OPENING | {_PROVINCE_SHORT}
_LONGEST = 40
_MOST = 40
"""Places of one text that are looked at; it bounds the work on hostile text."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place as written: word and text offsets, which parts it has, the units its names may mean.

    `kind` is the type of its commune as written: `Xã`, `Phường`, `Thị trấn` or nothing.
    """

    first: int
    last: int
    start: int
    end: int
    parts: frozenset[str]
    communes: tuple[Unit, ...] = ()
    districts: tuple[Unit, ...] = ()
    kind: str = ""

    @property
    def has_unit(self) -> bool:
        """Whether it names a commune or a district: `tổ 8` alone leads nowhere."""
        return bool(self.parts & {"commune", "district"})

    @property
    def detail(self) -> int:
        """How near it leads: 3 house, street or hamlet with a unit, 2 a commune or hamlet, 1 less."""
        near = self.parts & {"house", "hamlet", "street"}
        if near and self.parts & {"commune", "district"}:
            return 3
        if self.parts & {"commune", "hamlet", "house"}:
            return 2
        return 1


class PlaceFinder(HouseReader):
    """Reads the places of one text."""

    def __init__(self, reading: Reading, names: Mapping[int, UnitName], taken: AbstractSet[int]) -> None:
        """Take the text, the unit names found in it, and which words are a person's name or a number."""
        super().__init__(reading, names, taken)
        numbers = [number for number, form in enumerate(reading.forms) if not form.isalpha()]
        in_english = holds_any(reading, ENGLISH_SAID)
        self._beginnings = frozenset(
            {*places_of(reading, _BEGINNING), *names, *numbers, *(reading.capitals if in_english else ())}
        )
        english: tuple[_Reader, ...] = (self.english,) if in_english else ()
        nearer: tuple[_Reader, ...] = (self.hamlet, self.street, self.house, self._bare)
        self._at_unit = (*english, self.province, self.district, self.commune, *nearer)
        self._elsewhere = (*english, *nearer)

    def places(self) -> list[Place]:
        """Every place, in order."""
        found: list[Place] = []
        words = self.reading.words
        for first in sorted(self._beginnings):
            behind = not found or first >= found[-1].last
            run = self._run(first) if behind and len(found) < _MOST else None
            if run is not None:
                found.append(
                    Place(run.first, run.last, words[run.first].start, words[run.last - 1].end,
                          frozenset(run.parts), run.communes, run.districts, run.kind)
                )  # fmt: skip
        return found

    def _run(self, first: int) -> Run | None:
        run = Run(first, first)
        at = first
        while at < len(self.reading.words) and at - first < _LONGEST:
            if at > first:
                if self.reading.words[at].form in CONNECTORS and at not in self.taken:
                    following = self._part(at + 1, run) if at + 1 < len(self.reading.words) else None
                    if following is None:
                        break
                    at += 1
                elif not SEPARATORS.match(self.reading.gap(at)) or "\n" in self.reading.gap(at):
                    break
            end = self._part(at, run)
            if end is None:
                break
            at = end
            run.last = at
        return run if run.last > first else None

    def _part(self, at: int, run: Run) -> int | None:
        """The end of the part that begins at word `at`, noted in `run`; None when there is none."""
        if at not in self._beginnings or at in self.taken:
            return None
        for read in self._at_unit if self.reading.forms[at] in UNITS else self._elsewhere:
            end = read(at, run)
            if end is not None:
                return end
        return None

    def _bare(self, at: int, run: Run) -> int | None:
        """A unit's name without its type."""
        if self.reading.words[at].form == _PROVINCE_SHORT and run.parts:
            run.parts.add("province")
            return at + 1
        name = self.names.get(at)
        if name is not None and name.short and not run.parts & {"commune", "hamlet"}:
            return None
        if name is None or goes_on(self.runs, self.reading, self.names, name):
            return None
        if not run.parts and not may_stand_alone(self.runs, self.reading, self.names, name):
            return None
        level = level_meant(name, run.parts, commune_known=bool(run.communes))
        if level is None:
            return None
        run.parts.add(level.value)
        if level is Level.COMMUNE:
            run.communes = name.of(Level.COMMUNE)
        elif level is Level.DISTRICT:
            run.districts = run.districts or name.of(Level.DISTRICT)
            run.communes = run.communes or name.of(Level.COMMUNE)
        return name.last
