"""Folding of Vietnamese: one spelling for toned, toneless and upper-case text, with offsets kept."""

import unicodedata
from functools import lru_cache

_SPECIAL = {"đ": "d", "Đ": "d", "ð": "d", "Ð": "d"}


def fold(text: str) -> str:
    """Lower case without diacritics; each code point of `text` (NFC) gives exactly one, so offsets agree."""
    if text.isascii():
        return text.lower()
    return "".join(map(_fold_sign, text))


def is_toneless(text: str) -> bool:
    """Whether the text is written without any Vietnamese diacritic."""
    return not any(sign.isalpha() and _fold_sign(sign) != sign.lower() for sign in text)


@lru_cache(maxsize=4096)
def _fold_sign(sign: str) -> str:
    if sign in _SPECIAL:
        return _SPECIAL[sign]
    base = unicodedata.normalize("NFD", sign)[0].lower()
    return base[0] if base else sign
