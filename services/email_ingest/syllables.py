"""Tells how Vietnamese a decoded text looks, so that a wrongly declared charset can be seen through."""

import re
import unicodedata

_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))
_WORD = re.compile(r"[^\W\d_]+")
_NEUTRAL = frozenset("\u00a0–—‘’“”…•₫°½²³×€\ufeff\u200b")
"""Signs that say nothing about the language."""

_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|ch|kh|ph|qu|th|tr|[bcdđghklmnprstvx])?"
    r"(?:iêu|yêu|oai|oao|oay|oeo|uai|uao|uây|uôi|uya|uyê|uyu|ươi|ươu"
    r"|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iu|oa|oă|oe|oi|ôi|ơi|oo|ua|uâ|ue|uê|ui|uô|uơ|uy|ưa|ưi|ươ|ưu|yê"
    r"|[aăâeêioôơuưy])"
    r"(?:ch|ng|nh|[cmnpt])?"
)

SAMPLE = 4000


def vietnamese_share(text: str) -> float:
    """Of the signs beyond ASCII, the part that stands in well-formed Vietnamese syllables, 0 to 1.

    A sign that is no letter counts against the reading, unless it is punctuation that every language has. Only the
    first 4 000 characters are looked at. A text without such signs gives 1.
    """
    sample = unicodedata.normalize("NFC", text[:SAMPLE])
    beyond = sum(1 for sign in sample if sign > "\x7f" and sign not in _NEUTRAL)
    if beyond == 0:
        return 1.0
    return sum(_signs_explained(word) for word in _WORD.findall(sample) if not word.isascii()) / beyond


def _signs_explained(word: str) -> int:
    parted = unicodedata.normalize("NFD", word.lower())
    plain = unicodedata.normalize("NFC", parted.translate(_TONES))
    tones = len(parted) - len(parted.translate(_TONES))
    # A letter that is capital inside a word written small is the mark of a wrong table.
    cased = word.islower() or word.isupper() or word[1:].islower()
    if tones > 1 or not cased or _SYLLABLE.fullmatch(plain) is None:
        return 0
    return sum(1 for sign in word if sign > "\x7f")
