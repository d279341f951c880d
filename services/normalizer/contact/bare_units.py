"""Reads a unit's name that stands without its type: `Tân Hưng` after `ấp 3`, `bom bo bu dang`."""

from collections.abc import Mapping

from gateway.domain.province import Level
from services.normalizer.contact.place_words import DISTRICTS_AND_ABOVE, UNITS
from services.normalizer.contact.units import UnitName
from services.normalizer.contact.word_runs import WordRuns
from services.normalizer.reading import Reading

_ANNOUNCING = frozenset({"o", "tai", "ngu", "ve", "in", "at"})
_ABBREVIATED = 3
"""Letters of a district written short, as `ĐX`: it belongs to no name before it."""


def may_stand_alone(runs: WordRuns, reading: Reading, names: Mapping[int, UnitName], name: UnitName) -> bool:
    """Whether a name may begin a place without its type.

    It needs its capital, a word such as "ở" before it, or its district after it.
    """
    word = reading.words[name.first]
    announced = name.first > 0 and reading.words[name.first - 1].form in _ANNOUNCING
    if announced or word.capital:
        return True
    return _followed(runs, reading, names, name)


def level_meant(name: UnitName, parts: set[str], *, commune_known: bool) -> Level | None:
    """Which level the name means after the parts read so far; None when it means none.

    Many old districts lend their name to a commune of today: after a commune the name is the district.
    """
    commune = bool(name.of(Level.COMMUNE))
    # A district of elsewhere is not meant where a commune of here bears the name, as Tân Phú.
    district = any(unit.served or not commune for unit in name.of(Level.DISTRICT))
    if district and (commune_known or not commune or "commune" in parts or not parts):
        return Level.DISTRICT
    if name.of(Level.PROVINCE) and not district and parts & {"commune", "district"}:
        return Level.PROVINCE
    if commune and "commune" not in parts:
        return Level.COMMUNE
    if district:
        return Level.DISTRICT
    return Level.PROVINCE if name.of(Level.PROVINCE) and parts else None


def goes_on(runs: WordRuns, reading: Reading, names: Mapping[int, UnitName], name: UnitName) -> bool:
    """Whether the name is only the beginning of another one, as `Phú Riềng` in the street `Phú Riềng Đỏ`."""
    words = reading.words
    if name.last >= len(words) or not words[name.first].capital or runs.shouted(name.first):
        return False
    following = words[name.last]
    return (
        following.capital
        and following.toned_line
        and reading.gap(name.last) == " "
        and name.last not in names
        and not runs.prefix(name.last, UNITS)
        and not runs.is_taken(name.last)
        and not (runs.shouted(name.last) and len(following.form) <= _ABBREVIATED)
    )


def _followed(runs: WordRuns, reading: Reading, names: Mapping[int, UnitName], name: UnitName) -> bool:
    """Whether a district's name or its type comes right after, as in `bom bo bu dang`."""
    following = names.get(name.last)
    if following is not None and following.of(Level.DISTRICT):
        return True
    return name.last < len(reading.words) and runs.prefix(name.last, DISTRICTS_AND_ABOVE) is not None
