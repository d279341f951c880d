"""Votes by likeness, on the field and on emergencies: how likely a text's words are in texts of each (naive Bayes)."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from operator import add

from services.normalizer.reading import Reading, written_as

_SMOOTHING = 0.1
"""Counted for a word that no text of the field has; a smaller number lets one rare word decide."""

_SOFTNESS = 8.0
"""Nats by which a field may lag for a share of 1/e: words of one text depend on one another, so one nat says little."""

_PLENTY = 14
"""Terms from which on a longer text says little more: they lean on one another."""

_MOST_TERMS = 600

_TONED = "="
"""Stands before a term with its tones."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Fields, each with the cost of any term, and by term what it weighs more in the fields that use it; immutable.

    It also goes by the words as their tones tell them apart, wherever a line has tones. What `common` terms weigh is
    kept for every field, in their order: adding up whole rows is quicker.
    """

    fields: tuple[str, ...]
    costs: tuple[float, ...]
    weights: Mapping[str, tuple[tuple[int, float], ...]]
    common: Mapping[str, tuple[float, ...]]

    @classmethod
    def of(cls, texts: Iterable[tuple[str, tuple[str, ...]]]) -> "Likeness":
        """Learn from texts, given as their `terms_of`, by field; the same texts in any order give the same model."""
        counts: dict[str, Counter[str]] = {}
        for field, terms in texts:
            counts.setdefault(field, Counter()).update(terms)
        fields = tuple(sorted(counts))
        words = {term for counter in counts.values() for term in counter}
        weights: dict[str, list[tuple[int, float]]] = {}
        costs = []
        for number, field in enumerate(fields):
            costs.append(math.log(_SMOOTHING) - math.log(counts[field].total() + _SMOOTHING * len(words)))
            for term, count in counts[field].items():
                weights.setdefault(term, []).append((number, _gain(count)))
        common = {term: _row(each, len(fields)) for term, each in weights.items() if len(each) * 4 > len(fields)}
        rare = {term: tuple(each) for term, each in weights.items() if term not in common}
        return cls(fields, tuple(costs), rare, common)

    def vote(self, reading: Reading, masked: frozenset[int]) -> dict[str, float]:
        """Shares by field: 1 for the likeliest, less the less likely; empty where no word was ever seen."""
        terms = terms_of(reading, masked)
        rows = [row for term in terms if (row := self.common.get(term))]
        known = [each for term in terms if (each := self.weights.get(term))]
        count = len(rows) + len(known)
        if not count:
            return {}
        points = [cost * count for cost in self.costs]
        for row in rows:
            points = list(map(add, points, row))
        for each in known:
            for number, gain in each:
                points[number] += gain
        most = max(points)
        softness = _SOFTNESS * max(1.0, count / _PLENTY)
        return {field: math.exp((value - most) / softness) for field, value in zip(self.fields, points, strict=True)}

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


@lru_cache(maxsize=1024)
def _gain(count: int) -> float:
    return math.log(count + _SMOOTHING) - math.log(_SMOOTHING)


def _row(weights: Iterable[tuple[int, float]], fields: int) -> tuple[float, ...]:
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
            terms[_TONED + word.key] = None
            if paired:
                terms[_TONED + word.key + " " + words[follows].key] = None
        if len(terms) >= _MOST_TERMS:
            break
    return tuple(terms)


def terms_of_phrase(written: str) -> tuple[str, ...]:
    """The terms of a phrase of the lexicon, whose parts are joined by " + "; it has its tones and no chat spelling."""
    terms: dict[str, None] = {}
    for part in written.split(" + "):
        words = [written_as(word) for word in part.split()]
        for form, key in words:
            terms |= dict.fromkeys((form, _TONED + key))
        for (form, key), (next_form, next_key) in pairwise(words):
            terms |= dict.fromkeys((f"{form} {next_form}", f"{_TONED}{key} {next_key}"))
    return tuple(terms)
