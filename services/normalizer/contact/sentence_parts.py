"""Reads what stands around a name in a sentence of nothing but contact: what opens it, and places and numbers after."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.normalizer.reading import Reading, Word, key_of

_HEAD = re.compile(r"[\n.!?;)\]…\"”]\s*$|\s[\-–—|]+\s*$|[^\w\s,:(\[/'\"“%+\-]\s*$|[。！？]")
_COMMA = re.compile(r",\s*$")
_OPENERS = (
    ("nguoi", "hoi"), ("nguoi", "goi"), ("nguoi", "gui"), ("nguoi", "bao"), ("nguoi", "viet"), ("nguoi", "nop"),
    ("ki", "ten"), ("than", "ai"), ("kinh", "thu"), ("tran", "trong"), ("yours",), ("regards",), ("da",), ("alo",),
    ("ad", "oi"), ("anh", "oi"), ("chi", "oi"),
    ("sincerely",), ("truly",),
)  # fmt: skip
_ROLES = (
    ("quan", "li"), ("giam", "doc"), ("phu", "huynh"), ("ke", "toan"), ("chu", "quan"), ("chu", "tro"), ("bao", "ve"),
)  # fmt: skip
"""What the sender is, before the name."""

_OPENING = {first: tuple(one for one in _OPENERS if one[0] == first) for first in {one[0] for one in _OPENERS}}
_ME = frozenset({"toi", "tui", "em", "e", "minh", "mih", "mk", "con", "chau", "qua"})
_TITLES = frozenset(
    {"anh", "chi", "co", "chu", "bac", "di", "thim", "cau", "mo", "ong", "ba", "thay", "a", "c", "mr", "mrs", "ms",
     "dr", "bs", "ys", "ths", "ls", "ks"}
)  # fmt: skip
_ABBREVIATED = frozenset({"mr", "mrs", "ms", "dr", "bs", "ys", "ths", "ls", "ks"})
_TITLE_KEYS = frozenset(
    map(key_of, ("anh", "chị", "cô", "chú", "bác", "dì", "thím", "cậu", "mợ", "ông", "bà", "thầy", "a", "c"))
)
_AFTER_TITLE = frozenset({"giao", "chu"})
_NAMES_ONE = frozenset({"la", "ten"})
_BEFORE_NAME = frozenset({*_OPENING, *_ME, *_TITLES, *_NAMES_ONE, *(first for first, _ in _ROLES)})
"""Words one of which begins whatever stands before a name at the head of a sentence."""

_JOINS = re.compile(r"[ \u00a0]{1,3}|\s?[:.,]\s{0,2}")
_FURTHEST = 220
"""Signs from the name to the end of what the sentence says of its bearer, at most."""

_FILL = re.compile(
    r"[\s,.;:()\-–—/|<>]*(?:(?:"
    r"(?:(?:hien|hien nay|dang|hien dang) )?(?:o|song|ngu|tru|cu tru|thuong tru|tam tru|sinh song)"
    r"(?: tai| o| o tro| tro| nho| ben| gan| ngay)?|hien|hien nay|tai|tu|nha|nha o|tro|ben|duoi|tren|que|tro nha|"
    r"office at|at|in|tt|moi|cu|nay|luon|day|ne|a|ak|nhe|here|do|bao(?: len| tin)?|cung dia chi|"
    r"dn|bp|dong nai|binh phuoc|nguoi [\w']{2,9}|dan toc [\w']{2,9}|"
    r"(?:ktt|chung cu|nha tro|phong tro|tro nha|htx|cho|tap hoa|khu tap the|can)(?: [^\s,.;\n\d]{1,8}){0,4}|"
    r"nha (?:sat vach|gan|ke|canh|doi dien)[^,.\n\d]{0,24}(?:o|,)|que [^,.\n]{2,20}(?=,)|ho [^,.\n]{1,24}(?=,)|"
    r"sdt|so dt|dt|so dien thoai|dien thoai|di dong|so di dong|so may|dtdd|may|so|zalo|zalo sdt|phone|tel|mobile|lh|"
    r"lien he|goi|email|mail|\d{2} ?t(?:uoi)?|(?:sn|sinh nam|nam sinh) (?:19|20)\d\d|\([^()\n]{1,40}\))"
    r"[\s,.;:()\-–—/|<>]*){0,4}"
)
"""Between the name and a place or number, and between these: words that introduce them, an age, brackets."""

_SAYS_MORE = re.compile(
    r"(?<!\w)(?:la|da|bi|khong|ko|lam|se|duoc|phai|noi|keu|goi|danh|lan|chiem|lay|rat|qua|and|is|was|has|who)(?!\w)"
)
"""Words of a sentence that tells what somebody does: then its head is no signature."""

_LOOSE = re.compile(r"\s*[,;:–—/-][^.!?\n]{0,60}")
_CLOSES = re.compile(
    r"(?:\s*\([^()\n]{1,60}\))?[\s.,!)\]:;…\-–—]*(?:(?:"
    r"a|ah|ak|nha|nhe|nghe|ad|day|ne|luon|do|voi chong|voi vo|le len|gap|nhanh len|giup (?:em|toi|voi)|"
    r"cam on|xin cam on|em cam on|tran trong|thanks?|thank you)[\s.,!)\]:…]*){0,3}(?:[^\w\s][^\w]*)?$"
)
_SPEAKS = re.compile(r"\s*(?:day|ne|nha|nhe|here)(?: (?:ad|anh|chi|con|chau))?\b\s*(?:$|[\n.,!?;])")
_POINTS = re.compile(
    r"[^.!?,;\n]{0,70}(?<!\w)"
    r"(?:(?<!o )(?<!tai )(?<!gan )day(?: \w{1,5} oi)?(?=\s*(?:[.,!\n]|$))|(?:xin|cho|muon) hoi(?!\w))"
)
_STOPS_HERE = re.compile(r"\s*(?:[.!?\n]|$)")
_ASKS = re.compile(
    r"[\s,.;:()\-–—]*(?:xin|cho hoi|hoi|muon hoi|kinh|de nghi|phan anh|kien nghi|nho|nha nuoc|mong|can|muon|bao:)"
)
"""How who said a name and number goes on to speak of the matter."""


class Opening(NamedTuple):
    """The word that heads a sentence, where the name begins behind what opens it, and what that was."""

    head: int
    name: int
    me: bool
    title: bool
    opened: bool
    named: bool


class Rest(NamedTuple):
    """What follows the name: the end of the last place or number that belongs to it, and which there were.

    `ended` says whether a sentence ended behind its place.
    """

    end: int
    phone: bool
    place: bool
    ended: bool


class Spans:
    """Spans of numbers and places in their order, found by where they begin."""

    def __init__(self, phones: Sequence[tuple[int, int]], places: Sequence[tuple[int, int]]) -> None:
        """Take the spans of numbers and e-mail addresses, and those of places."""
        self._all = sorted([*((*one, True) for one in phones), *((*one, False) for one in places)])
        self._lefts = [left for left, _, _ in self._all]
        self.last_phone = self._all[-1][1] if self._all and self._all[-1][2] else 0
        """The end of the number that is the last of all, else 0."""

    def holds(self, at: int) -> bool:
        """Whether a sign of the text lies within one."""
        number = bisect_right(self._lefts, at) - 1
        return number >= 0 and at < self._all[number][1]

    def next_after(self, at: int, otherwise: int) -> int:
        """Where the next one begins."""
        number = bisect_right(self._lefts, at)
        return self._lefts[number] if number < len(self._lefts) else otherwise

    def begins_place(self, at: int) -> bool:
        """Whether a place begins there."""
        number = bisect_left(self._lefts, at)
        return number < len(self._lefts) and self._lefts[number] == at and not self._all[number][2]

    def since(self, at: int) -> Iterator[tuple[int, int, bool]]:
        """Those that begin there or later, in order, and whether each is a number."""
        for number in range(bisect_left(self._lefts, at), len(self._all)):
            yield self._all[number]


def closes(reading: Reading, at: int) -> bool:
    """Whether nothing but thanks and signs follows until the text's end."""
    return _CLOSES.match(reading.folded, at) is not None


def speaks(reading: Reading, at: int) -> bool:
    """Whether a word follows by which who speaks points at himself: `Bảy Giàu đây`."""
    return _SPEAKS.match(reading.folded, at) is not None


def points(reading: Reading, at: int) -> bool:
    """Whether the clause ends with the word that points at who speaks: `Cô Liên dạy mầm non ở Thuận Phú đây`."""
    return _POINTS.match(reading.folded, at) is not None


def asks(reading: Reading, at: int) -> bool:
    """Whether the sentence goes on with what its subject asks for or reports."""
    return _ASKS.match(reading.folded, at) is not None


def heads(reading: Reading) -> Iterator[tuple[int, bool]]:
    """Words that begin a sentence or line, and those behind a comma, in order."""
    for number, gap in enumerate(reading.gaps):
        if gap == " " and number:
            continue
        if not number or _HEAD.search(gap):
            yield number, False
        elif _COMMA.search(gap):
            yield number, True


def opening_at(reading: Reading, head: int) -> Opening:
    """What opens the sentence at word `head`: `Người hỏi: ông`, `Em tên`, `cô giáo`."""
    at, me, title, opened, named = head, False, False, False, False
    words = reading.words
    if words[head].form not in _BEFORE_NAME:
        return Opening(head, at, me, title, opened, named)
    for one in _OPENING.get(words[head].form, ()):
        if reading.forms[at : at + len(one)] == one:
            at += len(one)
            opened = True
            break
    if _stands(_ME, reading, at, head):
        at, me = at + 1, True
    if _stands(_NAMES_ONE, reading, at, head) and (me or not words[at].capital):
        at, me, named = at + 1, True, words[at].form == "ten"
    if reading.forms[at : at + 2] in _ROLES:
        at += 2
    if _stands(_TITLES, reading, at, head) and _may_be_title(words[at]):
        at, title = at + 1, True
        if _stands(_AFTER_TITLE, reading, at, head) and not words[at].capital:
            at += 1
    if not _goes_on(reading, at, head):
        at = len(words)
    return Opening(head, at, me, title, opened, named)


def _stands(forms: frozenset[str], reading: Reading, at: int, head: int) -> bool:
    """Whether the sentence goes on at word `at` with one of these words."""
    return at < len(reading.words) and reading.forms[at] in forms and _goes_on(reading, at, head)


def _goes_on(reading: Reading, at: int, head: int) -> bool:
    """Whether the sentence goes on at word `at`."""
    return at < len(reading.words) and (at == head or _JOINS.fullmatch(reading.gap(at)) is not None)


def _may_be_title(word: Word) -> bool:
    """Whether the tones allow it: where they are written `Ba` is no `Bà` but a by-name."""
    return word.form in _ABBREVIATED or not word.toned_line or word.key in _TITLE_KEYS


def rest_of(reading: Reading, end: int, spans: Spans, *, whole: bool) -> Rest:
    """The places and numbers that follow a name with nothing between that speaks of anything else."""
    at, phone, place, ended = end, False, False, False
    folded = reading.folded
    for left, right, is_phone in spans.since(end):
        if left - end > _FURTHEST:
            break
        if left < at:
            continue
        if not _FILL.fullmatch(folded, at, left):
            between = folded[at:left]
            loose = whole and (at == end or (place and is_phone))
            if not loose or not _LOOSE.fullmatch(between) or _SAYS_MORE.search(between):
                break
        at, phone, place = right, phone or is_phone, place or not is_phone
        ended = ended or (place and _STOPS_HERE.match(folded, right) is not None)
    return Rest(at, phone, place, ended)
