"""Learns from examples what sounds like an emergency or a legal complaint: which terms count, what each weighs."""

from collections import Counter
from collections.abc import Sequence

from schemas.vocabulary import EMERGENCIES, Label
from services.normalizer.trained import BETWEEN, NO_WORDS, SCALE, SIGN, SPREAD, Trained
from tests.judgement.training.examples import Told
from tests.judgement.training.margin import Example, separated
from tests.judgement.training.odds import odds

SEEN = 3
"""In how many examples a term must stand to be learnt; a copy without tones is one of its own."""

LEANING = 0.2
"""How much the odds of a word add to its weight."""

LEAST = 25
"""Thousandths; a term that weighs less for everything is left out: it costs memory and time at every start."""

BARE = 0.5
"""What the copy of an example without its tones counts."""


def learnt(told: Sequence[Told]) -> Trained:
    """The model of these examples; the same for the same examples in the same order."""
    texts = [(one, one.terms, 1.0) for one in told] + [(one, one.bare, BARE) for one in told if one.bare]
    seen = Counter(term for _, terms, _ in texts for term in terms)
    known = sorted(term for term, count in seen.items() if count >= SEEN)
    number = {term: at for at, term in enumerate(known)}
    examples = [Example(tuple(number[term] for term in terms if term in number), counts) for _, terms, counts in texts]
    labels = [one.labels for one, _, _ in texts]
    sides = [bool(each & EMERGENCIES) for each in labels]
    columns = [_leaning(examples, sides, known)]
    reports = [at for at, side in enumerate(sides) if side]
    words = [not term.startswith(SIGN) for term in known]
    said = {at: tuple(term for term in examples[at].terms if words[term]) for at in reports}
    kinds = (*sorted(EMERGENCIES), Label.COMPLAINT_DENUNCIATION)
    for kind in sorted(EMERGENCIES):
        own = sum(1 for at in reports if kind in labels[at])
        weigh = {True: len(reports) / (2 * max(1, own)), False: len(reports) / (2 * max(1, len(reports) - own))}
        some = [Example(said[at], examples[at].counts * weigh[kind in labels[at]]) for at in reports]
        columns.append(separated(some, [kind in labels[at] for at in reports], len(known)))
    # Of complaints there are too few for odds: most words would speak against one.
    columns.append(separated(examples, [Label.COMPLAINT_DENUNCIATION in each for each in labels], len(known)))
    weights = {NO_WORDS: tuple(round(bias * SCALE) for _, bias in columns)}
    for at, term in enumerate(known):
        each = tuple(round(column[at] * SCALE) for column, _ in columns)
        if max(map(abs, each)) >= LEAST:
            weights[term] = each
    return Trained.of(kinds, weights.items())


def _leaning(examples: Sequence[Example], sides: Sequence[bool], known: Sequence[str]) -> tuple[list[float], float]:
    """Weights and bias of one side: a wide margin fits single examples, counts alone know no context.

    Words and neighbours lean to how much oftener they stand in its texts; signs and what stands further apart do not.
    """
    weights, bias = separated(examples, sides, len(known))
    nats = odds(examples, sides, len(known))
    leans = (
        0.0 if term.startswith(SIGN) or BETWEEN in term else LEANING * each / SPREAD
        for term, each in zip(known, nats, strict=True)
    )
    return [weight + lean for weight, lean in zip(weights, leans, strict=True)], bias
