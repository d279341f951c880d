"""Finds a name without a family name by where it stands: beside the phone, in brackets at the end, before "nè"."""

import re
from collections.abc import Sequence

from services.normalizer.contact.found import Found
from services.normalizer.contact.name_words import is_surname, joins, made
from services.normalizer.contact.words import ContactWords
from services.normalizer.reading import Reading

_ORDER_OF_BIRTH = frozenset({"hai", "ba", "tu", "nam", "sau", "bay", "tam", "chin", "muoi", "ut"})
"""By these people of the South are called: `Năm Rạng`, `Út Mười`."""

_PRONOUNS = frozenset({"toi", "tui", "em", "e", "minh"})
_TITLES = frozenset({"anh", "chi", "co", "chu", "bac", "thay", "a", "c", "ba", "ong", "em", "co giao"})
_WORDS = """
lien he sdt dt so dien thoai zalo goi nha vay de xin nho cam on tran trong kinh thua da vang alo ok hotline mong
dia chi gui tel phone mobile email cho nay hom sang chieu toi ad admin
"""
_NO_NAMES = frozenset(_WORDS.split())
_MOST_WORDS = 3
_BESIDE = 14
"""Signs that may stand between a name and the phone."""

_REST = 3
_BEFORE = re.compile(r"(?:^|[.!?\n]|[.!?]\s?[\)\"]|\s[\-–—])\s*$")
_TO_PHONE = re.compile(r"[\s,:\-–—(]{1,4}(?:(?:sdt|dt|so|zalo|lh)[\s:.]{0,3})?$")
_CLOSING = re.compile(r"\s*\)?\s*[.!]?\s*$")
_PRESENT = re.compile(r"\s(?:nè|ne|đây|nha|nhé|nghen)(?=[,.!]|\s*$)", re.IGNORECASE)
_SIGNED = re.compile(r"(?<!\w)(?:em|toi|tui|minh|con|chau):\s?$")


def short_name(
    reading: Reading, words: ContactWords, phones: Sequence[tuple[int, int]], places: Sequence[tuple[int, int]]
) -> Found | None:
    """The name by which the sender signs, if it stands where only a signature does; `phones` and `places` are spans."""
    for number, word in enumerate(reading.words):
        if not word.capital or _is_title(reading, number) or any(left <= word.start < right for left, right in places):
            continue
        last = _end(reading, number, words)
        if last == number or not _stands_alone(reading, number, last, phones):
            continue
        return made(reading, number, last, "contact.name.short")
    return None


def _is_title(reading: Reading, number: int) -> bool:
    """Whether the word only says how a person is spoken to: the name follows."""
    follows = number + 1
    titled = reading.words[number].form in _TITLES - _ORDER_OF_BIRTH and follows < len(reading.words)
    return titled and reading.words[follows].capital and joins(reading.gap(follows))


def _end(reading: Reading, first: int, words: ContactWords) -> int:
    at = first
    while at < len(reading.words) and at - first < _MOST_WORDS:
        word = reading.words[at]
        if (at > first and not joins(reading.gap(at))) or not word.capital or not word.form.isalpha():
            break
        if word.form in _NO_NAMES or (word.form in words.stops and not is_surname(word, words) and at == first):
            return first
        at += 1
    return at


def _stands_alone(reading: Reading, first: int, last: int, phones: Sequence[tuple[int, int]]) -> bool:
    end = reading.words[last - 1].end
    lead = first
    while lead and reading.words[lead - 1].form in _TITLES | {"giao"} and reading.gap(lead).strip() in ("", "."):
        lead -= 1  # A title where a sentence begins is the sender's own.
    before = reading.folded[max(0, reading.words[lead].start - 12) : reading.words[lead].start]
    after = reading.folded[end:]
    by_birth = reading.words[first].form in _ORDER_OF_BIRTH and last - first == 2
    opens = not before.strip("( ") or _BEFORE.search(before) is not None
    if by_birth and (_introduces(reading, lead) or (opens and after.startswith(" o "))):
        return True
    closes = _CLOSING.match(after) is not None
    if closes and (before.endswith("(") or _SIGNED.search(before)):
        return True
    present = _PRESENT.match(reading.text[end:]) is not None
    if present and (opens or before.rstrip().endswith(",")):
        return True
    beside = [
        right for left, right in phones if 0 <= left - end <= _BESIDE and _TO_PHONE.match(reading.folded[end:left])
    ]
    if not beside:
        return False
    if lead < first and reading.words[lead].form not in _PRONOUNS:
        # "Bà Hoa, 0912 345 678, …" is spoken of; who closes with "A. Phong 0912 345 678" signs.
        return opens and len(reading.text) - beside[0] <= _REST
    return opens or _introduces(reading, first)


def _introduces(reading: Reading, number: int) -> bool:
    """Whether a pronoun of the first person stands just before, with or without a title between."""
    for back in (1, 2):
        if number >= back and reading.words[number - back].form in _PRONOUNS | {"la"}:
            return joins(reading.gap(number))
    return False
