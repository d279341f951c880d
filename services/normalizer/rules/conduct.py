"""Điều 17.2: obscene or insulting words are flagged for a person's judgement; they never change an outcome."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from services.normalizer.insults import BEAST, INNOCENT, LETTERS, LIKENED, OPENING, OWN, Insults
from services.normalizer.phrases import Hit
from services.normalizer.reading import Reading

_QUOTED = re.compile(r"[\"\u201c\u201d][^\"\u201c\u201d\n]{1,300}[\"\u201c\u201d]|(?<![\w'])'[^'\n]{2,200}'(?!\w)")
_TOLD_AT_MOST = 8
"""How many words after "chửi" or "gọi tôi là" are still another's."""

_THAT = "la"
"""After "gọi tôi là …" what they said goes on over a comma."""

_NEAR = 4
"""How many words before a likeness may say whose it is: "dân khổ như chó" is nobody's insult."""

_UNIT = 2
"""Up to this many letters without tones may be a measure or a name (dm, ml, vl)."""

_EXPLAINS = frozenset("(=@")
_ADDRESS = frozenset("@/=?&.-_#")
_MOST = 10
Span = tuple[int, int]


def insults_in(reading: Reading, words: Insults) -> list[Span]:
    """Insults as numbers of their words, `last` exclusive: what insults by itself, then what does beside somebody.

    Nothing counts that is quoted or told of others; innocent phrases made of the same words or of more win.
    """
    if not (
        any(hit.phrase.tag != INNOCENT for hit in words.phrases.find(reading))
        or words.alone.find(reading)
        or words.together.find(reading)
    ):
        return []
    return list(_Text.of(reading, words).insults())[:_MOST]


def masked_insults_in(reading: Reading, words: Insults) -> list[Span]:
    """Spans of the text with insults written with dots, stars or other signs, but for those in quotation marks."""
    if not words.any_masked.search(reading.folded):
        return []
    found = [match.span() for pattern in words.masked for match in pattern.finditer(reading.folded)][:_MOST]
    quoted = _quoted(reading)
    return [span for span in found if not any(first <= span[0] < last for first, last in quoted)]


@dataclass(frozen=True, slots=True)
class _Text:
    """A text in which something may insult: the words before which a sign stands, and those that others said."""

    reading: Reading
    words: Insults
    breaks: frozenset[int]
    others: frozenset[int]
    tells_of_animals: bool

    @classmethod
    def of(cls, reading: Reading, words: Insults) -> "_Text":
        breaks = frozenset(number for number in range(1, len(reading.words)) if reading.gap(number).strip())
        others = _words_of_others(reading, words, breaks)
        return cls(reading, words, breaks, others, bool(words.animals.find(reading)))

    def insults(self) -> Iterator[Span]:
        hits = self.words.phrases.find(self.reading, self.others, breaks=self.breaks)
        innocent = {hit.first for hit in hits if hit.phrase.tag == INNOCENT}
        yield from (hit[1:] for hit in hits if hit.first not in innocent and self._insults(hit))
        for hit in self.words.alone.find(self.reading, self.others, breaks=self.breaks):
            if self._opens(hit.first) and self._closes(hit.last):
                yield hit[1:]
        for one in self.words.together.find(self.reading, self.others):
            in_one_clause = self.breaks.isdisjoint(range(one.first + 1, one.last))
            if in_one_clause and self._is_said_of_them(one.tag, one.first, one.last):
                yield one.first, one.last

    def _insults(self, hit: Hit) -> bool:
        if self._is_name(hit) or self._lost_its_tone(hit):
            return False
        tag = hit.phrase.tag
        if tag in (LETTERS, OPENING):
            return self._is_abuse(hit)
        if tag == BEAST:
            return not self.tells_of_animals
        return tag != LIKENED or self._is_said_of_them(tag, self._clause_before(hit.first), hit.first)

    def _is_said_of_them(self, tag: str, first: int, last: int) -> bool:
        """Whether no word in between turns it to others, who are treated so or toil so, and no beast is meant."""
        if tag == LIKENED and self.tells_of_animals:
            return False
        among = Reading(self.reading.text, self.reading.folded, self.reading.words[first:last])
        return not self.words.turned.find(among)

    def _opens(self, first: int) -> bool:
        return first == 0 or first in self.breaks

    def _closes(self, last: int) -> bool:
        return last == len(self.reading.words) or last in self.breaks

    def _clause_before(self, first: int) -> int:
        """The first of the few words before a phrase that belong to its clause."""
        earliest = max(0, first - _NEAR)
        return next((at for at in range(first, earliest, -1) if at in self.breaks), earliest)

    def _shown(self, first: int, last: int) -> str:
        return self.reading.text[self.reading.words[first].start : self.reading.words[last - 1].end]

    def _is_name(self, hit: Hit) -> bool:
        """Whether a lone word is written as a name is: with a capital amid a clause (tài xế Lìn)."""
        if hit.last != hit.first + 1 or self._opens(hit.first) or not self.reading.words[hit.first].capital:
            return False
        return not self._shown(hit.first, hit.last).isupper()

    def _lost_its_tone(self, hit: Hit) -> bool:
        """Whether a phrase without marks that needs its tones ("ngu") stands among words written without any."""
        keys = zip(hit.phrase.forms, hit.phrase.keys, strict=True)
        if not hit.phrase.exact or not all(key == form + "0" for form, key in keys):
            return False
        words = self.reading.words
        beside = words[max(0, hit.first - 1) : hit.first] + words[hit.last : hit.last + 1]
        return bool(beside) and all(self.reading.text[word.start : word.end].isascii() for word in beside)

    def _is_abuse(self, hit: Hit) -> bool:
        """Whether letters are no measure, no name of a body and no spelling of their own ("CLGT (chất lượng …)")."""
        text, words, (first, last) = self.reading.text, self.reading.words, hit[1:]
        at, to = words[first].start, words[last - 1].end
        if text[to : to + 2].lstrip()[:1] in _EXPLAINS or (at and text[at - 1] in _ADDRESS):
            return False
        if not self._opens(first) and words[first - 1].form[-1:].isdigit():
            return False
        if hit.phrase.tag == OPENING:
            nothing_else = hit.phrase.exact or len(hit.phrase.forms[0]) > _UNIT
            before_somebody = not self._closes(last) and words[last].form in self.words.targets
            return before_somebody or first == 0 or (nothing_else and (self._opens(first) or self._closes(last)))
        return self._opens(first) or self._shown(first - 1, first).isupper() or not self._shown(first, last).isupper()


def _words_of_others(reading: Reading, words: Insults, breaks: frozenset[int]) -> frozenset[int]:
    """Numbers of the words that somebody else said: in quotation marks, or after a word for it up to the next sign."""
    starts = [word.start for word in reading.words]
    found: set[int] = set()
    for first, last in _quoted(reading):
        found.update(range(bisect_left(starts, first), bisect_left(starts, last)))
    for hit in words.told.find(reading):
        if hit.phrase.tag == OWN:
            continue
        says_what = _THAT in hit.phrase.forms
        for number in range(hit.last, min(hit.last + _TOLD_AT_MOST, len(reading.words))):
            sign = reading.gap(number).strip() if number in breaks else ""
            if sign and ":" not in sign and not (says_what and sign == ","):
                break
            says_what = says_what or reading.words[number].form == _THAT
            found.add(number)
    return frozenset(found)


def _quoted(reading: Reading) -> list[Span]:
    """Spans in quotation marks, unless one is the whole text."""
    whole = len(reading.text.strip())
    spans = (match.span() for match in _QUOTED.finditer(reading.text))
    return [(first, last) for first, last in spans if last - first < whole]
