"""Tells emergencies and legal complaints by a small linear model over words, pairs of words and their tones."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

from schemas.vocabulary import EMERGENCIES, Label
from services.normalizer.lanes import column_of, columns_of, packed
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

BIAS = 2**15
"""Is added to weights of two bytes where there must be none below 0."""

Weights = tuple[int, ...]
"""What a term weighs for an emergency, then for each of the kinds; in thousandths."""


@dataclass(frozen=True, slots=True)
class Leads:
    """How much a text sounds like an emergency, and like a legal complaint: above 0, more than like anything else."""

    emergency: float
    complaint: float


@dataclass(frozen=True, slots=True)
class Trained:
    """By term what it weighs for an emergency, then for each kind: one of `lanes` each, immutable.

    A weight stands there with `BIAS` added, and behind them all a 1, so that the sum of rows tells how many there were.
    """

    kinds: tuple[Label, ...]
    rows: Mapping[str, int]

    @classmethod
    def of(cls, kinds: tuple[Label, ...], weights: Iterable[tuple[str, Weights]]) -> "Trained":
        """Keep terms with their weights; raise OverflowError for a weight of more than 32."""
        rows: dict[str, int] = {}
        for term, each in weights:
            if len(each) != 1 + len(kinds) or not all(-BIAS <= weight < BIAS for weight in each):
                raise OverflowError("a weight is too large, or missing")
            rows[term] = packed([*(weight + BIAS for weight in each), 1])
        return cls(kinds, rows)

    def weights(self) -> dict[str, Weights]:
        """Every term with its weights."""
        return {term: self._sums(row)[0] for term, row in self.rows.items()}

    def sharing(self, others: Iterable[str]) -> "Trained":
        """The same model with others' strings for the terms that they have too: most of its memory is its terms."""
        same = {term: term for term in others if term in self.rows}
        return Trained(self.kinds, {same.get(term, term): row for term, row in self.rows.items()})

    def leads(self, reading: Reading, masked: frozenset[int], signs: Sequence[str] = ()) -> Leads:
        """What a text sounds like; `masked` words (contact) say nothing, `signs` stand for what no word says."""
        leads = self._weighed([*terms_of(reading, masked), *signs])
        return Leads(leads[0], leads[1 + self.kinds.index(Label.COMPLAINT_DENUNCIATION)])

    def loudest(self, reading: Reading, masked: frozenset[int]) -> float:
        """The lead of the passage that sounds most like one; of a short text, which has none, less than any."""
        passages = passages_of(reading.words)
        leads = (self._weighed(terms_of(reading, masked, passage))[0] for passage in passages)
        return max(leads, default=-math.inf)

    def likeness(self, reading: Reading, masked: frozenset[int]) -> dict[Label, float]:
        """How much its words sound like each kind of emergency."""
        leads = self._weighed(terms_of(reading, masked))
        return {kind: lead for kind, lead in zip(self.kinds, leads[1:], strict=True) if kind in EMERGENCIES}

    def _weighed(self, terms: Iterable[str]) -> list[float]:
        """What terms weigh in each column, those that were learnt, each once."""
        sums, known = self._sums(sum(map(self.rows.get, {*terms}, repeat(0))))
        share = SPREAD / math.sqrt(known) if known else 0.0
        always, _ = self._sums(self.rows[NO_WORDS])
        return [(weight + share * each) / SCALE for weight, each in zip(always, sums, strict=True)]

    def _sums(self, total: int) -> tuple[Weights, int]:
        """What a sum of rows comes to in each column, and of how many rows it is."""
        *biased, count = columns_of(total, 2 + len(self.kinds))
        return tuple([each - count * BIAS for each in biased]), count

    def telling(self, reading: Reading, masked: frozenset[int], kind: Label | None = None, most: int = 3) -> list[int]:
        """Numbers of the words that say most for an emergency, or for a kind, with their neighbours; in order."""
        words = reading.words
        column = 0 if kind is None else 1 + self.kinds.index(kind)
        gains: dict[int, int] = {}
        for number, term in _unigrams(reading, masked):
            follows = number + 1
            pair = f"{words[number].form} {words[follows].form}" if follows < len(words) else None
            rows = [row for one in (term, pair) if one and (row := self.rows.get(one))]
            gains[number] = gains.get(number, 0) + sum([column_of(row, column) - BIAS for row in rows])
        best = sorted((-gain, number) for number, gain in gains.items() if gain > 0)[:most]
        return sorted(number for _, number in best)


def terms_of(reading: Reading, masked: frozenset[int], passage: Passage | None = None) -> list[str]:
    """The terms of a text or passage: words, neighbours, words a little apart, and the first two with their tones.

    Tones count where a line is written with them: "cháy" is a fire, "chạy" is not, "chay" may be either.
    """
    words = reading.words
    first, last = passage or (0, len(words))
    terms: list[str] = []
    while first < last:
        sentence = words[first].sentence
        end = first + 1
        while end < last and words[end].sentence == sentence:
            end += 1
        shown = [None if number in masked else words[number] for number in range(first, end)]
        forms = [word and word.form for word in shown]
        counted = [_NUMBER if form and form.isdigit() else form for form in forms]
        terms += filter(None, counted)
        terms += [f"{one} {two}" for one, two in zip(counted, forms[1:], strict=False) if one and two]
        for apart in _APART:
            terms += [f"{one}{BETWEEN}{two}" for one, two in zip(counted, forms[apart:], strict=False) if one and two]
        if words[first].toned_line:
            keys = [word and word.key for word in shown]
            toned = [_NUMBER if form == _NUMBER else key for form, key in zip(counted, keys, strict=True)]
            terms += [_TONED + one for one in toned if one]
            terms += [f"{_TONED}{one} {two}" for one, two in zip(toned, keys[1:], strict=False) if one and two]
        first = end
    return terms


def _unigrams(reading: Reading, masked: frozenset[int]) -> list[tuple[int, str]]:
    found = []
    for number, word in enumerate(reading.words):
        if number in masked or word.form.isdigit():
            continue
        found.append((number, word.form))
        if word.toned_line:
            found.append((number, _TONED + word.key))
    return found
