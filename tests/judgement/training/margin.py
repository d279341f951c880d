"""A linear classifier of the widest margin, in plain Python: the same numbers on every machine.

Dual coordinate descent for the squared hinge loss (Hsieh et al., "A Dual Coordinate Descent Method for Large-scale
Linear SVM", ICML 2008, algorithm 1).
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from services.normalizer.trained import SPREAD

COST = 0.1
"""What an example on the wrong side costs against wide margins."""

ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Example:
    """An example: the numbers of its terms, and how much it counts."""

    terms: tuple[int, ...]
    counts: float = 1.0

    @property
    def share(self) -> float:
        """What each term weighs."""
        return SPREAD / math.sqrt(len(self.terms)) if self.terms else 0.0


def separated(examples: Sequence[Example], sides: Sequence[bool], terms: int) -> tuple[list[float], float]:
    """Weights by term, and the bias, that part the examples of one side from the others."""
    weights = [0.0] * terms
    bias = 0.0
    held = [0.0] * len(examples)
    shares = [one.share for one in examples]
    signs = [1.0 if side else -1.0 for side in sides]
    loose = [0.5 / (COST * one.counts) for one in examples]
    curved = [one.share**2 * len(one.terms) + 1.0 + slack for one, slack in zip(examples, loose, strict=True)]
    order = list(range(len(examples)))
    chance = random.Random(1)  # noqa: S311 - an order of training, not a secret
    for _ in range(ROUNDS):
        chance.shuffle(order)
        for number in order:
            at, share, sign = examples[number].terms, shares[number], signs[number]
            said = bias + share * sum([weights[term] for term in at])
            before = held[number]
            after = max(before - (sign * said - 1.0 + loose[number] * before) / curved[number], 0.0)
            if after == before:
                continue
            held[number] = after
            step = (after - before) * sign
            bias += step
            step *= share
            for term in at:
                weights[term] += step
    return weights, bias
