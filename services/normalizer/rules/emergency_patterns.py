"""Patterns of emergencies in a text: which stand, and which give way to words beside them."""

from dataclasses import dataclass

from schemas.vocabulary import Label
from services.normalizer.lexicon import Lexicon
from services.normalizer.patterns import Found
from services.normalizer.reading import Reading

_LABELS = {
    "police": Label.EMERGENCY_POLICE,
    "fire": Label.EMERGENCY_FIRE_RESCUE,
    "medical": Label.EMERGENCY_MEDICAL,
}
_VETOES = frozenset(
    {"past", "proposal", "possible", "procedure", "equipment", "air", "care", "treated", "habit", "yesterday"}
)
_REACH = 14


@dataclass(frozen=True, slots=True)
class PatternsFound:
    """Tags of every pattern that was found, and those patterns of an emergency that nothing speaks against."""

    tags: frozenset[str]
    standing: tuple[tuple[Label, Found], ...]
    refuted: bool
    """Whether a pattern gave way to words of the past, of fear or of procedure near it."""


def patterns_in(reading: Reading, lexicon: Lexicon) -> PatternsFound:
    """Find the patterns. `*_sure` ones give way to little, `*_likely` ones also to proposals.

    Words of the present ("đang", "cứu với", "ngay bây giờ") outweigh the past.
    """
    found = lexicon.emergency.find(reading)
    standing: list[tuple[Label, Found]] = []
    refuted = False
    for one in found:
        kind, _, grade = one.tag.partition("_")
        label = _LABELS.get(kind)
        if label is None:
            continue
        if _vetoed(reading, one, found, sure=grade == "sure"):
            refuted = True
        else:
            standing.append((label, one))
    return PatternsFound(frozenset(one.tag for one in found), tuple(standing), refuted)


def _vetoed(reading: Reading, one: Found, found: list[Found], *, sure: bool) -> bool:
    if one.first and reading.says(one.first - 1, "như"):
        return True  # Like a fight, like an earthquake: it is neither.
    medical = one.tag.startswith("medical")
    if medical and one.first and reading.says(one.first - 1, "muốn"):
        return True  # "Muốn đột quỵ" is what one says of a bill.
    sentence = reading.words[one.first].sentence
    near = {
        other.tag
        for other in found
        if other.tag in _VETOES | {"now"}
        and reading.words[other.first].sentence == sentence
        and min(abs(other.first - one.last), abs(one.first - other.last)) <= _REACH
    }
    if "equipment" in near and _is_device(reading, one, found):
        return True
    near.discard("equipment")
    if medical and "treated" in near:
        return True  # Whoever lies in a hospital needs no ambulance.
    near.discard("treated")
    if "air" in near and not sure and medical:
        return True  # Who breathes badly in smoke and stench complains of the air.
    near.discard("air")
    if one.tag.startswith("police"):
        near.discard(
            "habit"
        )  # Drugs taken every night are a matter of the police; accidents at every rain of the road.
    if one.tag != "medical_likely":
        # Who is hurt or held in a hospital is hurt all the same; who waits there long is not. Whoever fell yesterday
        # was helped; a theft of yesterday is news to the police.
        near -= {"care", "yesterday"}
    if "now" in near:
        near -= {"past", "yesterday", "proposal"}
        if sure:
            return "procedure" in near
    near.discard("now")
    return bool(near - {"proposal"}) if sure else bool(near)


def _is_device(reading: Reading, one: Found, found: list[Found]) -> bool:
    """Whether what burns is a bulb, a fuse or the like: it stands just before, and no flame or smoke is spoken of."""
    if not one.tag.startswith("fire"):
        return False
    spoken = {word.form for word in reading.words if word.sentence == reading.words[one.first].sentence}
    if spoken & {"lua", "khoi", "lan"}:
        return False
    return any(other.tag == "equipment" and 0 <= one.first - other.last <= 4 for other in found)
