"""A vote by likeness on the field of a text: how likely its words are in texts of each (naive Bayes)."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from services.normalizer.counted import Counted, Counts
from services.normalizer.reading import Reading

_PRIOR = 300.0
"""Terms that each field is taken to have had beforehand, as all texts have them: a Dirichlet prior.

A rare word that one text of a field has says less than with a smaller number, and a common one hardly anything.
"""

_SOFTNESS = 2.85
"""Nats by which a field may lag for a share of 1/e: words of one text depend on one another, so one nat says little."""

_PLENTY = 14
"""Terms from which on a longer text says little more: they lean on one another."""

_DIGITS = 2
"""Of a weight: a hundredth of a nat says nothing."""

_MOST_TERMS = 600

TONED = "="
"""Stands before a term with its tones."""

Weights = tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Fields, each with the cost of any term, and by term what it weighs more in the fields that use it; immutable.

    It also goes by the words as their tones tell them apart, wherever a line has tones. What `common` terms weigh is
    kept for every field, in their order: adding up whole rows is quicker.
    """

    fields: tuple[str, ...]
    costs: tuple[float, ...]
    weights: Mapping[str, Weights]
    common: Mapping[str, tuple[float, ...]]

    @classmethod
    def of(cls, counted: Counted) -> "Likeness":
        """Weigh the terms that were counted; those with the same counts share one weight."""
        size = len(counted.fields)
        totals = [0] * size
        alike = Counter(counted.terms.values())
        for counts, terms in alike.items():
            for number, count in counts:
                totals[number] += count * terms
        shared: dict[tuple[int, float], tuple[int, float]] = {}
        weighed = {counts: _weights(counts, sum(totals), shared) for counts in alike}
        rows = {counts: _row(weights, size) for counts, weights in weighed.items() if len(weights) * 4 > size}
        rare = {term: weighed[counts] for term, counts in counted.terms.items() if counts not in rows}
        common = {term: rows[counts] for term, counts in counted.terms.items() if counts in rows}
        return cls(counted.fields, tuple(-math.log(total + _PRIOR) for total in totals), rare, common)

    def vote(self, reading: Reading, masked: frozenset[int]) -> dict[str, float]:
        """Nats by which each field lags behind the likeliest (0), softened; empty where no word was ever seen."""
        terms = terms_of(reading, masked)
        rows = [row for term in terms if (row := self.common.get(term))]
        known = [each for term in terms if (each := self.weights.get(term))]
        count = len(rows) + len(known)
        if not count:
            return {}
        points: list[float] = list(map(sum, zip([cost * count for cost in self.costs], *rows, strict=True)))
        for each in known:
            for number, gain in each:
                points[number] += gain
        most = max(points)
        softness = _SOFTNESS * max(1.0, count / _PLENTY)
        return {field: (value - most) / softness for field, value in zip(self.fields, points, strict=True)}

    def telling(self, reading: Reading, masked: frozenset[int], field: str, most: int = 3) -> list[int]:
        """Numbers of the words that speak most for a field against the others, in order of the text."""
        if field not in self.fields:
            return []
        wanted = self.fields.index(field)
        gains: dict[str, tuple[float, int]] = {}
        for number, word in enumerate(reading.words):
            each = dict(self.weights.get(word.form, ())) or dict(enumerate(self.common.get(word.form, ())))
            if number in masked or word.form in gains or not each.get(wanted):
                continue
            gains[word.form] = (each[wanted] - sum(each.values()) / len(self.fields), number)
        return sorted(number for _, number in sorted(gains.values(), reverse=True)[:most])


def _weights(counts: Counts, total: int, shared: dict[tuple[int, float], tuple[int, float]]) -> Weights:
    """What a term weighs in the fields that have it, by how much oftener it stands there than the prior expects.

    Rounded weights are equal more often, and equal ones are kept once: that is most of the memory.
    """
    expected = _PRIOR * sum([count for _, count in counts]) / total
    pairs = [(number, round(math.log1p(count / expected), _DIGITS)) for number, count in counts]
    return tuple([shared.setdefault(pair, pair) for pair in pairs])


def _row(weights: Weights, fields: int) -> tuple[float, ...]:
    row = [0.0] * fields
    for number, gain in weights:
        row[number] = gain
    return tuple(row)


def terms_of(reading: Reading, masked: frozenset[int] = frozenset()) -> tuple[str, ...]:
    """The words and the pairs of neighbouring words, each once, in order; numbers say nothing about a field.

    Both are added once more as they are written with tones: "cháy" is a fire, "chạy" is not, "chay" may be either.
    """
    words = reading.words
    terms: dict[str, None] = {}
    for number, word in enumerate(words):
        if number in masked or word.form.isdigit():
            continue
        follows = number + 1
        paired = follows < len(words) and follows not in masked and words[follows].sentence == word.sentence
        terms[word.form] = None
        if paired:
            terms[word.form + " " + words[follows].form] = None
        if word.toned_line:
            terms[TONED + word.key] = None
            if paired:
                terms[TONED + word.key + " " + words[follows].key] = None
        if len(terms) >= _MOST_TERMS:
            break
    return tuple(terms)
