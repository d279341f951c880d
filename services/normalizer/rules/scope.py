"""Điều 4: which field a matter belongs to, by the words that say so and a second vote by likeness."""

from dataclasses import dataclass
from functools import lru_cache

from schemas.judgement import Classification, Evidence, RankedField
from schemas.vocabulary import Label
from services.normalizer.lexicon import WEIGHTS, Lexicon
from services.normalizer.patterns import Found
from services.normalizer.reading import Reading

_RANKED = 3
_STRONG_ENOUGH = 2.0
_NAMED = 4.0
"""Points of a field that a strong phrase names."""

_DECAY = 0.7
_BEHIND = 0.01
_FAR_BEHIND = 0.85
"""Share of the likeliest other label up to which likeness alone, without a phrase of the lexicon, is certain enough."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The ranked fields, whether the first is certain enough, and what decided; None when no word says anything."""

    classification: Classification | None
    confident: bool
    points: float
    evidence: tuple[Evidence, ...]


def scope_of(reading: Reading, masked: frozenset[int], lexicon: Lexicon) -> Scope:
    """Weigh the fields; `masked` words (contact) say nothing about the matter."""
    hits = lexicon.scope.find(reading, masked)
    points = _points(hits)
    idle = masked | _introductions(reading, masked, lexicon)
    votes = lexicon.likeness.vote(reading, idle)
    limits = lexicon.thresholds
    total = dict(points)
    for field, value in votes.items():
        total[field] = total.get(field, 0.0) + limits.scope_vote * value
    if not total:
        return Scope(None, confident=False, points=0.0, evidence=())
    _named_first(total, points)
    order = sorted(total, key=lambda field: (-total[field], field))
    best = order[0]
    favourite = max(votes, key=lambda field: (votes[field], field), default="")
    agrees = bool(votes) and _label(favourite) == _label(best)
    ranked = tuple(_ranked(field, total, order, agrees=agrees, rest=limits.scope_rest) for field in order[:_RANKED])
    rival = max((value for field, value in votes.items() if _label(field) != _label(best)), default=0.0)
    # Like anything else is like nothing in particular: only a phrase names it (Điều 4.5).
    alike = agrees and rival <= _FAR_BEHIND and _label(best) != Label.OTHER
    grounded = points.get(best, 0.0) >= _STRONG_ENOUGH or alike
    confident = ranked[0].confidence >= limits.scope_confident and grounded
    evidence = _evidence(reading, hits, best) or tuple(
        evidence_of(reading, number, number + 1, "scope.likeness")
        for number in lexicon.likeness.telling(reading, idle, best)
    )
    return Scope(Classification(ranked=ranked), confident, points.get(best, 0.0), evidence)


def _introductions(reading: Reading, masked: frozenset[int], lexicon: Lexicon) -> frozenset[int]:
    """Numbers of the words that only introduce a name, a number or an address that follows: they tell of no field."""
    hits = lexicon.introductions.find(reading)
    return frozenset(at for hit in hits if hit.last in masked for at in range(hit.first, hit.last))


def _named_first(total: dict[str, float], points: dict[str, float]) -> None:
    """Keep a field that is only alike behind a sibling that is named: `cúp nước` is no power cut, however alike.

    What is alike to anything else (Điều 4.5) stays behind whatever is named.
    """
    named: dict[str, float] = {}
    for field, value in points.items():
        if value >= _NAMED:
            for label in (_label(field), Label.OTHER.value):
                named[label] = max(named.get(label, 0.0), total[field])
    for field, value in total.items():
        if field not in points and _label(field) in named:
            total[field] = min(value, named[_label(field)] - _BEHIND)


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


def _ranked(field: str, total: dict[str, float], order: list[str], *, agrees: bool, rest: float) -> RankedField:
    """Confidence: the field's share against the best field of another label, dampened while the evidence is thin."""
    label = _label(field)
    rival = next((total[other] for other in order if _label(other) != label), 0.0)
    share = total[field] / (total[field] + 0.8 * rival + rest)
    if field == order[0] and agrees:
        share += 0.1
    subfield = field.partition(".")[2]
    return RankedField(label=Label(label), subfield=subfield, confidence=round(min(0.99, share), 3))


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
