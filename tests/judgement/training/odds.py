"""How much oftener each term stands in texts of one side: a second opinion beside the widest margin."""

import math
from collections.abc import Sequence

from tests.judgement.training.margin import Example

PRIOR = 0.5
"""Texts of each side that are taken to have had a term beforehand."""

MOST = 4.0
"""Nats beyond which a term says nothing more: it was seen too seldom to be so sure."""


def odds(examples: Sequence[Example], sides: Sequence[bool], terms: int) -> list[float]:
    """By term, the nats by which a text that has it is likelier to be of the true side (naive Bayes)."""
    seen = {side: [PRIOR] * terms for side in (True, False)}
    texts = {True: 2 * PRIOR, False: 2 * PRIOR}
    for one, side in zip(examples, sides, strict=True):
        texts[side] += 1
        for term in one.terms:
            seen[side][term] += 1
    base = math.log(texts[True] / texts[False])
    nats = (math.log(true / false) - base for true, false in zip(seen[True], seen[False], strict=True))
    return [max(-MOST, min(MOST, each)) for each in nats]
