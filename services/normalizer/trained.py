"""Tells emergencies and legal complaints by a small linear model over words, pairs of words and their tones."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemas.vocabulary import EMERGENCIES, Label
from services.normalizer.passages import Passage, passages_of
from services.normalizer.reading import Reading

NO_WORDS = ""
"""Under this term stands what weighs where no word says anything."""

SCALE = 1000.0
"""Weights are kept as whole thousandths: the file is smaller, and the same on every machine."""

SPREAD = 3.0
"""What a text's terms weigh, over the root of their number: a long report alarms as much as a short one."""

_APART = (2, 3)
"""How far words of one sentence may stand apart to be taken as a pair: who is hurt, and how."""

SIGN = "@"
"""What terms begin with that are no words."""

_NUMBER = "#"
_TONED = "="
BETWEEN = " ~ "
"""Stands in terms of words that stand apart."""


Weights = tuple[int, ...]
"""What a term weighs for an emergency, then for each of the kinds; in thousandths."""


@dataclass(frozen=True, slots=True)
class Leads:
    """How much a text sounds like an emergency, and like a legal complaint: above 0, more than like anything else."""

    emergency: float
    complaint: float


@dataclass(frozen=True, slots=True)
class Trained:
    """Weights of words and signs, and of pairs by their first word and what stands between; immutable.

    Most words begin no pair: those that do are looked up before any pair is made up, and no term is kept twice.
    """

    kinds: tuple[Label, ...]
    words: Mapping[str, Weights]
    pairs: Mapping[str, Mapping[str, Weights]]

    @classmethod
    def of(cls, kinds: tuple[Label, ...], weights: Iterable[tuple[str, Weights]]) -> "Trained":
        """Sort terms with their weights."""
        words: dict[str, Weights] = {}
        pairs: dict[str, dict[str, Weights]] = {}
        for term, each in weights:
            first, second = _parted(term)
            if second:
                pairs.setdefault(first, {})[second] = each
            else:
                words[term] = each
        return cls(kinds, words, pairs)

    def weights(self) -> dict[str, Weights]:
        """Every term with its weights."""
        pairs = ((first + second, each) for first, one in self.pairs.items() for second, each in one.items())
        return {**self.words, **dict(pairs)}

    def leads(self, reading: Reading, masked: frozenset[int], signs: Sequence[str] = ()) -> Leads:
        """What a text sounds like; `masked` words (contact) say nothing, `signs` stand for what no word says."""
        known = self._known(reading, masked, signs)
        return Leads(self._weighed(known, 0), self._weighed(known, 1 + self.kinds.index(Label.COMPLAINT_DENUNCIATION)))

    def loudest(self, reading: Reading, masked: frozenset[int]) -> float:
        """The lead of the passage that sounds most like one; of a short text, which has none, less than any."""
        passages = passages_of(reading.words)
        leads = (self._weighed(self._known(reading, masked, (), passage), 0) for passage in passages)
        return max(leads, default=-math.inf)

    def likeness(self, reading: Reading, masked: frozenset[int]) -> dict[Label, float]:
        """How much its words sound like each kind of emergency."""
        known = self._known(reading, masked, ())
        return {kind: self._weighed(known, column) for column, kind in enumerate(self.kinds, 1) if kind in EMERGENCIES}

    def _known(
        self, reading: Reading, masked: frozenset[int], signs: Sequence[str], passage: Passage | None = None
    ) -> list[Weights]:
        """The weights of `terms_of` the text, or of a passage, found without making up every term."""
        words, weights, pairs = reading.words, self.words, self.pairs
        first, last = passage or (0, len(words))
        found = {id(one): one for one in map(weights.get, signs) if one}
        for number in range(first, last):
            if number in masked:
                continue
            word = words[number]
            form, key = (_NUMBER, _NUMBER) if word.form.isdigit() else (word.form, word.key)
            near, apart = pairs.get(form + " "), pairs.get(form + BETWEEN)
            each = [weights.get(form)]
            toned = None
            if word.toned_line:
                each.append(weights.get(_TONED + key))
                toned = pairs.get(f"{_TONED}{key} ")
            for at in range(number + 1, min(number + 1 + _APART[-1], last)):
                following = words[at]
                if following.sentence != word.sentence:
                    break
                if at in masked:
                    continue
                if at > number + 1:
                    each.append(apart.get(following.form) if apart else None)
                    continue
                each.append(near.get(following.form) if near else None)
                each.append(toned.get(following.key) if toned else None)
            found.update((id(one), one) for one in each if one)
        return list(found.values())

    def _weighed(self, known: list[Weights], column: int) -> float:
        share = SPREAD / math.sqrt(len(known)) if known else 0.0
        return (self.words[NO_WORDS][column] + share * sum([each[column] for each in known])) / SCALE

    def telling(self, reading: Reading, masked: frozenset[int], kind: Label | None = None, most: int = 3) -> list[int]:
        """Numbers of the words that say most for an emergency, or for a kind, with their neighbours; in order."""
        words = reading.words
        column = 0 if kind is None else 1 + self.kinds.index(kind)
        gains: dict[int, int] = {}
        for number, term in _unigrams(reading, masked):
            own = self.words.get(term)
            follows = number + 1
            pairs = self.pairs.get(words[number].form + " ", {})
            pair = pairs.get(words[follows].form) if follows < len(words) else None
            gains[number] = gains.get(number, 0) + (own[column] if own else 0) + (pair[column] if pair else 0)
        best = sorted((-gain, number) for number, gain in gains.items() if gain > 0)[:most]
        return sorted(number for _, number in best)


def terms_of(reading: Reading, masked: frozenset[int]) -> list[str]:
    """The terms of a text, each once: words, neighbours, words a little apart, and the first two with their tones.

    Tones count where a line is written with them: "cháy" is a fire, "chạy" is not, "chay" may be either.
    """
    words = reading.words
    terms: dict[str, None] = {}
    for number, word in enumerate(words):
        if number in masked:
            continue
        form, key = (_NUMBER, _NUMBER) if word.form.isdigit() else (word.form, word.key)
        terms[form] = None
        if word.toned_line:
            terms[_TONED + key] = None
        for apart in (1, *_APART):
            at = number + apart
            if at >= len(words) or words[at].sentence != word.sentence:
                break
            if at in masked:
                continue
            if apart > 1:
                terms[form + BETWEEN + words[at].form] = None
                continue
            terms[f"{form} {words[at].form}"] = None
            if word.toned_line:
                terms[f"{_TONED}{key} {words[at].key}"] = None
    return list(terms)


def _unigrams(reading: Reading, masked: frozenset[int]) -> list[tuple[int, str]]:
    found = []
    for number, word in enumerate(reading.words):
        if number in masked or word.form.isdigit():
            continue
        found.append((number, word.form))
        if word.toned_line:
            found.append((number, _TONED + word.key))
    return found


def _parted(term: str) -> tuple[str, str]:
    """The first word of a pair with what stands between, and the second; a term that is none, and nothing."""
    between = BETWEEN if BETWEEN in term else " "
    first, found, second = term.partition(between)
    return first + found, second
