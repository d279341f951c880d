"""Điều 9.1: danger to life or limb that is no matter of 113, 114 or 115; operators look at once."""

from itertools import islice

from schemas.judgement import Evidence
from services.normalizer.lexicon import Lexicon
from services.normalizer.reading import Reading
from services.normalizer.rules.scope import evidence_of

_MOST = 5
_HEAD = 4_000
"""Signs of a text in which a cry for help is looked for."""


def danger_in(reading: Reading, lexicon: Lexicon) -> tuple[Evidence, ...]:
    """The words that speak of danger; a danger that was removed is none."""
    found = lexicon.urgency.find(reading)
    if any(one.tag == "over" for one in found):
        return ()
    return tuple(evidence_of(reading, one.first, one.last, "urgency.danger") for one in found if one.tag == "danger")[
        :_MOST
    ]


def foreign_danger_in(reading: Reading, lexicon: Lexicon) -> tuple[Evidence, ...]:
    """The words of a text in another language that cry for help; few are known, of the languages that are met here."""
    found = lexicon.foreign_danger.finditer(reading.text[:_HEAD])
    return tuple(
        Evidence(text=one[0][:500], start=one.start(), end=min(one.end(), one.start() + 500), rule="urgency.foreign")
        for one in islice(found, _MOST)
    )
