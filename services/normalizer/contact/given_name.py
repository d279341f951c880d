"""Finds a sender who signs without a family name, or with nothing beside it: `Em Như, 0911…`, `(chú Tín)`, `Bảy Giàu đây`."""  # noqa: E501 - one sentence

import re
from collections.abc import Callable, Sequence

from services.normalizer.contact.found import Found
from services.normalizer.contact.name_words import all_capital, begins_name, joins, made, name_end, stops
from services.normalizer.contact.words import ContactWords
from services.normalizer.reading import Reading, Word

_TITLE_WORDS = ("ong", "ba", "anh", "chi", "a", "c", "chu", "co", "bac", "di", "cau", "thay", "mr", "mrs", "ms")
_PRONOUNS = ("toi", "tui", "em", "e", "minh", "mih", "mk", "con", "chau")
_CALLS = frozenset({*_TITLE_WORDS, *_PRONOUNS})
_TITLES = rf"(?:{'|'.join(_TITLE_WORDS)}|co giao|thay giao)\.?"
_ME = rf"(?:{'|'.join(_PRONOUNS)})"
_BEFORE_PHONE = re.compile(
    rf"(?:(?:^|[\n.!?;,:(\-–—/|]\s*){_ME}\s*(?::|,|la\s|ten\s)?\s*(?:{_TITLES}\s+)?|"
    rf"(?:lien he|lh|ten lien he|dien|dt|goi|bao|tim|nhan|cua|gap)\s?:?\s+(?:cho\s+|cua\s+)?{_TITLES}\s+|"
    rf"(?:^|[\n.!?;(]\s*)(?P<title>{_TITLES}\s+)?)$"
)
"""What may stand before a given name that a phone follows."""

_TO_PHONE = re.compile(
    r"(?:\s+(?:tho|chu|tiem|chai|ban|cong nhan)\s[^\d\n.]{1,20})?[\s,.:;(\-–—|/]*"
    r"(?:(?:sdt|so dt|so dien thoai|dien thoai|so|dt|zalo|phone|tel|lh|lien he|goi)[\s:.,]*){0,2}$"
)
"""What may stand between a given name and the phone after it."""

_IN_BRACKETS = re.compile(rf"\(\s*(?:{_TITLES}\s+)?$")
_CLOSING = re.compile(r"\s*\)\s*[.!]?\s*(?:$|\n)")
_SAYS_SO = re.compile(r"\s+(?:day|ne|nha|nhe|a|ak|nghen)\b[\s.,!]*(?:$|\n|,|[^\w\s\"'(])")
"""`Bảy Giàu đây`, `Trâm Anh nha`: the end of a message by whoever speaks."""

_HEAD_OF_LAST = re.compile(
    rf"(?:^|[\n.!?;]\s*|[–—]\s*|\s-\s*|^[^.\n]{{0,14}},\s*)"
    rf"(?:(?:{_TITLES}|nguoi (?:nop|bao|viet|gui|goi)|ky ten)[\s:]+)?$"
)
_LAST = re.compile(r"[\s.,!)\]]*$")
_TITLED_LAST = re.compile(r"[.!?\n]\s*(?:anh|chi|co|chu|bac|di|thim|cau|thay|ong|ba)\s+$")
_SENTENCE = re.compile(r"[\w)\"”][.!?]+\s+(?:(?:anh|chi|co|chu|bac|di|thim|cau|thay|ong|ba)\s+)?$|\n\s*$")
_ALONE = re.compile(r"\s*[.!\n]")
_NEAR = 30
_MOST_GIVEN = 3
_LONGEST_WORD = 8


def given_name(
    reading: Reading, words: ContactWords, phones: Sequence[tuple[int, int]], is_place: Callable[[int], bool]
) -> Found | None:
    """The sender's given name, by-name or bare name; only in capitals, since nothing else tells it from other words."""
    for number in reading.capitals:
        last = _given(reading, number, words, is_place)
        if last is None:
            continue
        rule = _rule(reading, number, last, words, phones)
        if rule:
            return made(reading, number, last, f"contact.name.{rule}")
    return None


def _given(reading: Reading, first: int, words: ContactWords, is_place: Callable[[int], bool]) -> int | None:
    """The end of a run of one to three capitalised words that may be a given name, or a whole name."""
    before = reading.words[first - 1] if first else None
    if (
        (before and before.capital and joins(reading.gap(first)) and not _is_called(reading, first - 1))
        or (_is_called(reading, first) and first + 1 < len(reading.words) and reading.words[first + 1].capital)
        or not _may_be_given(reading, first, words, is_place, lead=True)
    ):
        return None
    end = name_end(reading, first, words)
    most = end - first if begins_name(reading, first, words) else _MOST_GIVEN
    run = range(first, min(end, first + most))
    if not run or end > first + most:
        return None
    if not all(_may_be_given(reading, number, words, is_place, lead=False) for number in run[1:]):
        return None
    return run.stop if all_capital(reading, first, run.stop) else None


def _may_be_given(
    reading: Reading, number: int, words: ContactWords, is_place: Callable[[int], bool], *, lead: bool
) -> bool:
    """Whether a word by itself may belong to a given name, and `lead` it."""
    word = reading.words[number]
    if not 1 < len(word.form) <= _LONGEST_WORD or not word.form.replace("'", "").isalpha():
        return False
    if stops(word, words, lead=lead) or (lead and _is_none(word, words)):
        return False
    return not reading.text[word.start : word.end].isupper() and not is_place(number)


def _is_none(word: Word, words: ContactWords) -> bool:
    return word.key in words.no_given_keys if word.toned_line else word.form in words.no_given_forms


def _is_called(reading: Reading, number: int) -> bool:
    return reading.words[number].form in _CALLS


def _gives_phone(folded: str, before: str, end: int, phones: Sequence[tuple[int, int]]) -> bool:
    """Whether a phone follows as the sender's own; behind a bare title it must end the text, or it is another's."""
    nearest = min((phone for phone in phones if phone[0] >= end), default=None)
    if nearest is None or nearest[0] - end > _NEAR or not _TO_PHONE.fullmatch(folded, end, nearest[0]):
        return False
    match = _BEFORE_PHONE.search(before)
    return match is not None and (match["title"] is None or _LAST.fullmatch(folded, nearest[1]) is not None)


def _is_whole(reading: Reading, first: int, last: int, words: ContactWords) -> int:
    """How many words a whole name has: a family name and two more, or two without tones as foreigners'; else 0."""
    count = last - first
    if begins_name(reading, first, words):
        return count if count > 2 else 0
    toned = any(reading.words[number].toned_line for number in range(first, last))
    return 2 if count > 1 and not toned else 0


def _ends_all(reading: Reading, first: int, last: int, before: str) -> bool:
    """Whether two words, or a title with one, are the last sentence: `… ai quản mấy chỗ này. Như Quỳnh`."""
    if not first or _LAST.fullmatch(reading.folded, reading.words[last - 1].end) is None:
        return False
    titled = _TITLED_LAST.search(before) is not None
    return _SENTENCE.search(before) is not None and (last - first == 1 + (not titled) or last - first > 1)


def _rule(
    reading: Reading, first: int, last: int, words: ContactWords, phones: Sequence[tuple[int, int]]
) -> str | None:
    """How the words show that they are the sender's name; None when they do not."""
    start, end = reading.words[first].start, reading.words[last - 1].end
    folded = reading.folded
    before, after = folded[max(0, start - 28) : start], folded[end : end + 30]
    if _gives_phone(folded, before, end, phones):
        return "given"
    if _IN_BRACKETS.search(before) and _CLOSING.match(after):
        behind = any(0 <= start - right <= _NEAR // 3 for _, right in phones)
        if behind or _LAST.fullmatch(folded, end):
            return "brackets"
    speaking = _SAYS_SO.match(after)
    if (speaking or _LAST.fullmatch(folded, end) or _ALONE.match(folded, end)) and _HEAD_OF_LAST.search(before):
        if speaking:
            return "speaking"
        whole = _is_whole(reading, first, last, words)
        if _ends_all(reading, first, last, before):
            return "alone"
        if whole and (_LAST.fullmatch(folded, end) or (whole > 2 and _ALONE.match(folded, end))):
            return "alone"
    return None
