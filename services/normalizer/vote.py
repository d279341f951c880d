"""The second vote on the field: how well a text fits what each field is competent for (BM25 over words and pairs)."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from services.normalizer.reading import Reading, read

_K = 1.2
_B = 0.75
_MOST_TERMS = 600


@dataclass(frozen=True, slots=True)
class Competences:
    """Fields and, by term, the weight it has in each of them."""

    fields: tuple[str, ...]
    weights: Mapping[str, tuple[tuple[int, float], ...]]

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> "Competences":
        """Weigh the terms of each field's competence text."""
        counts = [Counter(_terms(read(text))) for text in texts.values()]
        average = sum(counter.total() for counter in counts) / max(1, len(counts))
        found: dict[str, list[tuple[int, float]]] = {}
        spread = Counter(term for counter in counts for term in counter)
        for number, counter in enumerate(counts):
            length = _K * (1 - _B + _B * counter.total() / average)
            for term, count in counter.items():
                rarity = math.log(1 + (len(counts) - spread[term] + 0.5) / (spread[term] + 0.5))
                found.setdefault(term, []).append((number, rarity * count * (_K + 1) / (count + length)))
        return cls(tuple(texts), {term: tuple(weights) for term, weights in found.items()})

    def vote(self, reading: Reading, masked: frozenset[int]) -> dict[str, float]:
        """Points by field; only fields that share a term with the text."""
        points: dict[int, float] = {}
        for term in set(_terms(reading, masked)[:_MOST_TERMS]):
            for number, weight in self.weights.get(term, ()):
                points[number] = points.get(number, 0.0) + weight
        return {self.fields[number]: value for number, value in sorted(points.items())}


def _terms(reading: Reading, masked: frozenset[int] = frozenset()) -> list[str]:
    """Pairs of neighbouring words, and single words that are long enough to mean something alone."""
    words = reading.words
    terms = []
    for number, word in enumerate(words):
        if number in masked:
            continue
        if len(word.form) > 4:
            terms.append(word.form)
        if number + 1 < len(words) and number + 1 not in masked and words[number + 1].sentence == word.sentence:
            terms.append(word.form + " " + words[number + 1].form)
    return terms
