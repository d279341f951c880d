"""The words of the conduct rule, compiled: what insults by itself, in what company or place, what takes it back."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.domain.vietnamese import fold
from services.normalizer.patterns import PatternSet
from services.normalizer.phrases import Phrase, PhraseIndex, joined, phrase
from services.normalizer.reading import form_of

INSULT = "insult"
BEAST = "beast"
LETTERS = "letters"
OPENING = "opening"
INNOCENT = "innocent"
LIKENED = "likened"
OWN = "own"
_APART = "(?<![a-z0-9])"
"""Before a masked insult that is a word of its own."""


@dataclass(frozen=True, slots=True)
class Insults:
    """Compiled from `conduct.yaml`; immutable.

    `phrases` have one of the tags above; `alone` ones count only as clauses of their own; `animals` say that a text
    tells of beasts; after `told` words others speak (or, `own`, the citizen). What is `together` insults whom it
    stands beside, unless a word of `turned` says that it is about others.
    """

    phrases: PhraseIndex
    alone: PhraseIndex
    animals: PhraseIndex
    told: PhraseIndex
    together: PatternSet
    turned: PhraseIndex
    targets: frozenset[str]
    masked: tuple[re.Pattern[str], ...]
    any_masked: re.Pattern[str]
    """Matches where one of `masked` does: nearly every text is searched only once."""


def compiled(data: Mapping[str, Any]) -> Insults:
    """The words of `conduct.yaml`; KeyError, TypeError, ValueError or re.error if they are none."""
    told = data["told"]
    return Insults(
        phrases=PhraseIndex(_phrases(data)),
        alone=PhraseIndex(phrase(one, INSULT) for one in data["alone"]),
        animals=PhraseIndex(phrase(one, BEAST) for one in data["animals"]),
        told=PhraseIndex([phrase(one, "") for one in told["of_others"]] + [phrase(one, OWN) for one in told["own"]]),
        together=PatternSet(data["classes"], data["together"]),
        turned=PhraseIndex(phrase(one, "") for one in data["turned"]),
        targets=frozenset(form_of(fold(one)) for one in data["short"]["targets"]),
        masked=tuple(re.compile(one) for one in data["masked"]),
        any_masked=_any_of(data["masked"]),
    )


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    """One pattern for all; what most of them begin with is looked at once."""
    apart = [f"(?:{one.removeprefix(_APART)})" for one in patterns if one.startswith(_APART)]
    others = [f"(?:{one})" for one in patterns if not one.startswith(_APART)]
    return re.compile("|".join([f"{_APART}(?:{'|'.join(apart)})", *others] if apart else others))


def _phrases(data: Mapping[str, Any]) -> Iterator[Phrase]:
    so, beasts, short = data["so"], data["beasts"], data["short"]
    yield from (phrase(one, INSULT) for one in data["insults"])
    yield from (phrase(f"{quality} {tail}", INSULT) for quality in so["qualities"] for tail in so["tails"])
    for called in data["called"]:
        yield from _called(called["heads"], called["names"], INSULT)
    yield from _called(beasts["heads"], beasts["names"], BEAST)
    yield from (phrase(one, LIKENED) for one in beasts["likened"])
    yield from (phrase(one, LETTERS) for one in short["always"])
    yield from (phrase(one, OPENING) for one in short["opening"])
    yield from (phrase(one, INNOCENT) for one in data["innocent"])


def _called(heads: Sequence[str], names: Sequence[str], tag: str) -> Iterator[Phrase]:
    beginnings = [phrase(head, tag) for head in heads]
    for name in names:
        ending = phrase(name, tag)
        for beginning in beginnings:
            yield joined(beginning, ending)
