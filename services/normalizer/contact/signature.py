"""Finds a name that stands for itself: a person's or a firm's at the head of a segment, beside phone or address."""

import re
from collections.abc import Collection, Sequence

from services.normalizer.contact.found import Found
from services.normalizer.contact.name_words import all_capital, is_surname, joins, made, name_end, stops
from services.normalizer.contact.place_words import OPENING
from services.normalizer.contact.words import ContactWords
from services.normalizer.reading import Reading

_THIRD = frozenset(
    {"ong", "ba", "anh", "chi", "chu", "co", "bac", "thim", "di", "cau", "mo", "thay", "duong", "so", "mr", "mrs", "ms"}
)
"""A name after one of these is a third person's, or a street's."""

_YOUNGER = frozenset({"con", "chau", "be", "vo", "chong", "ban", "me", "bo", "cha", "ma", "noi", "ngoai"})
"""Of whom it is said what they are called."""

_LINES = frozenset({"o", "ngu", "tai", "nha", "sdt", "dt", "dc", "dien", "phone", "zalo", "sn", "email", "song"})
"""Words that begin the next line of a contact."""

_LONGEST = 5
_WHOLE = 3
"""Words of a name that is whole."""

_FIRMS = (
    ("cong", "ti"),
    ("cti",),
    ("hop", "tac", "xa"),
    ("htx",),
    ("doanh", "nghiep", "tu", "nhan"),
    ("ho", "kinh", "doanh"),
)
_KINDS = """
tnhh mtv cp co phan trach nhiem huu han mot thanh vien xay dung thuong mai dich vu va san xuat tm dv xnk
"""
_FIRM_WORDS = frozenset(_KINDS.split())
_BETWEEN = re.compile(
    r"[\s,.;:()\-–—/|<>]*(?:(?:sdt|so dt|dt|so dien thoai|dien thoai|phone|zalo|lh|lien he|tel|so|o|hien|ngu|tai|"
    r"ngu tai|o tai|o tro|tro|song o|nha o|nha|cu tru|thuong tru|tam tru|dia chi|dc|email|mail|gmail|"
    r"\d{2} tuoi|\d{1,3}|"
    r"(?:sn|sinh nam|nam sinh) (?:19|20)\d\d|\([^()\n]{1,25}\)|day|ne|a|nha|nhe)[\s,.;:()\-–—/|<>]*){0,3}$"
)
"""Between a name and what stands beside it: words that introduce, an age, a by-name in brackets."""

_OPENERS = re.compile(
    r"(?:^|[\n.!?;:()\-–—,|]\s*|(?:nguoi gui|ky ten|kinh thu|tran trong|than ai|than|ten|p/s)[\s:.,]*|\d[\s,]+|"
    r"(?:^|\n)\s*(?:da|alo|hello|hi|chao ad|da chao ad|chao anh chi|ad oi|xin chao|chau|con|e)[\s,]+)$"
)
_NEXT = 6
_TOUCHING = 14
_NEAR = 34
"""How many signs may stand between a name and the phone or address beside it."""


def firm_name(reading: Reading, words: ContactWords) -> Found | None:
    """A firm's name that opens a segment: `Công ty TNHH Hoàng Gia, …`."""
    for number, word in enumerate(reading.words):
        opening = next(
            (one for one in _FIRMS if word.form == one[0] and _forms(reading, number, len(one)) == one), None
        )
        if opening is None or not _opens_segment(reading, number):
            continue
        at = number + len(opening)
        capitals = 0
        while at < len(reading.words) and at - number < 14 and joins(reading.gap(at)):
            if reading.words[at].form not in _FIRM_WORDS:
                if not reading.words[at].capital:
                    break
                capitals += 1
            at += 1
        closed = at == len(reading.words) or not joins(reading.gap(at)) or stops(reading.words[at], words, lead=False)
        if capitals and closed:
            start, end = word.start, reading.words[at - 1].end
            return Found(" ".join(reading.text[start:end].split()), start, end, "contact.name.firm")
    return None


def _forms(reading: Reading, first: int, count: int) -> tuple[str, ...]:
    return tuple(word.form for word in reading.words[first : first + count])


def signature(
    reading: Reading,
    words: ContactWords,
    firm: Sequence[tuple[int, int]],
    places: Sequence[tuple[int, int]],
) -> Found | None:
    """A person's name that begins a segment with a family name, next to phone or e-mail (`firm`) or address."""
    contacts = [*firm, *places]
    for number, word in enumerate(reading.words):
        if not is_surname(word, words) or not _opens_segment(reading, number):
            continue
        if any(left <= word.start < right for left, right in contacts):
            continue
        last = name_end(reading, number, words)
        if 2 <= last - number <= _LONGEST and _signs(reading, number, last, words, firm, places):
            return made(reading, number, last, "contact.name.signature")
    return None


def name_words(reading: Reading, words: ContactWords, units: Collection[int]) -> frozenset[int]:
    """Numbers of words that stand as a person's name by themselves: `Tạ Quang Vinh,` is no place called Quang Vinh.

    `units` are the words that begin a unit's name: a name that begins with one may be that unit.
    """
    found: set[int] = set()
    for number, word in enumerate(reading.words):
        if not word.capital or number in units or not is_surname(word, words) or not _opens_segment(reading, number):
            continue
        if number and reading.words[number - 1].form[-1].isdigit() and joins(reading.gap(number)):
            continue  # A street after its house number.
        last = name_end(reading, number, words)
        alone = last == len(reading.words) or not joins(reading.gap(last))
        if 2 <= last - number <= _LONGEST and alone and all_capital(reading, number, last):
            found.update(range(number, last))
    return frozenset(found)


def _signs(
    reading: Reading,
    first: int,
    last: int,
    words: ContactWords,
    firm: Sequence[tuple[int, int]],
    places: Sequence[tuple[int, int]],
) -> bool:
    """Whether these words sign: beside a phone or an address, the nearer the less they look like a name."""
    contacts = [*firm, *places]
    start, end = reading.words[first].start, reading.words[last - 1].end
    folded = reading.folded
    spelled = " ".join(word.form for word in reading.words[first:last])
    if spelled in words.street_names and not _beside(folded, end, end, contacts, _NEXT):
        return False
    closes = last == len(reading.words) or not joins(reading.gap(last))
    if last - first >= _WHOLE and all_capital(reading, first, last) and _is_sentence(reading, first, last):
        return True
    if all_capital(reading, first, last):
        return _beside(folded, start, end, contacts, _NEAR if closes else _TOUCHING)
    if not closes and not announced(reading, last) and not _beside(folded, end, end, firm, _TOUCHING):
        return False  # In running words a place's bare name follows a verb as well as a name.
    return _beside(folded, start, end, contacts, _TOUCHING) and (
        closes or _beside(folded, end, end, contacts, _TOUCHING)
    )


def _is_sentence(reading: Reading, first: int, last: int) -> bool:
    """Whether the name is all that a sentence says, behind another one."""
    sentence = reading.words[first].sentence
    alone = first > 0 and reading.words[first - 1].sentence != sentence
    return alone and (last == len(reading.words) or reading.words[last].sentence != sentence)


def announced(reading: Reading, number: int) -> bool:
    """Whether the word begins an address as such: a number, or the type of a place or of a line."""
    form = reading.words[number].form
    return form[0].isdigit() or form in OPENING or form in _LINES


def _beside(folded: str, start: int, end: int, contacts: Sequence[tuple[int, int]], most: int) -> bool:
    for left, right in contacts:
        if left >= end and left - end <= most and _BETWEEN.match(folded[end:left]):
            return True
        if right <= start and start - right <= most and _BETWEEN.match(folded[right:start]):
            return True
    return False


def _is_of_another(reading: Reading, number: int) -> bool:
    """Whether a person's word stands just before: in "cháu tên" somebody else is named."""
    return reading.words[number - 1].form in _THIRD | _YOUNGER and joins(reading.gap(number))


def _opens_segment(reading: Reading, number: int) -> bool:
    start = reading.words[number].start
    before = reading.folded[max(0, start - 24) : start]
    if number > 1 and reading.words[number - 1].form == "ten" and _is_of_another(reading, number - 1):
        return False
    if number and reading.words[number - 1].form in _THIRD and joins(reading.gap(number)):
        return False
    if not before.strip():
        return True
    return _OPENERS.search(before) is not None
