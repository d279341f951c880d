"""Điều 4.6: matters of 113, 114 and 115, by likeness to thousands of reports and by words that belong together."""

from dataclasses import dataclass

from schemas.judgement import Evidence
from schemas.vocabulary import EMERGENCIES, Label, Language
from services.normalizer.lexicon import Lexicon
from services.normalizer.patterns import Found
from services.normalizer.reading import Reading
from services.normalizer.rules.emergency_patterns import patterns_in, signs_of
from services.normalizer.rules.scope import evidence_of

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
    reading: Reading, lexicon: Lexicon, masked: frozenset[int], language: Language | None
) -> EmergencyFound | None:
    """The emergency that the text reports as happening, if any.

    Likeness to such reports decides, as it was learnt from thousands: its lead over everything else. Patterns are
    among what was learnt: which were found, and which of them nothing near speaks against. `masked` words (contact)
    say nothing.
    """
    if language is Language.OTHER or not reading.words:
        return None
    patterns = patterns_in(reading, lexicon)
    if lexicon.alarms.lead(reading, masked, signs_of(reading, masked, patterns)) < lexicon.thresholds.emergency_lead:
        return None
    kinds = lexicon.alarms.likeness(reading, masked)
    for label, one in patterns.standing:
        kinds[label] += _KIND * (_SURE if one.tag.endswith("sure") else _LIKELY)
    best = max(EMERGENCIES, key=lambda label: (kinds[label], label))
    evidence = _evidence(reading, lexicon, masked, [one for label, one in patterns.standing if label is best])
    return EmergencyFound(best, evidence) if evidence else None


def _evidence(
    reading: Reading, lexicon: Lexicon, masked: frozenset[int], patterns: list[Found]
) -> tuple[Evidence, ...]:
    """The patterns that speak for it, or else the words that alarm most."""
    if patterns:
        return tuple(evidence_of(reading, one.first, one.last, "emergency." + one.tag) for one in patterns[:_MOST])
    telling = lexicon.alarms.telling(reading, masked)
    return tuple(evidence_of(reading, number, number + 1, "emergency.likeness") for number in telling)
