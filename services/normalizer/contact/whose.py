"""Tells by a small trained model whose a number or a place is: the sender's own, or somebody else's."""

import gzip
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.normalizer.trained import NO_WORDS, SCALE, SPREAD

KINDS = ("number", "place")
"""The columns of the weights."""


@dataclass(frozen=True, slots=True)
class Whose:
    """By term its weights, in thousandths, for a number's being the sender's own and for a place's being so."""

    weights: Mapping[str, tuple[int, int]]

    def number(self, terms: Iterable[str]) -> float:
        """How much the terms speak for the sender's own number: above 0, more for than against."""
        return self._lead(terms, 0)

    def place(self, terms: Iterable[str]) -> float:
        """How much they speak for the place where the sender lives."""
        return self._lead(terms, 1)

    def _lead(self, terms: Iterable[str], column: int) -> float:
        known = [each[column] for term in set(terms) if (each := self.weights.get(term)) and each[column]]
        share = SPREAD / math.sqrt(len(known)) if known else 0.0
        return (self.weights[NO_WORDS][column] + share * sum(known)) / SCALE


def load_whose(path: Path) -> Whose:
    """Read the model, a term and its two weights a line; OSError, EOFError or ValueError if it is none."""
    head, *lines = gzip.decompress(path.read_bytes()).decode().split("\n")
    if tuple(head.split("\t")[1:]) != KINDS:
        raise ValueError("it does not tell numbers and places apart")
    weights = {}
    for line in lines:
        term, number, place = line.split("\t")
        weights[term] = (int(number), int(place))
    if NO_WORDS not in weights:
        raise ValueError("a weight is missing")
    return Whose(weights)


def write_whose(path: Path, whose: Whose, learnt_from: str) -> None:
    """Write the model, the same bytes for the same weights; `learnt_from` is the digest of its examples."""
    lines = ["\t".join((learnt_from, *KINDS))]
    lines += [f"{term}\t{number}\t{place}" for term, (number, place) in sorted(whose.weights.items())]
    path.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))
