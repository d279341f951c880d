"""Weighs Vietnamese, English and other languages against each other by the frequency of a text's words."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from gateway.domain.vietnamese import fold
from schemas.vocabulary import Language
from services.normalizer.language.script import foreign_script
from services.normalizer.language.syllables import may_be_syllable
from services.normalizer.language.tables import WordTables

_WORD = re.compile(r"[^\W\d_]+")
_NOT_WORDS = re.compile(r"\S{1,64}@\S{1,64}|https?:\S{1,200}|www\.\S{1,200}")
_IN_NO_WORDS = ("@", "http", "www.")
"""One of these is in whatever the pattern above fits; looking for them is much quicker."""

_MOST = 80
"""Words weighed: the lead that is asked for is reached long before, and each word costs."""

_HALF = 0.5
"""Levels are half nats."""

_UNKNOWN = -4.0
"""Nats given for a word that a language's table does not hold."""

_STRANGE = 0.4
"""Share of words that no table of Vietnamese holds from which on a text is not told as such."""

_ODD = 0.25
"""Share of words that no Vietnamese syllable is built like from which on a text without any tone is not told as such:
pinyin and Khmer in Latin letters share many short words with it, and no other table holds them."""

_USUAL = 4
"""Half nats from which on a word that is none of its syllables is used in Vietnamese all the same, as `camera`."""

_USUAL_ENGLISH = 16
_VOWELS = frozenset("aeiouy")

_TELLING = 5
"""Words from which on such a share says something."""

_VIETNAMESE_ONLY = frozenset("đơưăạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ")
_MARKED = 9.0
"""Nats for a letter that among the languages weighed only Vietnamese has."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """The language, None when unsure, and by how many nats it leads."""

    language: Language | None
    margin: float


def weigh(
    text: str, tables: WordTables, chat_words: Collection[str], *, least_words: int, least_margin: float
) -> Weighed:
    """The language of a text.

    `other` needs `least_words` known words and a lead of `least_margin` nats: turning a citizen away is the costly
    error. `chat_words` (folded) are chat spellings that count as Vietnamese.
    """
    if foreign_script(text):
        return Weighed(Language.OTHER, 99.0)
    words = _words(text[:8_000])
    vietnamese = 0.0
    known = strange = odd = 0
    toned = False
    bare_at = tables.languages.index("vi-bare")
    toned_at = tables.languages.index("vi")
    english_at = tables.languages.index("en")
    for word in words:
        levels = tables.words.get(word)
        marked, folded, odd_built = _built(word)
        best = _UNKNOWN
        if levels is not None:
            known += 1
            best = max(levels[toned_at], levels[bare_at] - 1) * _HALF or _UNKNOWN
        if marked:
            toned = True
            known += 1
            best = max(best, _MARKED)
        elif best < 0 and folded in chat_words:
            best = _MARKED / 2
        if odd_built and folded not in chat_words:
            odd += levels is None or (
                max(levels[toned_at], levels[bare_at]) < _USUAL and levels[english_at] < _USUAL_ENGLISH
            )
        strange += best < 0
        vietnamese += best
    sums = _sums(words, tables)
    english = sums[english_at]
    foreign = max(
        total for code, total in zip(tables.languages, sums, strict=True) if code not in ("vi", "vi-bare", "en")
    )
    found = _decide(vietnamese, english, foreign, known, len(words), least_words, least_margin)
    foreign_built = strange >= _STRANGE * len(words) or (not toned and odd >= _ODD * len(words))
    return Weighed(None, 0.0) if found.language is Language.VI and len(words) >= _TELLING and foreign_built else found


def _words(text: str) -> list[str]:
    """The first words of a text, small, without addresses and overlong ones."""
    if any(sign in text for sign in _IN_NO_WORDS):
        text = _NOT_WORDS.sub(" ", text)
    words = [found[0].lower() for found in islice(_WORD.finditer(text), _MOST)]
    return [word for word in words if len(word) <= 20]


def _sums(words: Sequence[str], tables: WordTables) -> list[float]:
    """The nats of the words in each language."""
    known = [levels for word in words if (levels := tables.words.get(word)) is not None]
    unknown = len(words) - len(known)
    if not known:
        return [_UNKNOWN * unknown] * len(tables.languages)
    return [sum(each) * _HALF + _UNKNOWN * (each.count(0) + unknown) for each in zip(*known, strict=True)]


@lru_cache(maxsize=20_000)
def _built(word: str) -> tuple[bool, str, bool]:
    """Whether a word has a letter of Vietnamese only; the word folded; whether it can be none of its syllables."""
    marked = not _VIETNAMESE_ONLY.isdisjoint(unicodedata.normalize("NFC", word))
    folded = fold(word)
    # Without a vowel it is an abbreviation.
    return marked, folded, not may_be_syllable(folded) and not _VOWELS.isdisjoint(folded)


def _decide(
    vi: float, en: float, foreign: float, known: int, count: int, least_words: int, least_margin: float
) -> Weighed:
    ours = max(vi, en)
    if foreign - ours >= least_margin and known >= least_words:
        return Weighed(Language.OTHER, foreign - ours)
    if not known or ours <= 0 or foreign - ours > 2:
        return Weighed(None, 0.0)
    if en > vi and count < least_words:
        return Weighed(None, 0.0)
    language = Language.VI if vi >= en else Language.EN
    return Weighed(language, abs(vi - en))
