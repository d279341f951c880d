"""Điều 4: which field a matter belongs to, by likeness to messages of each, and by the phrases that name it."""

import math
from dataclasses import dataclass
from functools import lru_cache

from schemas.judgement import Classification, Evidence, RankedField
from schemas.vocabulary import Label
from services.normalizer.lexicon import WEIGHTS, Lexicon, Thresholds
from services.normalizer.patterns import Found
from services.normalizer.reading import Reading

_RANKED = 3
_NAMED = 4.0
"""Points of a field that a strong phrase names."""

_MOST_POINTS = 8.0
"""Further points say nothing more."""

_DECAY = 0.7


@dataclass(frozen=True, slots=True)
class Scope:
    """The ranked fields, whether the first is certain enough, and what decided; None when no word says anything."""

    classification: Classification | None
    confident: bool
    points: float
    evidence: tuple[Evidence, ...]


def scope_of(reading: Reading, masked: frozenset[int], lexicon: Lexicon) -> Scope:
    """Weigh the fields; `masked` words (contact) say nothing about the matter.

    The label that all its fields together make likeliest comes first, by its likeliest field, and its confidence is
    that of the label: an operator chooses where it is below `scope_confident`.
    """
    hits = lexicon.scope.find(reading, masked)
    points = _points(hits)
    idle = idle_words(reading, masked, lexicon)
    shares = _shares(points, lexicon.likeness.vote(reading, idle), lexicon.thresholds)
    if not shares:
        return Scope(None, confident=False, points=0.0, evidence=())
    labels: dict[str, float] = {}
    for field, share in shares.items():
        labels[_label(field)] = labels.get(_label(field), 0.0) + share
    label = max(labels, key=labels.__getitem__)
    order = sorted(shares, key=shares.__getitem__, reverse=True)
    best = next(field for field in order if _label(field) == label)
    others = [field for field in order[:_RANKED] if field != best][: _RANKED - 1]
    ranked = (_ranked(best, labels[label]), *(_ranked(field, shares[field]) for field in others))
    evidence = _evidence(reading, hits, best) or tuple(
        evidence_of(reading, number, number + 1, "scope.likeness")
        for number in lexicon.likeness.telling(reading, idle, best)
    )
    confident = labels[label] >= lexicon.thresholds.scope_confident
    return Scope(Classification(ranked=ranked), confident, points.get(best, 0.0), evidence)


def _shares(points: dict[str, float], votes: dict[str, float], limits: Thresholds) -> dict[str, float]:
    """How likely each field is, of 1 in all: what likeness gives it in nats, and what the phrases that name it add."""
    nats = {field: votes.get(field, 0.0) for field in (*votes, *points)}
    for field, value in points.items():
        named = limits.scope_named if value >= _NAMED else 0.0
        nats[field] += limits.scope_point * min(value, _MOST_POINTS) + named
    most = max(nats.values(), default=0.0)
    odds = {field: math.exp(value - most) for field, value in nats.items()}
    total = sum(odds.values())
    return {field: value / total for field, value in odds.items()}


def _ranked(field: str, share: float) -> RankedField:
    label, _, subfield = field.partition(".")
    return RankedField(label=Label(label), subfield=subfield, confidence=round(min(0.99, share), 3))


def idle_words(reading: Reading, masked: frozenset[int], lexicon: Lexicon) -> frozenset[int]:
    """The `masked` words, and those that only introduce a name, a number or an address: they tell of no field."""
    hits = lexicon.introductions.find(reading)
    return masked | frozenset(at for hit in hits if hit.last in masked for at in range(hit.first, hit.last))


def _points(hits: list[Found]) -> dict[str, float]:
    """Weights of the different patterns that speak for each field; each further one counts less.

    Patterns of one field overlap in meaning: the second says little that the first did not.
    """
    weights: dict[str, list[float]] = {}
    for field, weight, _ in {(*hit.tag.split("|"), hit.written) for hit in hits}:
        weights.setdefault(field, []).append(WEIGHTS[weight])
    found = {
        field: sum(weight * _DECAY**rank for rank, weight in enumerate(sorted(each, reverse=True)))
        for field, each in weights.items()
    }
    for field in [field for field in found if field.endswith(".other")]:
        # What is left over never outweighs a sibling that was named.
        named = max(
            (value for other, value in found.items() if other != field and _label(other) == _label(field)), default=0.0
        )
        if named >= _NAMED:
            found[field] = min(found[field], named - 2.0)
    return found


@lru_cache(maxsize=256)
def _label(field: str) -> str:
    return field.partition(".")[0]


def _evidence(reading: Reading, hits: list[Found], best: str) -> tuple[Evidence, ...]:
    label, _, _ = best.partition(".")
    chosen = [hit for hit in hits if hit.tag.startswith(best + "|")] or [
        hit for hit in hits if hit.tag.startswith(label)
    ]
    return tuple(evidence_of(reading, hit.first, hit.last, "scope." + hit.tag.split("|")[0]) for hit in chosen[:8])


def evidence_of(reading: Reading, first: int, last: int, rule: str) -> Evidence:
    """The words as evidence; at most 500 code points of them."""
    start = reading.words[first].start
    end = min(max(word.end for word in reading.words[first:last]), start + 500)
    return Evidence(text=reading.text[start:end], start=start, end=end, rule=rule)
