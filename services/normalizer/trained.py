"""Tells emergencies and legal complaints by a small linear model over words, pairs of words and their tones."""

import math
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
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
    """By term the number of its row, and the weights of all rows by column: for an emergency, then for each kind."""

    kinds: tuple[Label, ...]
    rows: Mapping[str, int]
    columns: tuple["array[int]", ...]

    @classmethod
    def of(cls, kinds: tuple[Label, ...], weights: Iterable[tuple[str, Weights]]) -> "Trained":
        """Keep terms with their weights; raise OverflowError for a weight of more than 32."""
        rows: dict[str, int] = {}
        columns = tuple(array("h") for _ in range(1 + len(kinds)))
        for term, each in weights:
            rows[term] = len(columns[0])
            for column, weight in zip(columns, each, strict=True):
                column.append(weight)
        return cls(kinds, rows, columns)

    def weights(self) -> dict[str, Weights]:
        """Every term with its weights."""
        return {term: tuple(column[row] for column in self.columns) for term, row in self.rows.items()}

    def leads(self, reading: Reading, masked: frozenset[int], signs: Sequence[str] = ()) -> Leads:
        """What a text sounds like; `masked` words (contact) say nothing, `signs` stand for what no word says."""
        known = self._known([*terms_of(reading, masked), *signs])
        return Leads(self._weighed(known, 0), self._weighed(known, 1 + self.kinds.index(Label.COMPLAINT_DENUNCIATION)))

    def loudest(self, reading: Reading, masked: frozenset[int]) -> float:
        """The lead of the passage that sounds most like one; of a short text, which has none, less than any."""
        passages = passages_of(reading.words)
        leads = (self._weighed(self._known(terms_of(reading, masked, passage)), 0) for passage in passages)
        return max(leads, default=-math.inf)

    def likeness(self, reading: Reading, masked: frozenset[int]) -> dict[Label, float]:
        """How much its words sound like each kind of emergency."""
        known = self._known(terms_of(reading, masked))
        return {kind: self._weighed(known, column) for column, kind in enumerate(self.kinds, 1) if kind in EMERGENCIES}

    def _known(self, terms: Iterable[str]) -> set[int]:
        """Rows of the terms that were learnt."""
        return {row for row in map(self.rows.get, terms) if row is not None}

    def _weighed(self, known: Collection[int], column: int) -> float:
        share = SPREAD / math.sqrt(len(known)) if known else 0.0
        weights = self.columns[column]
        return (weights[self.rows[NO_WORDS]] + share * sum(map(weights.__getitem__, known))) / SCALE

    def telling(self, reading: Reading, masked: frozenset[int], kind: Label | None = None, most: int = 3) -> list[int]:
        """Numbers of the words that say most for an emergency, or for a kind, with their neighbours; in order."""
        words = reading.words
        weights = self.columns[0 if kind is None else 1 + self.kinds.index(kind)]
        gains: dict[int, int] = {}
        for number, term in _unigrams(reading, masked):
            follows = number + 1
            pair = f"{words[number].form} {words[follows].form}" if follows < len(words) else None
            rows = [row for one in (term, pair) if one and (row := self.rows.get(one)) is not None]
            gains[number] = gains.get(number, 0) + sum(weights[row] for row in rows)
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
