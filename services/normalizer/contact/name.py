"""Finds the sender's own name: by the way it is introduced or as a signature beside phone or address, never a third person's."""  # noqa: E501 - one sentence

import re
from collections.abc import Sequence

from services.normalizer.contact.found import Found
from services.normalizer.contact.words import ContactWords
from services.normalizer.reading import Reading, Word

_LABEL = re.compile(
    r"(?<!\w)(?:ho va ten|ho ten|ho & ten|ten nguoi (?:gui|phan anh|dan|lien he)|nguoi (?:gui|phan anh|viet|kien nghi|lien he)|"
    r"ten cong dan|cong dan|full name|name|ten)\s{0,2}[:=]\s{0,3}(?:ong|ba|anh|chi|mr|mrs|ms)?\.?\s{0,2}"
)
_SAID = re.compile(
    r"(?<!\w)(?:(?:toi|em|e|minh|mk|tui|con|chau|chi|anh|bac|t)\s+(?:ho\s+)?ten\s+(?:day du\s+)?(?:la\s+)?|"
    r"ten\s+(?:cua\s+)?(?:toi|em|minh|mk|tui|con|chau|e)\s*(?:la|:)?\s+|toi\s+la\s+ten\s+|ten\s+la\s+|my name(?:'s| is)\s+|name'?s\s+)"
)
_AM = re.compile(
    r"(?<!\w)(?:(?:toi|em|e|minh|mk|tui|con|chau)\s+(?:la|:)\s+|i am\s+|i'm\s+|im\s+|this is\s+|nguoi viet[: ]+)"
)
_SELF = re.compile(r"(?<!\w)(?:toi|tui|em|minh)\s+(?=\S)")
_RELATIVE = re.compile(
    r"(?:\b(?:con|chong|vo|me|ma|ba|bo|cha|chau|em trai|em gai|anh trai|chi gai|ban|be|hang xom|nha|sep|co giao|thay|ong|dua|nguoi|nguoi ban|my (?:son|friend|neighbor|neighbour|wife|husband|daughter))(?:\s+(?:cua|nha))?\s+)$"
)
_THIRD = frozenset(
    {"ong", "ba", "anh", "chi", "chu", "co", "bac", "thim", "di", "cau", "mo", "thay", "duong", "so", "mr", "mrs", "ms"}
)
_LONGEST = 6
_MOST = 12


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
    for pattern, rule, demanding in ((_LABEL, "label", 0), (_SAID, "said", 0), (_AM, "am", 1), (_SELF, "self", 2)):
        for count, match in enumerate(pattern.finditer(reading.folded)):
            if count >= _MOST:
                break
            if rule in ("said", "am", "self") and _RELATIVE.search(
                reading.folded[max(0, match.start() - 30) : match.start()]
            ):
                continue
            number = starts.get(match.end())
            if number is None or (rule != "label" and _inside(reading, match.start(), places)):
                continue
            found = _name_at(reading, number, words, demanding, f"contact.name.{rule}")
            if found:
                return found
    return _firm(reading, words) or _signature(reading, words, contacts, places)


def _inside(reading: Reading, start: int, places: Sequence[tuple[int, int]]) -> bool:
    """Whether the pronoun is none but part of a name, as `Minh` in `Minh Hưng`."""
    if any(left <= start < right for left, right in places):
        return True
    before = reading.text[max(0, start - 3) : start].rstrip(" ")
    return reading.text[start].isupper() and bool(before) and (before[-1].isalpha() or before[-1].isdigit())


def _name_at(reading: Reading, first: int, words: ContactWords, demanding: int, rule: str) -> Found | None:
    last = _run(reading, first, words)
    count = last - first
    if not count:
        return None
    lead = reading.words[first]
    surname = _is_surname(lead, words)
    capital = lead.capital
    if demanding and not surname:
        english = rule.endswith("am") and capital and not lead.toned_line and count <= 4
        vietnamese = rule.endswith("am") and capital and count in (1, 2, 3, 4) and _all_capital(reading, first, last)
        if not (english or vietnamese) or (count == 1 and lead.form in words.stops):
            return None
    if demanding and surname and count == 1 and not (capital and demanding == 1):
        return None
    if demanding == 2 and not (surname and count >= 2 and (_all_capital(reading, first, last) or count >= 3)):
        return None
    return _made(reading, first, last, rule)


def _run(reading: Reading, first: int, words: ContactWords) -> int:
    """The end of the name that begins at word `first`: capitals go on while they last, small letters until a stop."""
    lead = reading.words[first]
    upper = _all_upper(reading, lead)
    at = first
    while at < len(reading.words) and at - first < _LONGEST:
        word = reading.words[at]
        if at > first and not _joins(reading.gap(at)):
            break
        if any(sign.isdigit() for sign in word.form) or len(word.form) > 12:
            break
        if lead.capital and not upper and not word.capital:
            break
        if (not lead.capital or upper or not word.capital) and _stops(word, words, lead=at == first):
            break
        if at > first and word.form in _ADDRESS_WORDS and _is_address_word(reading, at):
            break
        at += 1
    if not lead.capital:
        at = min(at, first + 4)
    return at


def _stops(word: Word, words: ContactWords, *, lead: bool) -> bool:
    if word.toned_line:
        return word.key in words.toned_stops
    return word.form in words.stops and not (lead and word.form in words.surname_forms)


_ADDRESS_WORDS = frozenset(
    {"o", "ap", "thon", "kp", "khu", "xa", "phuong", "to", "so", "huyen", "duong", "hem", "sdt", "dt", "p", "tp", "tx"}
)


def _is_address_word(reading: Reading, number: int) -> bool:
    word = reading.words[number]
    if not word.capital:
        return True
    if _all_upper(reading, word):
        return True
    following = reading.words[number + 1] if number + 1 < len(reading.words) else None
    return (
        following is None
        or following.form[0].isdigit()
        or word.form in ("kp", "sdt", "dt", "ap", "thon", "xa", "tx", "tp")
    )


_FIRMS = (
    ("cong", "ti"),
    ("cti",),
    ("hop", "tac", "xa"),
    ("htx",),
    ("doanh", "nghiep", "tu", "nhan"),
    ("ho", "kinh", "doanh"),
)
_FIRM_WORDS = frozenset(
    [
        "tnhh",
        "mtv",
        "cp",
        "co",
        "phan",
        "trach",
        "nhiem",
        "huu",
        "han",
        "mot",
        "thanh",
        "vien",
        "xay",
        "dung",
        "thuong",
        "mai",
        "dich",
        "vu",
        "va",
        "san",
        "xuat",
        "tm",
        "dv",
        "xnk",
    ]
)


def _firm(reading: Reading, words: ContactWords) -> Found | None:
    """A firm's name that opens a segment: `Công ty TNHH Hoàng Gia, …`."""
    for number, word in enumerate(reading.words):
        opening = next(
            (one for one in _FIRMS if word.form == one[0] and _forms(reading, number, len(one)) == one), None
        )
        if opening is None or not _opens_segment(reading, number):
            continue
        at = number + len(opening)
        capitals = 0
        while at < len(reading.words) and at - number < 14 and _joins(reading.gap(at)):
            if reading.words[at].form not in _FIRM_WORDS:
                if not reading.words[at].capital:
                    break
                capitals += 1
            at += 1
        closed = at == len(reading.words) or not _joins(reading.gap(at)) or _stops(reading.words[at], words, lead=False)
        if capitals and closed:
            start, end = word.start, reading.words[at - 1].end
            return Found(" ".join(reading.text[start:end].split()), start, end, "contact.name.firm")
    return None


def _forms(reading: Reading, first: int, count: int) -> tuple[str, ...]:
    return tuple(word.form for word in reading.words[first : first + count])


def _signature(
    reading: Reading,
    words: ContactWords,
    firm: Sequence[tuple[int, int]],
    places: Sequence[tuple[int, int]],
) -> Found | None:
    """A name that stands for itself: begins a segment, starts with a surname, next to phone, e-mail or address."""
    contacts = [*firm, *places]
    for number, word in enumerate(reading.words):
        if not _is_surname(word, words) or not _opens_segment(reading, number):
            continue
        if any(left <= word.start < right for left, right in contacts):
            continue
        last = _run(reading, number, words)
        count = last - number
        if count < 2 or count > 5:
            continue
        capitals = _all_capital(reading, number, last)
        start, end = word.start, reading.words[last - 1].end
        spelled = " ".join(reading.words[at].form for at in range(number, last))
        if spelled in words.street_names and not _beside(reading.folded, end, end, contacts, 6):
            continue
        closes = last == len(reading.words) or not _joins(reading.gap(last))
        if (
            capitals
            and (closes or _beside(reading.folded, start, end, contacts, 14))
            and _beside(reading.folded, start, end, contacts, 34)
        ):
            return _made(reading, number, last, "contact.name.signature")
        if (
            not capitals
            and count >= 2
            and _beside(reading.folded, start, end, contacts, 14)
            and (closes or _beside(reading.folded, end, end, contacts, 14))
        ):
            return _made(reading, number, last, "contact.name.signature")
    return None


_BETWEEN = re.compile(
    r"[\s,.;:()\-–/|]*(?:(?:sdt|so dt|dt|so dien thoai|dien thoai|phone|zalo|lh|lien he|tel|so|o|hien|ngu|tai|ngu tai|o tai|dia chi|dc|email|mail)[\s,.;:()\-–/|]*){0,3}$"
)


def _beside(folded: str, start: int, end: int, contacts: Sequence[tuple[int, int]], most: int) -> bool:
    for left, right in contacts:
        if left >= end and left - end <= most and _BETWEEN.match(folded[end:left]):
            return True
        if right <= start and start - right <= most and _BETWEEN.match(folded[right:start]):
            return True
    return False


_OPENERS = re.compile(
    r"(?:^|[\n.!?;:()\-–,|]\s*|(?:nguoi gui|ky ten|kinh thu|tran trong|than ai|than|ten)[\s:.,]*|\d[\s,]+)$"
)


def _opens_segment(reading: Reading, number: int) -> bool:
    start = reading.words[number].start
    before = reading.folded[max(0, start - 24) : start]
    if number and reading.words[number - 1].form in _THIRD and _joins(reading.gap(number)):
        return False
    if not before.strip():
        return True
    return _OPENERS.search(before) is not None


def _made(reading: Reading, first: int, last: int, rule: str) -> Found:
    start, end = reading.words[first].start, reading.words[last - 1].end
    shown = " ".join(reading.text[start:end].split())
    if shown.islower() or (shown.isupper() and " " in shown):
        shown = " ".join(part[:1].upper() + part[1:].lower() for part in shown.split(" "))
    return Found(shown, start, end, rule)


def _is_surname(word: Word, words: ContactWords) -> bool:
    if word.toned_line or word.key != word.form + "0":
        return word.key in words.surname_keys
    return word.form in words.surname_forms


def _joins(gap: str) -> bool:
    return gap.strip(" \u00a0") == "" and 0 < len(gap) <= 3


def _all_capital(reading: Reading, first: int, last: int) -> bool:
    return all(reading.words[at].capital for at in range(first, last))


def _all_upper(reading: Reading, word: Word) -> bool:
    return len(word.form) > 1 and reading.text[word.start : word.end].isupper()
