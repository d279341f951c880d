"""Reads a text once for all rules: its words with offsets, with and without tones, and its sentences."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple

from gateway.domain.vietnamese import fold

HEAD = 16_000
TAIL = 4_000
MAX_WORDS = 1_600
"""Work is bounded: of a longer text the first 1 300 and the last 300 words are judged, the rest is only kept."""

_TAIL_WORDS = 300
_WORD = re.compile(r"[^\W_]+(?:'[^\W\d_]+)?")
_LONG_WORD = 40
_APART = ("", " ")
"""What nearly always stands between two words, and ends no sentence."""

_SENTENCE_END = re.compile(r"[.!?;\n\u2026]")
_REPEATED = re.compile(r"([^\W\d])\1{2,}")
_TONES = {"\u0300": "1", "\u0301": "2", "\u0309": "3", "\u0303": "3", "\u0323": "5"}
"""Hook and tilde count as one tone: in the South they sound alike and are mixed up in writing."""

_I_FOR_Y = re.compile(r"(?<=[hklmst])y$")


class Word(NamedTuple):
    """One word: `form` without tones for matching, `key` with tones, offsets into the text, sentence number.

    A tuple, because a text has hundreds and a frozen dataclass takes several times longer to make.
    """

    form: str
    key: str
    start: int
    end: int
    sentence: int
    toned_line: bool
    capital: bool


@dataclass(frozen=True)
class Reading:
    """A text with its words; `folded` has the same length as `text`."""

    text: str
    folded: str
    words: tuple[Word, ...]

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """The forms of its words."""
        return tuple([word.form for word in self.words])

    @cached_property
    def begins(self) -> Mapping[str, Sequence[int]]:
        """By every word, and by every two neighbours with a space between, the numbers of words where they begin."""
        found: dict[str, list[int]] = {}
        for number, form in enumerate(self.forms):
            found.setdefault(form, []).append(number)
        for number, pair in enumerate(map(" ".join, pairwise(self.forms))):
            found.setdefault(pair, []).append(number)
        return found

    @cached_property
    def gaps(self) -> tuple[str, ...]:
        """What stands before each of its words, behind the one before it."""
        ends = (0, *[word.end for word in self.words])
        return tuple([self.text[end : word.start] for end, word in zip(ends, self.words, strict=False)])

    @cached_property
    def capitals(self) -> tuple[int, ...]:
        """The numbers of its words that begin with a capital."""
        return tuple([number for number, word in enumerate(self.words) if word.capital])

    def says(self, number: int, written: str) -> bool:
        """Whether the word at `number` is `written`; tones count where its line is written with tones."""
        word = self.words[number]
        form, key = written_as(written)
        return word.form == form and (not word.toned_line or word.key == key)

    def gap(self, number: int) -> str:
        """What stands between the word before `number` and this one."""
        return self.gaps[number]


def read(text: str, spellings: Mapping[str, str] | None = None) -> Reading:
    """Read a text; `spellings` maps chat spellings (folded) to the words they stand for."""
    if len(text) > HEAD + TAIL:
        text = text[:HEAD] + text[-TAIL:]
    folded_text = fold(text)
    found = list(_WORD.finditer(text))
    if len(found) > MAX_WORDS:
        found = found[: MAX_WORDS - _TAIL_WORDS] + found[-_TAIL_WORDS:]
    toned = _toned_lines(text)
    known = spellings or {}
    words: list[Word] = []
    sentence = line = at = 0
    toned_line = toned[0]
    for match in found:
        start, end = match.span()
        if start > at + 1 or text[at:start] not in _APART:
            between = text[at:start]
            if _SENTENCE_END.search(between):
                sentence += 1
                line += between.count("\n")
                toned_line = toned[line] if line < len(toned) else False
        at = end
        form, key, folded, capital = _seen(text[start : min(end, start + _LONG_WORD)])
        if folded and (meant := known.get(folded)):
            words.extend(
                Word(form_of(fold(part)), key_of(part), start, end, sentence, toned_line, capital)
                for part in meant.split()
            )
        else:
            words.append(Word(form, key, start, end, sentence, toned_line, capital))
    return Reading(text, folded_text, tuple(words))


@lru_cache(maxsize=20_000)
def _seen(shown: str) -> tuple[str, str, str, bool]:
    """Form and key of a word as written, what a chat spelling of it would be looked up by, and its capital."""
    short = _REPEATED.sub(r"\1", shown)
    folded = fold(short)
    may_be_chat = short.isascii() or folded in _SAFE
    return form_of(folded), key_of(short), folded if may_be_chat else "", shown[0].isupper()


_SAFE = frozenset({"dc", "đc", "dk", "dt", "dg"})


def _toned_lines(text: str) -> list[bool]:
    """Per line whether tones are written: at least one word in eight has a mark."""
    found = []
    for line in text.split("\n"):
        if line.isascii():
            found.append(False)
            continue
        marked = sum(1 for word in line.split()[:400] if not word.isascii() and fold(word) != word.lower())
        found.append(marked * 8 >= min(400, len(line.split())))
    return found


@lru_cache(maxsize=20_000)
def form_of(folded: str) -> str:
    """The form that words are matched by: folded, with i for a final y after a consonant."""
    return _I_FOR_Y.sub("i", folded) if folded.endswith("y") and len(folded) < 4 else folded


@lru_cache(maxsize=20_000)
def key_of(word: str) -> str:
    """The word with its tone as a final digit, so that `hoà` and `hòa` are one; `0` is no tone."""
    if word.isascii():
        return form_of(word.lower()) + "0"
    tone = "0"
    letters = []
    for sign in unicodedata.normalize("NFD", word.lower()):
        if sign in _TONES:
            tone = _TONES[sign]
        else:
            letters.append(sign)
    return form_of(unicodedata.normalize("NFC", "".join(letters))) + tone


@lru_cache(maxsize=4096)
def written_as(word: str) -> tuple[str, str]:
    """Form and key of a word of the rules."""
    return form_of(fold(word)), key_of(word)
