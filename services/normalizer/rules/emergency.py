"""Điều 4.6: matters of 113, 114 and 115, by words that belong together; idioms, equipment and the past are none."""

import math
from dataclasses import dataclass

from schemas.judgement import Evidence
from schemas.vocabulary import EMERGENCIES, Label, Language
from services.normalizer.lexicon import EMERGENCY, NO_EMERGENCY, Lexicon
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
_TELLING = 3
"""Words that must speak for an emergency where only likeness does."""

_ENOUGH = 14
"""Words of a text from which on the lead is as asked; of fewer it must be greater."""

_NAMED_OTHERWISE = 3.0
"""How much greater the lead must be where the words name an ordinary field."""

_DOUBTED = 3.0
"""How much greater where words of the past, of fear or of procedure speak against it."""

_FOREIGN = 2.0
"""How much greater in English, of which fewer reports are known."""

_SAYING = 5
"""Words of such a text: a cry for help alone, "giúp tôi với ạ", does not say for what."""

_SURE, _LIKELY = 3, 2


@dataclass(frozen=True, slots=True)
class EmergencyFound:
    """Which number, and the words that say so."""

    label: Label
    evidence: tuple[Evidence, ...]


def emergency_in(
    reading: Reading, lexicon: Lexicon, masked: frozenset[int], language: Language | None, *, points: float = 0.0
) -> EmergencyFound | None:
    """The emergency that the text reports as happening, if any.

    `*_sure` patterns are reports by themselves and give way only to words of the past, of fear or of procedure near
    them; `*_likely` ones also to proposals. Words of the present ("đang", "cứu với", "ngay bây giờ") outweigh the past.
    Where no pattern speaks for it, likeness to such reports decides; `masked` words (contact) say nothing. It must say
    more where a pattern speaks against it, in English, and where an ordinary field is named: `points` are its.
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
        doubts = (_FOREIGN if language is Language.EN else 1.0) * (_DOUBTED if _doubted(found) else 1.0)
        return _alike(reading, lexicon, masked, doubts * (_NAMED_OTHERWISE if points >= NAMED else 1.0))
    best = max(weights, key=lambda label: (weights[label], -_order(kept, label)))
    evidence = tuple(
        evidence_of(reading, one.first, one.last, "emergency." + one.tag) for label, one in kept if label is best
    )
    return EmergencyFound(best, evidence[:5])


def _doubted(found: list[Found]) -> bool:
    """Whether words speak against an emergency: a pattern gave way to them, or nothing says that it is now."""
    tags = {one.tag for one in found}
    if any(tag.partition("_")[0] in _LABELS for tag in tags):
        return True
    return "now" not in tags and not tags.isdisjoint(_VETOES - {"care"})


def _alike(reading: Reading, lexicon: Lexicon, masked: frozenset[int], doubts: float) -> EmergencyFound | None:
    """The emergency whose reports the text resembles, if far more than anything else: by `doubts` times as much."""
    votes = lexicon.alarms.vote(reading, masked)
    needed = lexicon.thresholds.emergency_vote * doubts * max(1.0, _ENOUGH / max(1, len(reading.words)))
    if not votes.get(EMERGENCY) or votes[EMERGENCY] < votes[NO_EMERGENCY] * math.exp(needed):
        return None
    telling = lexicon.alarms.telling(reading, masked, EMERGENCY)
    if len(telling) < _TELLING or len(reading.words) < _SAYING:
        return None
    kinds = lexicon.alarm_kinds.vote(reading, masked)
    best = max(EMERGENCIES, key=lambda label: (kinds.get(label, 0.0), label))
    rule = "emergency.likeness"
    return EmergencyFound(best, tuple(evidence_of(reading, number, number + 1, rule) for number in telling))


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


def _order(kept: list[tuple[Label, Found]], label: Label) -> int:
    return next(number for number, (one, _) in enumerate(kept) if one is label)
