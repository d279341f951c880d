"""Finds the sender's own name by the way it is introduced, or as a signature; never a third person's."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from services.normalizer.contact.firm import begins_firm, firm_name
from services.normalizer.contact.found import Found
from services.normalizer.contact.given_name import given_name
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
from services.normalizer.contact.word_places import places_of
from services.normalizer.contact.words import ContactWords
from services.normalizer.reading import Reading, key_of

_LABEL = re.compile(
    r"(?<!\w)(?:ho va ten|ho ten|ho & ten|(?:ho )?ten nguoi (?:gui|goi|phan anh|dan|lien he|nop don|nop thue|lam don)|"
    r"nguoi (?:gui|goi|phan anh|viet|kien nghi|lien he|nop|lam don|bao|bao tin|hoi)|"
    r"bao tin(?=\s?: ?(?:ong|ba|anh|chi)\b)|dau moi(?: lien he)?|"
    r"nguoi dai dien(?: theo)?(?: phap luat)?|dai dien|ten cong dan|cong dan|full name|name|from|"
    r"contact(?: person)?|ten)"
    r"\s{0,2}[:=]\s{0,3}(?:ong|ba|anh|chi|mr|mrs|ms)?\.?\s{0,2}"
)
_SAID = re.compile(
    r"(?<!\w)ho va ten\s+|(?<!\w)ho ten\s+|(?<!\w)ten\s+(?:du|day du)\s+|"
    r"(?<!\w)(?<!dat )(?:"
    r"(?:toi|em|e|minh|mih|mk|tui|con|chau|chi|anh|bac|t)\s+(?:ho\s+)?ten\s+(?:day du\s+)?(?:la\s+)?|"
    r"(?<!dat )(?<!sang )ten\s+(?:cua\s+)?(?:toi|em|minh|mk|tui|con|chau|e)\s*(?:la|:)?\s+|"
    r"toi\s+la\s+ten\s+|ten\s+la\s+|ten\s+day\s+du\s+(?:la\s+)?|(?:em|toi|minh|con)\s+goi\s+la\s+|"
    r"(?:toi|tui|em)\s+dung\s+don\s+la\s+|nguoi\s+(?:viet|lam don|phan anh)\s+la\s+|my name(?:'s| is)\s+|name'?s\s+)"
)
_AM = re.compile(
    r"(?<!\w)(?:(?:toi|em|e|minh|mih|mk|tui|con|chau|qua)\s+(?:la|:)\s+(?:(?:ba|ong|chi|anh|co|chu)\s+)?|"
    r"(?:i am|i'm|im|this is)\s+(?:(?:mr|mrs|ms|dr|prof)\.?\s+)?(?!an?\s|the\s)|nguoi viet[: ]+)"
)
_IN_ROLE = re.compile(
    r"(?<!\w)(?:toi|em|e|minh|tui|con|chau)\s+(?:la|:)\s+(?:phu huynh|giao vien|co giao|thay giao|"
    r"y si|bac si|dieu duong|truong thon|truong ap|to truong|bi thu|chu ho|chu tro|chu quan|chu co so|"
    r"nguoi dan|cong nhan|hoi vien|sinh vien|hoc sinh|cuu chien binh|can bo huu tri)"
    r"\s+(?:to \d+ |(?:ong|ba|anh|chi)\s+)?"
)
"""`tôi là phụ huynh Phan Thị Hồng Đào`: what the sender is, before the name."""

_NAMED = re.compile(
    r"(?:^|\n)\s*(?:da\s+)?ten\s+|(?:^|[\n.!?]\s*)(?:da\s+)?(?:chi|anh|co|chu|bac|di)\s+(?:la|ten)\s+|"
    r"(?:^|[\n.;,]\s*)(?:toi|em|minh|tui)\s?[,:]\s+"
)
"""Openings that introduce somebody only where a family name and a whole name follow."""

_SELF = re.compile(r"(?<!\w)(?:toi|tui|em|minh)\s+(?:keu\s+)?(?!la\s)(?=\S)")
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

_PRONOUNS = frozenset({"toi", "tui", "em", "e", "minh", "mih", "mk", "con", "chau"})


class _Introduction(NamedTuple):
    """A way in which a name is introduced.

    `begins` are forms of the words with which the pattern begins; without any it is searched for in the text.
    `demanding` is how much the words after it must look like a name: 1 asks for a family name or capitals, 2 for a
    family name and capitals or three words.
    """

    pattern: re.Pattern[str]
    rule: str
    demanding: int
    begins: frozenset[str]


_INTRODUCTIONS = (
    _Introduction(
        _LABEL,
        "label",
        0,
        frozenset({"ho", "ten", "nguoi", "bao", "dau", "dai", "cong", "full", "name", "from", "contact"}),
    ),
    _Introduction(
        _SAID, "said", 0, _PRONOUNS | {"ho", "ten", "chi", "anh", "bac", "t", "nguoi", "mi", "name", "name's"}
    ),
    _Introduction(_AM, "am", 1, _PRONOUNS | {"qua", "i", "i'm", "im", "this", "nguoi"}),
    _Introduction(_IN_ROLE, "am", 2, _PRONOUNS),
    _Introduction(_NAMED, "named", 2, frozenset()),
    _Introduction(_SELF, "self", 2, _PRONOUNS),
)


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
    for one in _INTRODUCTIONS:
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
    way: _Introduction,
) -> Found | None:
    """The first name that is introduced in one way as the sender's."""
    for match in islice(_matches(reading, way), _MOST):
        number = _word_at(reading, match.end())
        if number is None or begins_firm(reading, number) or not _is_senders(reading, match, places, way.rule):
            continue
        if way.rule == "am" and _is_first_word(reading, number):
            number -= 1
        found = _name_at(reading, number, words, way.demanding, f"contact.name.{way.rule}")
        if found:
            return found
    return None


def _matches(reading: Reading, way: _Introduction) -> Iterator[re.Match[str]]:
    """Where the pattern fits, in order, none over another: looked at only where one of its first words stands."""
    if not way.begins:
        yield from way.pattern.finditer(reading.folded)
    behind = 0
    for number in places_of(reading, way.begins):
        start = reading.words[number].start
        match = way.pattern.match(reading.folded, start) if start >= behind else None
        if match:
            behind = match.end()
            yield match


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
    match = None if _IN_TWO_HOLDS.isdisjoint(reading.begins) else _IN_TWO.search(reading.folded)
    surname = _word_at(reading, match.end()) if match else None
    if surname is None or not is_surname(reading.words[surname], words):
        return None
    first = surname + 2 + (reading.words[surname + 2].form == "la")
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
