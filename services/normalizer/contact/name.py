"""Finds the sender's own name by the way it is introduced, or as a signature; never a third person's."""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import islice
from operator import attrgetter

from services.normalizer.contact.firm import begins_firm, firm_name
from services.normalizer.contact.found import Found
from services.normalizer.contact.given_name import given_name
from services.normalizer.contact.introductions import INTRODUCTIONS, Introduction, introduced
from services.normalizer.contact.name_words import (
    MIDDLE,
    all_capital,
    all_upper,
    begins_name,
    is_surname,
    joins,
    made,
    name_end,
)
from services.normalizer.contact.sentence_name import sentence_name
from services.normalizer.contact.signature import announced, signature
from services.normalizer.contact.word_places import holds_any
from services.normalizer.contact.words import ContactWords
from services.normalizer.reading import Reading, key_of

_IN_TWO = re.compile(r"(?<!\w)(?:toi|tui|em|minh|con)\s+ho\s+(?=\S+[,\s]\s{0,2}ten\s+(?:la\s+)?\S)")
"""`tui họ Lục tên Văn Phìn`: family name and given name apart."""

_IN_TWO_HOLDS = frozenset({"toi ho", "tui ho", "em ho", "minh ho", "con ho"})
"""Words of which a text that it fits holds one."""

_RELATIVE = re.compile(
    r"\bcua\s+$|\b(?:con|con trai|con gai|con dau|con re|chau trai|chau gai|cau|mo|di|co|chu|bac|duong|chong|vo|me|ma|"
    r"ba|bo|cha|chau|chau noi|chau ngoai|em trai|em gai|anh trai|chi gai|ban|be|hang xom|"
    r"(?:con|cho|o|ben|qua|canh|vao) nha|sep|co giao|thay|ong|truong|xom|lop|cong ty|quan|tiem|"
    r"chu tich|can bo|xa|phuong|dua|nguoi|nguoi ban|ten|cho|ap|thon|khu|"
    r"my (?:son|friend|neighbor|neighbour|wife|husband|daughter))(?:\s+(?:cua|nha))?\s+$"
)
"""Before the pronoun: then the name is that of the sender's child, husband or neighbour."""

_SENTENCE_END = re.compile(r"\w{3}[.!?]\s+$")
"""A full stop behind a word; behind one or two letters it stands for an abbreviation, as in `p. Minh Hưng`."""

_NOT_I = frozenset({key_of("tối"), key_of("tới"), key_of("tội")})
"""Words that only look like `tôi` once their tones are gone."""

_MOST = 12
_USUAL = 3
"""Words of a name; longer ones have a middle word of their own, such as `thị`."""

_BY_NAME = 2
"""Words of a name such as `Năm Đực`."""

_INITIALS = 3
"""Letters of what stands for a calling, as `GV`, and is no name."""

_FOREIGN = 4
"""Words of a name without a Vietnamese family name."""


def own_name(
    reading: Reading,
    words: ContactWords,
    contacts: Sequence[tuple[int, int]],
    places: Sequence[tuple[int, int]],
) -> Found | None:
    """The sender's name, or that of the firm that writes.

    `contacts` are the spans of phone and e-mail, `places` those of places: a name standing alone beside one of them
    is a signature, one inside a place is a place.
    """
    in_two = _name_in_two(reading, words)
    if in_two:
        return in_two
    for one in INTRODUCTIONS:
        name = _introduced(reading, words, places, one)
        if name:
            return name
    within = _inside_of(reading, places)
    return (
        firm_name(reading, words)
        or signature(reading, words, contacts, places)
        or given_name(reading, words, contacts, within)
        or sentence_name(reading, words, contacts, places)
    )


def _introduced(
    reading: Reading,
    words: ContactWords,
    places: Sequence[tuple[int, int]],
    way: Introduction,
) -> Found | None:
    """The first name that is introduced in one way as the sender's."""
    for match in islice(introduced(reading, way), _MOST):
        number = _word_at(reading, match.end())
        if number is None or begins_firm(reading, number):
            continue
        if way.rule == "am" and _is_first_word(reading, number):
            number -= 1
        found = _name_at(reading, number, words, way.demanding, f"contact.name.{way.rule}")
        if found and _is_senders(reading, match, places, way.rule):
            return found
    return None


def _is_senders(reading: Reading, match: re.Match[str], places: Sequence[tuple[int, int]], rule: str) -> bool:
    """Whether what introduces a name speaks of the sender, and not of a relative, or as part of a place or name."""
    start = match.start()
    if rule != "label" and _inside(reading, start, places):
        return False
    pronoun = _word_at(reading, start)
    if pronoun is not None and rule in ("am", "self") and reading.words[pronoun].key in _NOT_I:
        return False
    return rule not in ("said", "am", "self") or not _RELATIVE.search(reading.folded[max(0, start - 30) : start])


def _is_first_word(reading: Reading, number: int) -> bool:
    """Whether the `Anh` before one word is part of the name, as its capital says: `Tui là Anh Khoa`."""
    words = reading.words
    before = words[number - 1] if number > 1 else None
    if before is None or before.form != "anh" or not before.capital or words[number - 2].capital:
        return False
    return words[number].capital and (number + 1 == len(words) or not words[number + 1].capital)


def _word_at(reading: Reading, start: int) -> int | None:
    """The number of the word that begins there."""
    number = bisect_left(reading.words, start, key=attrgetter("start"))
    return number if number < len(reading.words) and reading.words[number].start == start else None


def _name_in_two(reading: Reading, words: ContactWords) -> Found | None:
    match = _IN_TWO.search(reading.folded) if holds_any(reading, _IN_TWO_HOLDS) else None
    surname = _word_at(reading, match.end()) if match else None
    if surname is None or not is_surname(reading.words[surname], words):
        return None
    first = surname + 2 + (reading.forms[surname + 2 : surname + 3] == ("la",))
    if first >= len(reading.words):
        return None  # Nothing but a sign follows.
    given = made(reading, first, max(name_end(reading, first, words), first + 1), "contact.name.said")
    family = made(reading, surname, surname + 1, "contact.name.said")
    return Found(f"{family.value} {given.value}", family.start, given.end, "contact.name.said")


def _inside_of(reading: Reading, spans: Sequence[tuple[int, int]]) -> Callable[[int], bool]:
    """Whether a word, by its number, lies within one of the spans."""

    def inside(number: int) -> bool:
        start = reading.words[number].start
        return any(left <= start < right for left, right in spans)

    return inside


def _inside(reading: Reading, start: int, places: Sequence[tuple[int, int]]) -> bool:
    """Whether the pronoun is none but part of a name, as `Minh` in `Minh Hưng`."""
    if any(left <= start < right for left, right in places):
        return _SENTENCE_END.search(reading.folded[max(0, start - 12) : start]) is None
    before = reading.text[max(0, start - 3) : start].rstrip(" ")
    return reading.text[start].isupper() and bool(before) and (before[-1].isalpha() or before[-1].isdigit())


def _name_at(reading: Reading, first: int, words: ContactWords, demanding: int, rule: str) -> Found | None:
    if demanding and not (reading.words[first].capital or begins_name(reading, first, words)):
        return None
    last = name_end(reading, first, words)
    count = last - first
    if not count or not _convinces(reading, first, last, words, demanding):
        return None
    if rule == "contact.name.self" and not all_capital(reading, first, last) and not _is_rounded(reading, first, last):
        return None
    return made(reading, first, last, rule)


def _is_rounded(reading: Reading, first: int, last: int) -> bool:
    """Whether small letters after a bare pronoun end like a name: `tôi vũ đức thành, thôn 4`, not `em lâm vào cảnh`."""
    if last - first > _USUAL and reading.words[first + 1].form not in MIDDLE:
        return False
    return last == len(reading.words) or not joins(reading.gap(last)) or announced(reading, last)


def _convinces(reading: Reading, first: int, last: int, words: ContactWords, demanding: int) -> bool:
    """Whether the words look enough like a name for the way they were introduced."""
    lead, count = reading.words[first], last - first
    capitals = all_capital(reading, first, last)
    if demanding == 0:
        return True
    if demanding == 1:
        if all_upper(reading, lead) and lead.end - reading.words[last - 1].start <= _INITIALS:
            return False
        if begins_name(reading, first, words):
            return count > 1 or lead.capital
        return capitals and count <= _FOREIGN and not (count == 1 and lead.form in words.stops)
    if lead.form in words.by_names and capitals and count == _BY_NAME:
        return True
    return begins_name(reading, first, words) and count > 1 and (capitals or count > 2)
