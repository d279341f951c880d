"""Reads digits that a citizen writes as words: `không chín bảy một, hai hai sáu, tám năm không`, `zero seven …`."""

import re
from collections.abc import Iterator

_WORDS = {
    "khong": "0", "mot": "1", "hai": "2", "ba": "3", "bon": "4", "tu": "4", "nam": "5", "lam": "5", "sau": "6",
    "bay": "7", "bai": "7", "tam": "8", "chin": "9",
    "zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9",
}  # fmt: skip
_ONE = rf"(?:{'|'.join(_WORDS)}|\d{{1,4}})"
_RUN = re.compile(rf"(?<![\w/]){_ONE}(?:[ ,.\-]{{1,3}}{_ONE}){{3,13}}(?![\w/])")
_TOKEN = re.compile(rf"{_ONE}(?![a-z])")
_FEWEST_WORDS = 1
_LENGTHS = range(10, 12)
_WITHOUT_ZERO = 9
_LEADS = ("3", "5", "7", "8", "9")


def spoken_numbers(folded: str) -> Iterator[tuple[str, int, int]]:
    """Digits and span of every run with a digit in words that is as long as a telephone number and begins with 0."""
    for match in _RUN.finditer(folded):
        tokens = [token[0] for token in _TOKEN.finditer(match[0])]
        if sum(not token.isdigit() for token in tokens) < _FEWEST_WORDS:
            continue
        # Words of the sentence before it may belong to the run: `tôi có hai, không chín bảy …`.
        for skipped in range(len(tokens)):
            digits = "".join(_WORDS.get(token, token) for token in tokens[skipped:])
            spelt = len(digits) == _WITHOUT_ZERO and not skipped and digits.startswith(_LEADS)
            if (len(digits) in _LENGTHS and digits.startswith("0")) or spelt:
                start = match.start() + _offset(match[0], skipped)
                yield digits, start, match.end()
                break


def _offset(run: str, skipped: int) -> int:
    return [token.start() for token in _TOKEN.finditer(run)][skipped]
