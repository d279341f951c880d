"""Votes on the field by likeness: how likely a text's words are in texts of each (naive Bayes)."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.normalizer.reading import Reading

_SMOOTHING = 0.1
"""Counted for a word that no text of the field has; a smaller number lets one rare word decide."""

_SOFTNESS = 8.0
"""Nats by which a field may lag for a share of 1/e: words of one text depend on one another, so one nat says little."""

_PLENTY = 14
"""Terms from which on a longer text says little more: they lean on one another."""

_MOST_TERMS = 600


@dataclass(frozen=True, slots=True)
class Likeness:
    """Fields, each with the cost of any term, and by term what it weighs more in the fields that use it; immutable."""

    fields: tuple[str, ...]
    costs: tuple[float, ...]
    weights: Mapping[str, tuple[tuple[int, float], ...]]

    @classmethod
    def of(cls, texts: Iterable[tuple[str, Reading]]) -> "Likeness":
        """Learn from texts by field; the same texts in any order give the same model."""
        counts: dict[str, Counter[str]] = {}
        for field, reading in texts:
            counts.setdefault(field, Counter()).update(_terms(reading))
        fields = tuple(sorted(counts))
        words = {term for counter in counts.values() for term in counter}
        weights: dict[str, list[tuple[int, float]]] = {}
        costs = []
        for number, field in enumerate(fields):
            costs.append(math.log(_SMOOTHING) - math.log(counts[field].total() + _SMOOTHING * len(words)))
            for term, count in sorted(counts[field].items()):
                gain = math.log(count + _SMOOTHING) - math.log(_SMOOTHING)
                weights.setdefault(term, []).append((number, gain))
        return cls(fields, tuple(costs), {term: tuple(each) for term, each in weights.items()})

    def vote(self, reading: Reading, masked: frozenset[int]) -> dict[str, float]:
        """Shares by field: 1 for the likeliest, less the less likely; empty where no word was ever seen."""
        known = [each for term in _terms(reading, masked) if (each := self.weights.get(term))]
        if not known:
            return {}
        points = [cost * len(known) for cost in self.costs]
        for each in known:
            for number, gain in each:
                points[number] += gain
        most = max(points)
        softness = _SOFTNESS * max(1.0, len(known) / _PLENTY)
        return {field: math.exp((value - most) / softness) for field, value in zip(self.fields, points, strict=True)}

    def telling(self, reading: Reading, masked: frozenset[int], field: str, most: int = 3) -> list[int]:
        """Numbers of the words that speak most for a field against the others, in order of the text."""
        if field not in self.fields:
            return []
        wanted = self.fields.index(field)
        gains: dict[str, tuple[float, int]] = {}
        for number, word in enumerate(reading.words):
            each = dict(self.weights.get(word.form, ()))
            if number in masked or word.form in gains or wanted not in each:
                continue
            gains[word.form] = (each[wanted] - sum(each.values()) / len(self.fields), number)
        return sorted(number for _, number in sorted(gains.values(), reverse=True)[:most])


def _terms(reading: Reading, masked: frozenset[int] = frozenset()) -> list[str]:
    """The words and the pairs of neighbouring words, each once, in order; numbers say nothing about a field."""
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
        if len(terms) >= _MOST_TERMS:
            break
    return list(terms)
