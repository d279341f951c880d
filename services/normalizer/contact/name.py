"""Finds the sender's own name by the way it is introduced, or as a signature; never a third person's."""

import re
from collections.abc import Sequence

from services.normalizer.contact.found import Found
from services.normalizer.contact.name_words import MIDDLE, all_capital, is_surname, joins, made, name_end
from services.normalizer.contact.short_name import short_name
from services.normalizer.contact.signature import announced, firm_name, signature
from services.normalizer.contact.words import ContactWords
from services.normalizer.reading import Reading, key_of

_LABEL = re.compile(
    r"(?<!\w)(?:(?:ho va ten|ho ten)(?: nguoi \w+(?: \w+)?)?|ho & ten|ten nguoi (?:gui|phan anh|dan|lien he)|"
    r"ten lien he|"
    r"nguoi (?:gui|goi|bao|nhan|phan anh|viet|kien nghi|lien he|nop|lam don)|"
    r"nguoi dai dien(?: theo)?(?: phap luat)?|dai dien|"
    r"ten cong dan|cong dan|full name|name|from|ten)"
    r"\s{0,2}[:=]\s{0,3}(?:ong|ba|anh|chi|mr|mrs|ms)?\.?\s{0,2}"
)
_SAID = re.compile(
    r"(?<!\w)(?:(?:toi|em|e|minh|mk|tui|con|chau|chi|anh|bac|t)\s+(?:ho\s+)?ten\s+(?:day du\s+)?(?:la\s+)?|"
    r"ten\s+(?:cua\s+)?(?:toi|em|minh|mk|tui|con|chau|e)\s*(?:la|:)?\s+|"
    r"toi\s+la\s+ten\s+|"
    r"(?:toi|tui|em|minh)\s+ten\s+\w+\s+\w+:\s+|(?<!\w )ten\s+la\s+|"
    r"ten\s+day\s+du\s+(?:la\s+)?|my name(?:'s| is)\s+|name'?s\s+)"
)
_AM = re.compile(
    r"(?<!\w)(?:(?:toi|em|e|minh|mk|tui|con|chau)\s+(?:la|:)\s+|i am\s+|i'm\s+|im\s+|this is\s+|nguoi viet[: ]+)"
)
_CALLED = re.compile(r"(?<!\w)(?:toi|em|e|tui|minh|chau)\s+(?:goi la|keu la|keu|dung don la)\s+")
_NAMED = re.compile(
    r"(?:^|\n)\s*(?:da\s+)?(?:ten\s+|(?:chi|anh|co|chu|bac|di)\s+la\s+)|"
    r"(?:^|[\n.;,]\s*)(?:toi|em|minh|tui)\s?[,:]\s+|"
    r"(?:ho va ten|ho ten|nguoi (?:gui|goi|nop|bao)|dai dien la|chi gai|anh trai|"
    r"phu huynh ten|phu huynh)\s+(?:ba|ong|anh|chi)?\s*"
)
"""Openings that introduce somebody only where a family name and a whole name follow."""

_SELF = re.compile(r"(?<!\w)(?:toi|tui|em|minh)\s+(?=\S)")
_RELATIVE = re.compile(
    r"\bcua\s+$|\b(?:truong|cong ty|cty|shop|quan|tiem|xom|chau noi|chau ngoai|con|con trai|"
    r"con gai|con dau|con re|chau trai|chau gai|cau|mo|di|co|chu|bac|duong|chong|vo|me|ma|"
    r"ba|bo|cha|chau|em trai|em gai|anh trai|chi gai|ban|be|hang xom|nha|sep|co giao|thay|ong|"
    r"dua|nguoi|nguoi ban|my (?:son|friend|neighbor|neighbour|wife|husband|daughter))(?:\s+(?:cua|nha))?\s+$"
)
"""Before the pronoun: then the name is that of the sender's child, husband or neighbour."""

_SENTENCE_END = re.compile(r"\w{3}[.!?]\s+$")
"""A full stop behind a word; behind one or two letters it stands for an abbreviation, as in `p. Minh Hưng`."""

_NOT_I = frozenset({key_of("tối"), key_of("tới"), key_of("tội")})
"""Words that only look like `tôi` once their tones are gone."""

_CHILD = re.compile(r"(?:con|chau)\s")
_ADULT = re.compile(r"(?<!\w)(?:toi|tui)(?!\w)")
"""Who says "tôi" has a child or grandchild called "cháu": "con tôi …, cháu tên Vinh"."""

_MOST = 12
_USUAL = 3
"""Words of a name; longer ones have a middle word of their own, such as `thị`."""

_FOREIGN = 4
"""Words of a name without a Vietnamese family name."""

_INTRODUCTIONS = (
    (_LABEL, "label", 0),
    (_SAID, "said", 0),
    (_AM, "am", 1),
    (_CALLED, "called", 1),
    (_NAMED, "named", 2),
    (_SELF, "self", 2),
)
"""Pattern, rule, and how much the words after it must look like a name.

1 asks for a family name or capitals, 2 for a family name and capitals or three words.
"""


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
    starts = {word.start: number for number, word in reversed(list(enumerate(reading.words)))}
    for pattern, rule, demanding in _INTRODUCTIONS:
        for count, match in enumerate(pattern.finditer(reading.folded)):
            if count >= _MOST:
                break
            if rule in ("said", "am", "called", "self") and _RELATIVE.search(
                reading.folded[max(0, match.start() - 30) : match.start()]
            ):
                continue
            if rule in ("said", "am") and _CHILD.match(match[0]) and _ADULT.search(reading.folded[: match.start()]):
                continue
            pronoun = starts.get(match.start())
            if pronoun is not None and rule in ("am", "self") and reading.words[pronoun].key in _NOT_I:
                continue
            number = starts.get(match.end())
            if number is None or (rule != "label" and _inside(reading, match.start(), places)):
                continue
            found = _name_at(reading, number, words, demanding, f"contact.name.{rule}")
            if found:
                return found
    return (
        firm_name(reading, words)
        or signature(reading, words, contacts, places)
        or short_name(reading, words, contacts, places)
    )


def _inside(reading: Reading, start: int, places: Sequence[tuple[int, int]]) -> bool:
    """Whether the pronoun is none but part of a name, as `Minh` in `Minh Hưng`."""
    if any(left <= start < right for left, right in places):
        return _SENTENCE_END.search(reading.folded[max(0, start - 12) : start]) is None
    before = reading.text[max(0, start - 3) : start].rstrip(" ")
    return reading.text[start].isupper() and bool(before) and (before[-1].isalpha() or before[-1].isdigit())


def _name_at(reading: Reading, first: int, words: ContactWords, demanding: int, rule: str) -> Found | None:
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
        if is_surname(lead, words):
            return count > 1 or lead.capital
        return capitals and count <= _FOREIGN and not (count == 1 and lead.form in words.stops)
    return is_surname(lead, words) and count > 1 and (capitals or count > 2)
