"""Finds the name of the firm or co-operative that writes: `Công ty TNHH Hoàng Gia, …`."""

import re

from services.normalizer.contact.found import Found
from services.normalizer.contact.name_words import joins, stops
from services.normalizer.contact.signature import LINES
from services.normalizer.contact.word_places import places_of
from services.normalizer.contact.words import ContactWords
from services.normalizer.reading import Reading, Word, key_of

_FIRMS = (
    ("cong", "ti"),
    ("cti",),
    ("hop", "tac", "xa"),
    ("htx",),
    ("doanh", "nghiep", "tu", "nhan"),
    ("ho", "kinh", "doanh"),
)
_FIRST = frozenset(one[0] for one in _FIRMS)
_KINDS = """
tnhh mtv cp co phan trach nhiem huu han mot thanh vien xay dung thuong mai dich vu va san xuat tm dv xnk
"""
_FIRM_WORDS = frozenset(_KINDS.split())
_OPENS_FIRM = re.compile(
    r"(?:^|[\n.!?;:()\-–—|]\s*|(?:ten|la|day la|chung toi la|nguoi gui|don vi|dai dien|boi|from)[\s:]*|\d[\s,]+)$"
)


def begins_firm(reading: Reading, number: int) -> bool:
    """Whether a firm's name begins at this word."""
    return reading.forms[number] in _FIRST and _firm_at(reading, number) is not None


def _firm_at(reading: Reading, number: int) -> tuple[str, ...] | None:
    """The words for a firm that begin at this word."""
    form = reading.forms[number]
    return next((one for one in _FIRMS if form == one[0] and reading.forms[number : number + len(one)] == one), None)


def firm_name(reading: Reading, words: ContactWords) -> Found | None:
    """A firm's name that opens a segment: `Công ty TNHH Hoàng Gia, …`."""
    for number in places_of(reading, _FIRST):
        word = reading.words[number]
        opening = _firm_at(reading, number)
        if opening is None or not _OPENS_FIRM.search(reading.folded[max(0, word.start - 24) : word.start]):
            continue
        at = number + len(opening)
        capitals = 0
        while at < len(reading.words) and at - number < 14 and joins(reading.gap(at)):
            if reading.words[at].form not in _FIRM_WORDS:
                if not reading.words[at].capital and not _is_amid_capitals(reading, number, at):
                    break
                capitals += reading.words[at].capital
            at += 1
        closed = at == len(reading.words) or not joins(reading.gap(at)) or stops(reading.words[at], words, lead=False)
        if capitals and closed:
            start, end = word.start, reading.words[at - 1].end
            return Found(" ".join(reading.text[start:end].split()), start, end, "contact.name.firm")
    return None


def _is_amid_capitals(reading: Reading, first: int, at: int) -> bool:
    """Whether a small word stands between two with capitals, as `bị` in `Thiết bị An Phát`."""
    following = at + 1
    return (
        at > first + 1
        and reading.words[at - 1].capital
        and following < len(reading.words)
        and reading.words[following].capital
        and joins(reading.gap(following))
        and not _begins_line(reading.words[at])
    )


def _begins_line(word: Word) -> bool:
    """Whether the word begins the next line of a contact; where tones are written `tải` is no `tại`."""
    return word.form in LINES and not (word.toned_line and word.form == "tai" and word.key != key_of("tại"))
