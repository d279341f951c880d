"""Finds names of administrative units in a text and says which unit is meant on the day of receipt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from gateway.domain.province import Gazetteer, Level, Unit
from services.normalizer.phrases import Phrase, PhraseIndex, phrase
from services.normalizer.reading import Reading


@dataclass(frozen=True, slots=True)
class UnitName:
    """A name that units bear, found at these words (`last` exclusive)."""

    folded: str
    first: int
    last: int
    units: tuple[Unit, ...]

    def of(self, level: Level) -> tuple[Unit, ...]:
        """The units of one level that bear the name."""
        return tuple(unit for unit in self.units if unit.level is level)


@dataclass(frozen=True)
class UnitIndex:
    """All names of a gazetteer, ready to be found."""

    gazetteer: Gazetteer
    phrases: PhraseIndex

    def find(self, reading: Reading) -> dict[int, UnitName]:
        """Names by the number of their first word; the longest at each place."""
        found = {}
        for hit in self.phrases.find(reading):
            folded = hit.phrase.tag
            units = self.gazetteer.by_name.get(folded, ())
            keys = tuple(word.key for word in reading.words[hit.first : hit.last])
            # `Lộc Thành` and `Lộc Thạnh` are two places of one district: where tones are written they tell.
            meant = tuple(unit for unit in units if keys in _keys(unit.bare))
            found[hit.first] = UnitName(folded, hit.first, hit.last, meant or units)
        return found


@lru_cache(maxsize=4096)
def _keys(name: str) -> frozenset[tuple[str, ...]]:
    return frozenset(phrase(written, "").keys for written in _spellings(name))


def _spellings(name: str) -> tuple[str, ...]:
    """The ways a name is written: `Đak`, `Đăk` and `Đắk` are one word of the M'Nông."""
    first, _, rest = name.partition(" ")
    return tuple(f"{one} {rest}" for one in _DAK) if first in _DAK and rest else (name,)


_DAK = ("Đak", "Đăk", "Đắk", "Đắc")


class _ByIdentity:
    """A gazetteer as a key of a cache: equal only to itself, so that no table is hashed for each message."""

    __slots__ = ("gazetteer",)

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.gazetteer is self.gazetteer

    def __hash__(self) -> int:
        return id(self.gazetteer)


def index_of(gazetteer: Gazetteer) -> UnitIndex:
    """The index of a gazetteer; made once."""
    return _index(_ByIdentity(gazetteer))


@lru_cache(maxsize=8)
def _index(key: _ByIdentity) -> UnitIndex:
    phrases: dict[tuple[str, ...], Phrase] = {}
    for unit in key.gazetteer.units:
        for written in _spellings(unit.bare):
            one = phrase("~" + written, unit.folded)
            phrases.setdefault(one.keys, one)
    return UnitIndex(key.gazetteer, PhraseIndex(phrases.values()))


def unit_meant(gazetteer: Gazetteer, communes: Sequence[Unit], districts: Sequence[Unit], day: date) -> Unit | None:
    """The unit of the day that the name of a commune, and perhaps that of a district, mean.

    Old names give the unit that the place has become. A name that several places bear, or a pair that does not fit
    together, gives None rather than a guess.
    """
    fitting = _within(gazetteer, communes, districts) if districts else list(communes)
    valid = [unit for unit in fitting if unit.period.covers(day) and unit.served]
    if valid and not districts:
        return valid[0] if len(valid) == 1 else None
    heirs = {
        heir
        for unit in fitting
        if (heir := unit if unit.period.covers(day) else gazetteer.successor(unit, day)) is not None
    }
    if len(heirs) == 1:
        return next(iter(heirs))
    if len(valid) == 1:
        return valid[0]
    if not communes and len(districts) == 1 and districts[0].period.covers(day):
        return districts[0]
    return None


def _within(gazetteer: Gazetteer, communes: Sequence[Unit], districts: Sequence[Unit]) -> list[Unit]:
    codes = {unit.code for unit in districts}
    parents = {unit.folded for unit in districts}
    inside = [unit for unit in communes if unit.district_code in codes]
    if inside:
        return inside
    # A unit of today has no district any more: it fits when one of its old communes lay in the district named.
    today = [unit for unit in communes if not unit.district_code]
    old = [
        unit
        for district in districts
        for unit in gazetteer.communes(district)
        if any(unit.valid_to and heir.code in unit.next for heir in today)
    ]
    fitting = [unit for unit in today if any(unit.code in before.next for before in old)]
    return fitting or [unit for unit in today if unit.folded in parents]
