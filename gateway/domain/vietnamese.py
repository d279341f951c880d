"""Folding of Vietnamese: one spelling for toned, toneless and upper-case text, with offsets kept."""

import unicodedata

_SPECIAL = {"đ": "d", "Đ": "d", "ð": "d", "Ð": "d"}


class _Folded(dict[int, str]):
    """The folding of every code point met so far; `str.translate` looks them up without calling Python again."""

    def __missing__(self, code: int) -> str:
        folded = _fold_sign(chr(code))
        # Letters of other scripts are not kept: hostile texts hold many, and a table must not grow without bound.
        if code < _KEPT_BELOW:
            self[code] = folded
        return folded


_KEPT_BELOW = 0x2000
_FOLDED = _Folded()


def fold(text: str) -> str:
    """Lower case without diacritics; each code point of `text` (NFC) gives exactly one, so offsets agree."""
    if text.isascii():
        return text.lower()
    return text.translate(_FOLDED)


def _fold_sign(sign: str) -> str:
    if sign in _SPECIAL:
        return _SPECIAL[sign]
    base = unicodedata.normalize("NFD", sign)[0].lower()
    return base[0] if base else sign
