"""What the trained model weighs beside words: patterns found, length, contact given, and how a text is pointed."""

import math
from dataclasses import dataclass

from services.normalizer.lexicon import Lexicon
from services.normalizer.patterns import Found
from services.normalizer.reading import Reading
from services.normalizer.rules.emergency_patterns import PatternsFound, patterns_in
from services.normalizer.trained import SIGN

_LONGEST = 6
"""Lengths of texts are told apart by powers of two; from 63 words on they are all long."""


@dataclass(frozen=True, slots=True)
class Signs:
    """Patterns of emergencies and of complaints that were found, and all signs as terms of the model."""

    emergencies: PatternsFound
    complaints: tuple[Found, ...]
    terms: tuple[str, ...]


def signs_in(reading: Reading, masked: frozenset[int], lexicon: Lexicon) -> Signs:
    """Find them. Whoever gives name and address seldom stands before a fire; whoever asks two questions neither."""
    emergencies = patterns_in(reading, lexicon)
    complaints = tuple(lexicon.complaint.find(reading))
    terms = {SIGN + "said:" + tag for tag in emergencies.tags}
    terms |= {SIGN + "stands:" + one.tag for _, one in emergencies.standing}
    terms |= {SIGN + "complains:" + one.tag for one in complaints}
    if emergencies.refuted:
        terms.add(SIGN + "refuted")
    terms.add(f"{SIGN}length:{min(_LONGEST, int(math.log2(len(reading.words) + 1)))}")
    if masked:
        terms.add(SIGN + "contact")
    terms |= {SIGN + "point:" + point for point in ("?", "!", "!!") if point in reading.text}
    return Signs(emergencies, complaints, tuple(sorted(terms)))
