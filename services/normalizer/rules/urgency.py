"""Điều 9.1: danger to life or limb that is no matter of 113, 114 or 115; operators look at once."""

from schemas.judgement import Evidence
from services.normalizer.lexicon import Lexicon
from services.normalizer.reading import Reading
from services.normalizer.rules.scope import evidence_of


def danger_in(reading: Reading, lexicon: Lexicon) -> tuple[Evidence, ...]:
    """The words that speak of danger; a danger that was removed is none."""
    found = lexicon.urgency.find(reading)
    if any(one.tag == "over" for one in found):
        return ()
    return tuple(evidence_of(reading, one.first, one.last, "urgency.danger") for one in found if one.tag == "danger")[
        :5
    ]
