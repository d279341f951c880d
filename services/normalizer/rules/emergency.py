"""Điều 4.6: matters of 113, 114 and 115, by words that belong together; idioms, equipment and the past are none."""

from dataclasses import dataclass

from schemas.judgement import Evidence
from schemas.vocabulary import Label
from services.normalizer.lexicon import Lexicon
from services.normalizer.patterns import Found
from services.normalizer.reading import Reading
from services.normalizer.rules.scope import evidence_of

_LABELS = {
    "police": Label.EMERGENCY_POLICE,
    "fire": Label.EMERGENCY_FIRE_RESCUE,
    "medical": Label.EMERGENCY_MEDICAL,
}
_VETOES = frozenset({"past", "proposal", "possible", "procedure", "equipment", "air"})
_REACH = 14
_SURE, _LIKELY = 3, 2


@dataclass(frozen=True, slots=True)
class EmergencyFound:
    """Which number, and the words that say so."""

    label: Label
    evidence: tuple[Evidence, ...]


def emergency_in(reading: Reading, lexicon: Lexicon) -> EmergencyFound | None:
    """The emergency that the text reports as happening, if any.

    `*_sure` patterns are reports by themselves and give way only to words of the past, of fear or of procedure near
    them; `*_likely` ones also to proposals. Words of the present ("đang", "cứu với", "ngay bây giờ") outweigh the past.
    """
    found = lexicon.emergency.find(reading)
    weights: dict[Label, int] = {}
    kept: list[tuple[Label, Found]] = []
    for one in found:
        kind, _, grade = one.tag.partition("_")
        label = _LABELS.get(kind)
        if label is None or _vetoed(reading, one, found, sure=grade == "sure"):
            continue
        weights[label] = weights.get(label, 0) + (_SURE if grade == "sure" else _LIKELY)
        kept.append((label, one))
    if not kept:
        return None
    best = max(weights, key=lambda label: (weights[label], -_order(kept, label)))
    evidence = tuple(
        evidence_of(reading, one.first, one.last, "emergency." + one.tag) for label, one in kept if label is best
    )
    return EmergencyFound(best, evidence[:5])


def _vetoed(reading: Reading, one: Found, found: list[Found], *, sure: bool) -> bool:
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
    if "air" in near and not sure and one.tag.startswith("medical"):
        return True  # Who breathes badly in smoke and stench complains of the air.
    near.discard("air")
    if "now" in near:
        near -= {"past", "proposal"}
        if sure:
            return False
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


def _order(kept: list[tuple[Label, Found]], label: Label) -> int:
    return next(number for number, (one, _) in enumerate(kept) if one is label)
