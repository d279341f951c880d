"""Điều 4.6: matters of 113, 114 and 115, by words that belong together; idioms, equipment and the past are none."""

import math
from dataclasses import dataclass

from schemas.judgement import Evidence
from schemas.vocabulary import EMERGENCIES, Label, Language
from services.normalizer.lexicon import Lexicon
from services.normalizer.patterns import Found
from services.normalizer.reading import Reading
from services.normalizer.rules.scope import NAMED, evidence_of

_LABELS = {
    "police": Label.EMERGENCY_POLICE,
    "fire": Label.EMERGENCY_FIRE_RESCUE,
    "medical": Label.EMERGENCY_MEDICAL,
}
_VETOES = frozenset(
    {"past", "proposal", "possible", "procedure", "equipment", "air", "care", "treated", "habit", "yesterday"}
)
_REACH = 14

_BACKED = {"sure": 0.4, "likely": 0.2}
"""What patterns add to the lead of a text that has one of them; those of a `sure` kind more."""

_REFUTED = 0.1
"""What patterns take from it that gave way to words of the past, of fear or of procedure, where none stayed."""

_NAMED_OTHERWISE = 0.2
"""How much greater the lead must be where the words name an ordinary field and no pattern an emergency."""

_SHORT = 0.3
"""How much greater for a text of half of `_ENOUGH` words without a pattern; few words may sound like anything."""

_ENOUGH = 14

_KIND = 0.15
"""What each pattern adds for its kind, beside likeness to reports of that kind."""

_SAYING = 5
"""Words of such a text: a cry for help alone, "giúp tôi với ạ", does not say for what."""

_SURE, _LIKELY = 3, 2
_MOST = 5


@dataclass(frozen=True, slots=True)
class EmergencyFound:
    """Which number, and the words that say so."""

    label: Label
    evidence: tuple[Evidence, ...]


def emergency_in(
    reading: Reading, lexicon: Lexicon, masked: frozenset[int], language: Language | None, *, points: float = 0.0
) -> EmergencyFound | None:
    """The emergency that the text reports as happening, if any.

    Likeness to such reports decides, as it was learnt from thousands: its lead over everything else. `*_sure` and
    `*_likely` patterns add to the lead, if nothing speaks against them: words of the past, of fear or of procedure
    near them, for `likely` ones also proposals. Words of the present ("đang", "cứu với", "ngay bây giờ") outweigh the
    past. Without a pattern it must lead by more where an ordinary field is named, `points` being what the words give
    it, and where the words are few. `masked` words (contact) say nothing.
    """
    if language is Language.OTHER:
        return None
    found = lexicon.emergency.find(reading)
    kept: list[tuple[Label, Found]] = []
    refuted = False
    for one in found:
        kind, _, grade = one.tag.partition("_")
        label = _LABELS.get(kind)
        if label is None:
            continue
        if _vetoed(reading, one, found, sure=grade == "sure"):
            refuted = True
        else:
            kept.append((label, one))
    grades = [one.tag.partition("_")[2] for _, one in kept]
    lead = lexicon.alarms.lead(reading, masked) + max((_BACKED[grade] for grade in grades), default=-_REFUTED * refuted)
    if lead < lexicon.thresholds.emergency_lead + (0.0 if kept else _more_without_pattern(reading, points)):
        return None
    kinds = lexicon.alarms.likeness(reading, masked)
    for label, one in kept:
        kinds[label] += _KIND * (_SURE if one.tag.endswith("sure") else _LIKELY)
    best = max(EMERGENCIES, key=lambda label: (kinds[label], label))
    evidence = _evidence(reading, lexicon, masked, [one for label, one in kept if label is best])
    return EmergencyFound(best, evidence) if evidence else None


def _more_without_pattern(reading: Reading, points: float) -> float:
    """How much greater the lead must be where only likeness speaks."""
    words = len(reading.words)
    if words < _SAYING:
        return math.inf
    return _SHORT * max(0.0, _ENOUGH / words - 1.0) + (_NAMED_OTHERWISE if points >= NAMED else 0.0)


def _evidence(
    reading: Reading, lexicon: Lexicon, masked: frozenset[int], patterns: list[Found]
) -> tuple[Evidence, ...]:
    """The patterns that speak for it, or else the words that alarm most."""
    if patterns:
        return tuple(evidence_of(reading, one.first, one.last, "emergency." + one.tag) for one in patterns[:_MOST])
    telling = lexicon.alarms.telling(reading, masked)
    return tuple(evidence_of(reading, number, number + 1, "emergency.likeness") for number in telling)


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
