"""Finds a name that stands for itself: a person's or a firm's at the head of a segment, beside phone or address."""

import re
from collections.abc import Collection, Sequence

from services.normalizer.contact.found import Found
from services.normalizer.contact.name_words import (
    all_capital,
    beginnings,
    begins_name,
    joins,
    made,
    name_end,
)
from services.normalizer.contact.place_words import OPENING
from services.normalizer.contact.words import ContactWords
from services.normalizer.reading import Reading

THIRD = frozenset(
    {"ong", "ba", "anh", "chi", "chu", "co", "bac", "thim", "di", "cau", "mo", "thay", "duong", "so", "mr", "mrs", "ms"}
)
"""A name after one of these is a third person's, or a street's."""

_TITLES = frozenset({"ong", "ba", "anh", "chi", "a", "c", "co", "chu", "bac", "mr", "mrs", "ms"})
_UNIT_TYPES = frozenset({"phuong", "xa"})
_SAME_BREATH = 110
_CLOSES = re.compile(r"[\s.!)]*(?:$|(?:xin|kinh|trinh bay|phan anh|kien nghi|de nghi)\b)")
_BEGINS = re.compile(r"(?:^|[.!?\n])\s*$")
_FULL_STOP = re.compile(r"\w{3}[.!?]\s|\n")

LINES = frozenset({"o", "ngu", "tai", "nha", "sdt", "dt", "dc", "dien", "phone", "zalo", "sn", "email", "song"})
"""Words that begin the next line of a contact."""

_LONGEST = 5
_BETWEEN = re.compile(
    r"[\s,.;:()\-–—/|<>]*(?:(?:sdt|so dt|dt|so dien thoai|dien thoai|phone|zalo|lh|lien he|tel|so|o|hien|ngu|tai|"
    r"ngu tai|o tai|o tro|tro|song o|nha o|nha|cu tru|thuong tru|tam tru|dia chi|dc|email|mail|gmail|"
    r"(?:phu huynh|giao vien|hoc sinh|sinh vien|cong nhan|nong dan|huu tri|gd|giam doc|truong|pho|chu|to truong|can bo|"
    r"bo doi|cuu chien binh|dan toc|nguoi|tho)\s[^,.;\n]{0,30}(?=[,;]|$)|"
    r"\d{2} tuoi|(?:sn|sinh nam|nam sinh) (?:19|20)\d\d|\([^()\n]{1,25}\)|day|ne|a|nha|nhe)"
    r"[\s,.;:()\-–—/|<>]*){0,3}$"
)
"""Between a name and what stands beside it: words that introduce, an age, a by-name in brackets."""

_OPENERS = re.compile(
    r"(?:^|[\n.!?;:()\-–—,|]\s*|(?:nguoi gui|ky ten|kinh thu|tran trong|than ai|than|p/s|"
    r"(?<!ong )(?<!ba )(?<!con )(?<!chau )(?<!xa )(?<!chong )(?<!vo )(?<!anh )(?<!chi )"
    r"(?<!ban )(?<!nguoi )(?<!thang )(?<!dua )(?<!chu )(?<!co )(?<!xe )(?<!bo )(?<!dat )\bten)[\s:.,]*|\d[\s,]+|"
    r"(?:^|[\n.!?;:,]\s*)(?:ten|ls|luat su|(?:la )?(?:truong|pho) (?:thon|ap|ban)|to truong|khu pho truong|phu huynh|"
    r"nguoi (?:nop|bao|viet|nhan)|con trai|con gai|chi gai|anh trai|em gai|em trai|me be|ba be|bo be|giao vien|"
    r"dai dien(?: la)?(?: ong| ba)?)(?:\s+ten)?[\s:.]*|"
    r"(?:^|[\n.!?]\s*)(?:em|e|con|chau|minh)\s+|"
    r"(?:^|\n)\s*(?:da|alo|hello|hi|chao ad|da chao ad|chao anh chi|ad oi|xin chao|chau|con|e)[\s,]+)$"
)
_NEXT = 6
_TOUCHING = 14
_NEAR = 48
"""How many signs may stand between a name and the phone or address beside it."""


def signature(
    reading: Reading,
    words: ContactWords,
    firm: Sequence[tuple[int, int]],
    places: Sequence[tuple[int, int]],
) -> Found | None:
    """A person's name that begins a segment with a family name, next to phone or e-mail (`firm`) or address."""
    contacts = [*firm, *places]
    if not contacts:
        return None
    for number in beginnings(reading, words):
        start = reading.words[number].start
        if any(left <= start < right for left, right in contacts):
            continue
        last = name_end(reading, number, words)
        if not (2 <= last - number <= _LONGEST and _signs(reading, number, last, words, firm, places)):
            continue
        if _opens_segment(reading, number) or _is_titled(reading, number, firm):
            return made(reading, number, last, "contact.name.signature")
    return None


def name_words(reading: Reading, words: ContactWords, units: Collection[int]) -> frozenset[int]:
    """Numbers of words that stand as a person's name by themselves: `Tạ Quang Vinh,` is no place called Quang Vinh.

    `units` are the words that begin a unit's name: a name that begins with one may be that unit.
    """
    found: set[int] = set()
    for number in reading.capitals:
        word = reading.words[number]
        if number in units or not begins_name(reading, number, words):
            continue
        if number and reading.words[number - 1].form[-1].isdigit() and joins(reading.gap(number)):
            continue  # A street after its house number.
        if word.form in _UNIT_TYPES and number + 1 in units:
            continue  # `Phuong Tien Thanh` is a ward, though Phương is a family name.
        last = name_end(reading, number, words)
        alone = last == len(reading.words) or not joins(reading.gap(last)) or announced(reading, last)
        whole = 2 <= last - number <= _LONGEST and alone and all_capital(reading, number, last)
        if whole and _opens_segment(reading, number):
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
    if spelled in words.street_names and not _beside(folded, end, end, firm, _NEXT):
        return False
    closes = last == len(reading.words) or not joins(reading.gap(last))
    if all_capital(reading, first, last):
        return _beside(folded, start, end, contacts, _NEAR if closes else _TOUCHING)
    if not closes and not announced(reading, last) and not _beside(folded, end, end, firm, _TOUCHING):
        return False  # In running words a place's bare name follows a verb as well as a name.
    return _beside(folded, start, end, contacts, _TOUCHING) and (
        closes or _beside(folded, end, end, contacts, _TOUCHING)
    )


def announced(reading: Reading, number: int) -> bool:
    """Whether the word begins an address as such: a number, or the type of a place or of a line."""
    form = reading.words[number].form
    return form[0].isdigit() or form in OPENING or form in LINES


def _beside(folded: str, start: int, end: int, contacts: Sequence[tuple[int, int]], most: int) -> bool:
    for left, right in contacts:
        if left >= end and left - end <= most and _BETWEEN.match(folded[end:left]):
            return True
        if right <= start and start - right <= most and _BETWEEN.match(folded[right:start]):
            return True
    return False


def _is_titled(reading: Reading, number: int, firm: Sequence[tuple[int, int]]) -> bool:
    """Whether a title opens a sentence that a phone closes: `Ông Đinh Công Tráng, …, số …`.

    Whoever is complained of may stand at such a place (`bà Hoa, 0912…, chủ quán karaoke ồn ào`); then more follows.
    """
    if not number or reading.words[number - 1].form not in _TITLES or not joins(reading.gap(number)):
        return False
    start = reading.words[number - 1].start
    phone = next(((left, right) for left, right in firm if 0 <= left - start <= _SAME_BREATH), None)
    if phone is None or _FULL_STOP.search(reading.folded, start, phone[0]):
        return False
    return _CLOSES.match(reading.folded, phone[1]) is not None and _BEGINS.search(reading.folded[:start]) is not None


def _opens_segment(reading: Reading, number: int) -> bool:
    start = reading.words[number].start
    before = reading.folded[max(0, start - 24) : start]
    if number and reading.words[number - 1].form in THIRD and joins(reading.gap(number)):
        return False
    if not before.strip():
        return True
    return _OPENERS.search(before) is not None
