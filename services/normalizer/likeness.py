"""A vote by likeness on the field of a text: how likely its words are in texts of each (naive Bayes)."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import repeat

from services.normalizer.counted import Counted, Counts
from services.normalizer.lanes import column_of, columns_of, lane
from services.normalizer.reading import Reading

_PRIOR = 300.0
"""Terms that each field is taken to have had beforehand, as all texts have them: a Dirichlet prior.

A rare word that one text of a field has says less than with a smaller number, and a common one hardly anything.
"""

_SOFTNESS = 2.85
"""Nats by which a field may lag for a share of 1/e: words of one text depend on one another, so one nat says little."""

_PLENTY = 14
"""Terms from which on a longer text says little more: they lean on one another."""

_PER_NAT = 100
"""Weights are whole hundredths: less of a nat says nothing."""

_MOST_TERMS = 600

TONED = "="
"""Stands before a term with its tones."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Fields, each with the cost of any term, and by term what it weighs more in the fields that use it; immutable.

    It also goes by the words as their tones tell them apart, wherever a line has tones. Weights are whole hundredths of
    a nat, one of `lanes` a field, and behind them a 1, so that the sum of rows tells how many there were.
    """

    fields: tuple[str, ...]
    costs: tuple[float, ...]
    rows: Mapping[str, int]

    @classmethod
    def of(cls, counted: Counted) -> "Likeness":
        """Weigh the terms that were counted; those with the same counts share one row."""
        size = len(counted.fields)
        totals = [0] * size
        alike = Counter(counted.terms.values())
        for counts, terms in alike.items():
            for number, count in counts:
                totals[number] += count * terms
        one = lane(size, 1)
        rows = {counts: one + _weights(counts, sum(totals)) for counts in alike}
        costs = tuple(-math.log(total + _PRIOR) for total in totals)
        return cls(counted.fields, costs, {term: rows[counts] for term, counts in counted.terms.items()})

    def vote(self, reading: Reading, masked: frozenset[int]) -> dict[str, float]:
        """Nats by which each field lags behind the likeliest (0), softened; empty where no word was ever seen."""
        total = sum(map(self.rows.get, terms_of(reading, masked), repeat(0)))
        if not total:
            return {}
        *gains, count = columns_of(total, len(self.fields) + 1)
        points = [cost * count + gain / _PER_NAT for cost, gain in zip(self.costs, gains, strict=True)]
        most = max(points)
        softness = _SOFTNESS * max(1.0, count / _PLENTY)
        return {field: (value - most) / softness for field, value in zip(self.fields, points, strict=True)}

    def telling(self, reading: Reading, masked: frozenset[int], field: str, most: int = 3) -> list[int]:
        """Numbers of the words that speak most for a field against the others, in order of the text."""
        if field not in self.fields:
            return []
        size, wanted = len(self.fields), self.fields.index(field)
        gains: dict[str, tuple[float, int]] = {}
        for number, word in enumerate(reading.words):
            if number in masked or word.form in gains:
                continue
            row = self.rows.get(word.form, 0)
            gain = column_of(row, wanted)
            if gain:
                gains[word.form] = (gain - sum(columns_of(row, size + 1)[:size]) / size, number)
        return sorted(number for _, number in sorted(gains.values(), reverse=True)[:most])


def _weights(counts: Counts, total: int) -> int:
    """What a term weighs in the fields that have it, by how much oftener it stands there than the prior expects."""
    expected = _PRIOR * sum([count for _, count in counts]) / total
    return sum([lane(number, round(math.log1p(count / expected) * _PER_NAT)) for number, count in counts])


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
