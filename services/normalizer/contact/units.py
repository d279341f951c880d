"""Finds names of administrative units in a text and says which unit is meant on the day of receipt."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from gateway.domain.province import Gazetteer, Level, Unit
from gateway.domain.vietnamese import fold
from services.normalizer.phrases import Phrase, PhraseIndex, phrase
from services.normalizer.reading import Reading, form_of, key_of

_APART = re.compile(r"[,;:!?()\n/|]")
"""Signs that no name goes over: `ấp Đồng Tân, Đồng Nơ` names no Tân Đồng."""

_DAK = ("Đak", "Đăk", "Đắk", "Đắc")
_DAK_KEYS = tuple(key_of(one) for one in _DAK)


@dataclass(frozen=True, slots=True)
class UnitName:
    """A name that units bear, found at these words (`last` exclusive)."""

    folded: str
    first: int
    last: int
    units: tuple[Unit, ...]
    short: bool = False
    """Whether these are only initials of a district, as in `Tân Bình ĐX`: they say it behind a nearer place only."""

    def of(self, level: Level) -> tuple[Unit, ...]:
        """The units of one level that bear the name."""
        return tuple(unit for unit in self.units if unit.level is level)


@dataclass(frozen=True)
class UnitIndex:
    """All names of a gazetteer, ready to be found."""

    gazetteer: Gazetteer
    phrases: PhraseIndex
    alone: Mapping[str, tuple[str, tuple[Unit, ...], bool]]
    """What one word stands for: a name, the units that bear it, and whether these are only initials."""

    def find(self, reading: Reading) -> dict[int, UnitName]:
        """Names by the number of their first word; the longest at each place."""
        found = {}
        breaks = frozenset([at for at, gap in enumerate(reading.gaps) if at and gap != " " and _APART.search(gap)])
        for hit in self.phrases.find(reading, breaks=breaks):
            folded = hit.phrase.tag
            units = self.gazetteer.by_name.get(folded, ())
            keys = _one_dak(tuple(word.key for word in reading.words[hit.first : hit.last]))
            # `Lộc Thành` and `Lộc Thạnh` are two places of one district: where tones are written they tell.
            meant = tuple(unit for unit in units if _keys(unit.bare) == keys)
            found[hit.first] = UnitName(folded, hit.first, hit.last, meant or units)
        for form in self.alone.keys() & reading.begins.keys():
            folded, units, short = self.alone[form]
            for number in reading.begins[form]:
                if number not in found and (number or not short):
                    found[number] = UnitName(folded, number, number + 1, units, short=short)
        return found


@lru_cache(maxsize=4096)
def _keys(name: str) -> tuple[str, ...]:
    return _one_dak(phrase(name, "").keys)


def _one_dak(keys: tuple[str, ...]) -> tuple[str, ...]:
    """The keys with one spelling of the M'Nông's word: the old `Đak Ơ` and the `Đăk Ơ` of today are one name."""
    return (_DAK_KEYS[0], *keys[1:]) if keys and keys[0] in _DAK_KEYS else keys


def _spellings(name: str) -> tuple[str, ...]:
    """The ways a name is written: `Đak`, `Đăk` and `Đắk` are one word of the M'Nông."""
    first, _, rest = name.partition(" ")
    return tuple(f"{one} {rest}" for one in _DAK) if first in _DAK and rest else (name,)


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
    for unit in key.gazetteer.units:
        if unit.level is Level.DISTRICT and unit.served:
            for written in _misspelt(unit.bare):
                one = phrase("~" + written, unit.folded)
                phrases.setdefault(one.keys, one)
    initials: dict[str, tuple[Unit, ...]] = {}
    for unit in key.gazetteer.units:
        parts = unit.bare.split()
        if unit.level is Level.DISTRICT and unit.served and len(parts) > 1:
            short = "".join(fold(part)[0] for part in parts)
            initials[short] = (*initials.get(short, ()), unit)
    alone = {form: (folded, units, False) for form, (folded, units) in _joined(key.gazetteer).items()}
    alone |= {short: (short, units, True) for short, units in initials.items()}
    return UnitIndex(key.gazetteer, PhraseIndex(phrases.values()), alone)


def _joined(gazetteer: Gazetteer) -> dict[str, tuple[str, tuple[Unit, ...]]]:
    """Names written as one word, `bombo` or `tanhiep`, and districts with one letter for the first: `đxoài`."""
    joined: dict[str, tuple[str, tuple[Unit, ...]]] = {}
    for folded, units in gazetteer.by_name.items():
        parts = units[0].bare.split() if units else []
        if len(parts) < 2 or any(part.isdigit() for part in parts):
            continue
        spelt = [fold(part) for part in parts]
        joined[form_of("".join(spelt))] = (folded, tuple(units))
        served = tuple(unit for unit in units if unit.level is Level.DISTRICT and unit.served)
        if served and len(parts) == 2:
            joined.setdefault(form_of(spelt[0][0] + spelt[1]), (folded, served))
    return joined


_MIXED_UP = (
    (re.compile(r"^l"), "n"), (re.compile(r"^n(?![gh])"), "l"), (re.compile(r"^x"), "s"), (re.compile(r"^r"), "gi"),
    (re.compile(r"^r"), "g"), (re.compile(r"nh$"), "ng"), (re.compile(r"ng$"), "g"),
    (re.compile(r"^hớn"), "hơn"), (re.compile(r"n$"), "ng"), (re.compile(r"ng$"), "n"), (re.compile(r"ơn$"), "uơn"),
)  # fmt: skip
"""Sounds that are one in the speech of many and are mixed up in writing, as `Lộc Linh`, `Hớn Quảng`, `Phú Giềng`."""


def _misspelt(name: str) -> Iterator[str]:
    """The name of a district with one of its syllables written as it is heard."""
    parts = name.split()
    for number, part in enumerate(parts):
        small = part.lower()
        for pattern, instead in _MIXED_UP:
            if pattern.search(small):
                yield " ".join((*parts[:number], pattern.sub(instead, small), *parts[number + 1 :]))


def unit_meant(
    gazetteer: Gazetteer, communes: Sequence[Unit], districts: Sequence[Unit], day: date, *, kind: str = ""
) -> Unit | None:
    """The unit of the day that the name of a commune, and perhaps that of a district, mean.

    Of several that bear a name alone, the `kind` it was given tells: `phường Tân Phú`, `thị trấn Tân Phú`. Old names
    give the unit that the place has become. A name that several places bear, or a pair that does not fit together,
    gives None rather than a guess.
    """
    fitting = _within(gazetteer, communes, districts) if districts else list(communes)
    valid = [unit for unit in fitting if unit.period.covers(day) and unit.served]
    if valid and not districts:
        alike = [unit for unit in valid if kind and unit.name.startswith(kind)] or valid
        return alike[0] if len(alike) == 1 else None
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
