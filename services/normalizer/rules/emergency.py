"""Điều 4.6: matters of 113, 114 and 115, by likeness to thousands of reports and by words that belong together."""

from dataclasses import dataclass

from schemas.judgement import Evidence
from schemas.vocabulary import EMERGENCIES, Label, Language
from services.normalizer.lexicon import Lexicon
from services.normalizer.patterns import Found
from services.normalizer.reading import Reading
from services.normalizer.rules.scope import evidence_of
from services.normalizer.rules.signs import Signs

_FAINT = -1.2
"""The lead of a whole text below which none of its passages is looked at."""

_PASSAGE = 0.6
"""How much louder a passage must be than a whole text; both chosen by leaving out one labelled set after the other."""

_KIND = 0.15
"""What each pattern adds for its kind, beside likeness to reports of that kind."""

_SURE, _LIKELY = 3, 2
_MOST = 5


@dataclass(frozen=True, slots=True)
class EmergencyFound:
    """Which number, and the words that say so."""

    label: Label
    evidence: tuple[Evidence, ...]


def emergency_in(
    reading: Reading, lexicon: Lexicon, masked: frozenset[int], language: Language | None, signs: Signs, lead: float
) -> EmergencyFound | None:
    """The emergency that the text reports as happening, if any.

    Likeness to such reports decides, as it was learnt from thousands: its `lead` over everything else, or that of a
    passage. Patterns are among what was learnt: which were found, and which of them nothing near speaks against.
    `masked` words (contact) say nothing.
    """
    if language is Language.OTHER or not reading.words:
        return None
    if not _alarming(reading, lexicon, masked, lead):
        return None
    kinds = lexicon.trained.likeness(reading, masked)
    standing = signs.emergencies.standing
    for label, one in standing:
        kinds[label] += _KIND * (_SURE if one.tag.endswith("sure") else _LIKELY)
    best = max(EMERGENCIES, key=lambda label: (kinds[label], label))
    evidence = _evidence(reading, lexicon, masked, [one for label, one in standing if label is best])
    return EmergencyFound(best, evidence) if evidence else None


def _alarming(reading: Reading, lexicon: Lexicon, masked: frozenset[int], lead: float) -> bool:
    """Whether the whole text leads by enough, or a passage of it: much is told in passing, between name and thanks."""
    enough = lexicon.thresholds.emergency_lead
    return lead >= enough or (lead >= _FAINT and lexicon.trained.loudest(reading, masked) >= enough + _PASSAGE)


def _evidence(
    reading: Reading, lexicon: Lexicon, masked: frozenset[int], patterns: list[Found]
) -> tuple[Evidence, ...]:
    """The patterns that speak for it, or else the words that alarm most."""
    if patterns:
        return tuple(evidence_of(reading, one.first, one.last, "emergency." + one.tag) for one in patterns[:_MOST])
    telling = lexicon.trained.telling(reading, masked)
    return tuple(evidence_of(reading, number, number + 1, "emergency.likeness") for number in telling)
