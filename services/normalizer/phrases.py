"""Finds the phrases of a lexicon in a text that was read: leftmost, longest, tones respected where they are written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from gateway.domain.vietnamese import fold
from services.normalizer.reading import Reading, Word, form_of, key_of

_FORGIVING = 3
"""From this many words on a phrase is still understood with one wrong tone."""


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A phrase of the lexicon as written in the data; `bare` is the key of its first word without a tone.

    A leading `=` asks for written tones (the phrase means something else without them); a leading `~` lets a single
    word match without tones, which single words otherwise never do when they carry any.
    """

    written: str
    tag: str
    forms: tuple[str, ...]
    keys: tuple[str, ...]
    exact: bool
    loose: bool
    in_company: bool
    bare: str

    def fits(self, words: Sequence[Word]) -> bool:
        """Whether these words, equal in form, may be this phrase by their tones."""
        if not words[0].toned_line:
            if self.exact:
                return False
            return len(words) > 1 or self.loose or self.in_company or self.keys[0] == self.bare
        wrong = bare = 0
        first = words[0].key
        if first != self.keys[0] and first != self.bare:
            return False  # What it begins with is another word: `chạy rần rần` is no `cháy rần rần`.
        for word, key in zip(words, self.keys, strict=True):
            if word.key == key:
                continue
            if word.key == word.form + "0":
                bare += 1
            else:
                wrong += 1
        if self.exact:
            return not wrong and not bare
        if bare == len(words) and not self.loose:
            return False
        return not wrong or (len(words) >= _FORGIVING and wrong == 1 and not bare)


_FIRST, _SPAN = itemgetter(1), itemgetter(1, 2)


class Hit(NamedTuple):
    """A phrase found; word numbers, `last` exclusive."""

    phrase: Phrase
    first: int
    last: int


def phrase(written: str, tag: str, *, in_company: bool = False) -> Phrase:
    """Compile one phrase; `tag` says what it stands for."""
    plain = written.lstrip("=~").strip()
    words = plain.split()
    forms = tuple(form_of(fold(word)) for word in words)
    return Phrase(
        plain,
        tag,
        forms,
        tuple(key_of(word) for word in words),
        written.startswith("="),
        written.startswith("~"),
        in_company,
        forms[0] + "0",
    )


def joined(head: Phrase, tail: Phrase) -> Phrase:
    """The phrase of one followed by the other, as `phrase` makes it of their words: hundreds of heads share a tail."""
    return Phrase(
        f"{head.written} {tail.written}",
        head.tag,
        head.forms + tail.forms,
        head.keys + tail.keys,
        head.exact or tail.exact,
        head.loose,
        head.in_company,
        head.bare,
    )


class PhraseIndex:
    """Phrases by the two words that they begin with, or by their only one; immutable once built.

    A text's own words and pairs are looked up all at once: nearly all of them begin no phrase, and cost nothing more.
    """

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        """Take every phrase; several may share their words."""
        beginning: dict[str, list[Phrase]] = {}
        for one in phrases:
            beginning.setdefault(" ".join(one.forms[:2]), []).append(one)
        self._beginning = {start: tuple(sorted(each, key=_length)) for start, each in beginning.items()}

    def find(
        self, reading: Reading, masked: frozenset[int] = frozenset(), *, breaks: frozenset[int] = frozenset()
    ) -> list[Hit]:
        """Leftmost longest phrases, none overlapping another; phrases with the same words are all given.

        `masked` word numbers take part in no phrase; at `breaks` a phrase may begin but not go on.
        """
        found: list[Hit] = []
        free = 0
        for first, each in groupby(self._all(reading, masked, breaks), key=_FIRST):
            if first >= free:
                hits = list(each)
                free = hits[-1].last
                found.extend(hit for hit in hits if hit.last == free)
        return found

    def find_by_tag(self, reading: Reading, masked: frozenset[int] = frozenset()) -> list[Hit]:
        """Leftmost longest phrases of every tag by itself: phrases of two tags may share words; in order of words."""
        found: list[Hit] = []
        free: dict[str, int] = {}
        for first, each in groupby(self._all(reading, masked), key=_FIRST):
            best: dict[str, list[Hit]] = {}
            for hit in each:
                longest = best.get(hit.phrase.tag)
                if longest and longest[0].last == hit.last:
                    longest.append(hit)
                else:
                    best[hit.phrase.tag] = [hit]
            for tag, hits in best.items():
                if first >= free.get(tag, 0):
                    free[tag] = hits[0].last
                    found.extend(hits)
        return found

    def _all(self, reading: Reading, masked: frozenset[int], breaks: frozenset[int] = frozenset()) -> list[Hit]:
        """Every phrase, by where it begins, the shorter ones first."""
        begins, beginning = reading.begins, self._beginning
        starts = begins.keys() & beginning.keys() if beginning else ()
        if not starts:
            return []
        words, forms = reading.words, reading.forms
        hits: list[Hit] = []
        for start in starts:
            for one in beginning[start]:
                size = len(one.forms)
                for first in begins[start]:
                    last = first + size
                    # What a phrase of one or two words was found by is all of it.
                    if (size <= 2 or forms[first:last] == one.forms) and one.fits(words[first:last]):
                        hits.append(Hit(one, first, last))
        if masked or breaks:
            hits = [
                hit
                for hit in hits
                if masked.isdisjoint(range(hit.first, hit.last)) and breaks.isdisjoint(range(hit.first + 1, hit.last))
            ]
        hits.sort(key=_SPAN)
        return hits


def _length(one: Phrase) -> int:
    return len(one.forms)
