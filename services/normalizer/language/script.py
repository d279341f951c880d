"""Tells from the letters alone whether a text is written in a script that is not Latin."""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

_OTHERS = {
    "CJK": "zh", "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CYRILLIC": "ru", "THAI": "th", "KHMER": "km",
    "LAO": "lo", "MYANMAR": "my", "ARABIC": "ar", "HEBREW": "he", "GREEK": "el", "DEVANAGARI": "hi", "TAMIL": "ta",
    "BENGALI": "bn", "TELUGU": "te", "GUJARATI": "gu", "KANNADA": "kn", "MALAYALAM": "ml", "SINHALA": "si",
    "GEORGIAN": "ka", "ARMENIAN": "hy", "ETHIOPIC": "am", "MONGOLIAN": "mn", "TIBETAN": "bo", "GURMUKHI": "pa",
}  # fmt: skip

_OTHER_THAN_LATIN = re.compile(r"[^\0-\u036f\u1e00-\u1eff\u2000-\u206f]")
"""A sign that may be of another script: neither Latin with its marks nor punctuation."""

_MOST = 2_000
_ENOUGH = 4


def foreign_script(text: str) -> bool:
    """Whether at least four letters, and more than six in ten, belong to another script than Latin."""
    if not _OTHER_THAN_LATIN.search(text):
        return False
    signs = Counter(text[:_MOST])
    letters = {sign: count for sign, count in signs.items() if sign.isalpha() or unicodedata.category(sign)[0] == "M"}
    other = sum(count for sign, count in letters.items() if _script(sign))
    return other >= _ENOUGH and other > 0.6 * sum(letters.values())


@lru_cache(maxsize=4096)
def _script(sign: str) -> str:
    if sign.isascii():
        return ""
    return _OTHERS.get(unicodedata.name(sign, "").split(" ", 1)[0].split("-", 1)[0], "")
