"""Finds a sender who opens a sentence that only says who writes and from where: `Em Thanh Trúc, Bù Nho, Phú Riềng`."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.normalizer.contact.found import Found
from services.normalizer.contact.name_words import all_upper, begins_name, is_surname, joins, made, name_end, stops
from services.normalizer.contact.place_words import OPENING, PLACE_STOPS
from services.normalizer.contact.signature import LINES
from services.normalizer.contact.words import ContactWords
from services.normalizer.reading import Reading, Word, key_of

_HEAD = re.compile(r"[\n.!?;)\]…\"”]\s*$|\s[\-–—|]+\s*$|[^\w\s,:(\[/'\"“%+\-]\s*$|[。！？]")
_COMMA = re.compile(r",\s*$")
_OPENERS = (
    ("nguoi", "hoi"), ("nguoi", "goi"), ("nguoi", "gui"), ("nguoi", "bao"), ("nguoi", "viet"), ("nguoi", "nop"),
    ("ki", "ten"), ("than", "ai"), ("kinh", "thu"), ("tran", "trong"), ("yours",), ("regards",), ("da",), ("alo",),
    ("thank", "you"), ("thanks",), ("cam", "on"),
)  # fmt: skip
_ME = frozenset({"toi", "tui", "em", "e", "minh", "mih", "mk", "con", "chau", "qua"})
_TITLES = frozenset(
    {"anh", "chi", "co", "chu", "bac", "di", "thim", "cau", "mo", "ong", "ba", "thay", "a", "c", "mr", "mrs", "ms",
     "dr", "bs", "ys", "ths", "ls", "ks"}
)  # fmt: skip
_TITLE_KEYS = frozenset(
    map(key_of, ("anh", "chị", "cô", "chú", "bác", "dì", "thím", "cậu", "mợ", "ông", "bà", "thầy", "a", "c"))
)
_AFTER_TITLE = frozenset({"giao", "chu"})
_NAMES_ONE = frozenset({"la", "ten"})
_LINES = frozenset({"sdt", "dt", "zalo", "phone", "email", "tel", "htx", "xin", "kinh", "dc", "sn", "mobile", "lh", "o"})
"""Words with a capital that end a name."""

_MOST = 5
_LONGEST_WORD = 9
_BREATH = 110
"""Signs from the name to the end of what the sentence says of its bearer, at most."""

_FILL = re.compile(
    r"[\s,.;:()\-–—/|<>]*(?:(?:o|ngu|tai|tu|nha|nha o|o tai|o tro|o nho|tro|ben|duoi|tren|que|hien|hien nay|hien song|hien o|"
    r"song o|song tai|dang o|thuong tru|tam tru|cu tru|o gan|o ngay|tro nha|ktt|chung cu|chung cu xa hoi|office at|at|in|"
    r"sdt|so dt|dt|so dien thoai|dien thoai|di dong|so di dong|so may|dtdd|may|so|zalo|zalo sdt|phone|tel|mobile|lh|lien he|goi|email|mail|"
    r"luon|day|ne|a|ak|nha|nhe|cu|nay|cung dia chi|do|"
    r"que [^,.\n]{2,20}(?=,)|\d{2} ?t(?:uoi)?|(?:sn|sinh nam|nam sinh) (?:19|20)\d\d|\([^()\n]{1,40}\)|ho [^,.\n]{1,24}(?=,))"
    r"[\s,.;:()\-–—/|<>]*){0,4}"
)
"""Between the name and a place or number, and between these: words that introduce them, an age, brackets."""

_SAYS_MORE = re.compile(
    r"(?<!\w)(?:la|da|bi|khong|ko|lam|se|duoc|phai|noi|keu|goi|danh|lan|chiem|lay|rat|qua|and|is|was|has|who)(?!\w)"
)
"""Words of a sentence that tells what somebody does: then its head is no signature."""

_LOOSE = re.compile(r"\s*[,;:–—-][^.!?\n]{0,60}")
_CLOSES = re.compile(
    r"(?:\s*\([^()\n]{1,60}\))?[\s.,!)\]:;…\-–—]*(?:(?:a|ah|ak|nha|nhe|nghe|ad|day|ne|luon|do|voi chong|voi vo|cam on|xin cam on|em cam on|tran trong|"
    r"thanks?|thank you)[\s.,!)\]:…]*){0,3}(?:[^\w\s][^\w]*)?$"
)
_SPEAKS = re.compile(r"\s*(?:day|ne|nha|nhe)\b\s*(?:$|[\n.,!?;])")
_STOPS_HERE = re.compile(r"\s*(?:[.!?\n]|$)")
_ASKS = re.compile(
    r"[\s,.;:()\-–—]*(?:xin|cho hoi|hoi|muon hoi|kinh|de nghi|phan anh|kien nghi|nho|nha nuoc|mong|can)\b"
)
"""How who said a name and number goes on to speak of the matter."""


class _Opening(NamedTuple):
    """Where the name begins behind the words that open the sentence, and what these were."""

    name: int
    me: bool
    title: bool
    opened: bool


class _Rest(NamedTuple):
    """What follows the name: the end of the last place or number that belongs to it, and which there were.

    `ended` says whether a sentence ended behind its place.
    """

    end: int
    phone: bool
    place: bool
    ended: bool


def sentence_name(
    reading: Reading,
    words: ContactWords,
    phones: Sequence[tuple[int, int]],
    places: Sequence[tuple[int, int]],
) -> Found | None:
    """The name at the head of a sentence of nothing but contact, at the beginning or the end of the text.

    `phones` are the spans of numbers and e-mail addresses, `places` those of places.
    """
    spans = sorted([*((*one, True) for one in phones), *((*one, False) for one in places)])
    for head, comma in _heads(reading):
        opening = _opening(reading, head)
        if comma and not spans:
            continue
        found = _named(reading, words, opening, spans, head=head, comma=comma)
        if found:
            return found
    return None


def _heads(reading: Reading) -> Iterator[tuple[int, bool]]:
    """Words that begin a sentence or line, and those behind a comma, in order."""
    for number in range(len(reading.words)):
        if number == 0:
            yield number, False
            continue
        gap = reading.gap(number)
        if gap == " ":
            continue
        if _HEAD.search(gap):
            yield number, False
        elif _COMMA.search(gap):
            yield number, True


def _opening(reading: Reading, head: int) -> _Opening:
    at, me, title, opened = head, False, False, False
    words = reading.words
    for one in _OPENERS:
        if tuple(word.form for word in words[at : at + len(one)]) == one:
            at += len(one)
            opened = True
            break
    if at < len(words) and words[at].form in _ME:
        at, me = at + 1, True
    if at < len(words) and words[at].form in _NAMES_ONE and (me or not words[at].capital):
        at += 1
    if at < len(words) and words[at].form in _TITLES and _is_title(words[at]):
        at, title = at + 1, True
        if at < len(words) and words[at].form in _AFTER_TITLE and not words[at].capital:
            at += 1
    return _Opening(at, me, title, opened)


def _is_title(word: Word) -> bool:
    return word.form not in {"anh", "chi", "co", "chu", "bac", "di", "thim", "cau", "mo", "ong", "ba", "thay"} or (
        word.key in _TITLE_KEYS or word.key == word.form + "0"
    )


def _named(
    reading: Reading,
    words: ContactWords,
    opening: _Opening,
    spans: Sequence[tuple[int, int, bool]],
    *,
    head: int,
    comma: bool,
) -> Found | None:
    first = opening.name
    if first >= len(reading.words) or (first > head and not _joined(reading, head, first)):
        return None
    last = _end(reading, words, opening, spans)
    if last is None:
        return None
    whole = _is_whole(reading, first, last, words)
    end = reading.words[last - 1].end
    rest = _rest(reading, end, spans, whole=whole)
    if not (rest.phone or rest.place) and not _SPEAKS.match(reading.folded, end):
        return None
    if _stands(reading, opening, rest, head=head, comma=comma, whole=whole, end=end):
        return made(reading, first, last, "contact.name.sentence")
    return None


def _joined(reading: Reading, head: int, first: int) -> bool:
    return all(joins(reading.gap(at)) or reading.gap(at).strip() in (":", ".", ",") for at in range(head + 1, first + 1))


def _end(
    reading: Reading, words: ContactWords, opening: _Opening, spans: Sequence[tuple[int, int, bool]]
) -> int | None:
    """The end of the name: words with capitals up to a place or number, or a few in small letters."""
    first = opening.name
    bound = next((left for left, _, _ in spans if left > reading.words[first].start), len(reading.text))
    if any(left <= reading.words[first].start < right for left, right, _ in spans):
        return None
    if not reading.words[first].capital:
        return _small(reading, words, opening, bound)
    last = first
    while (
        last < len(reading.words)
        and last - first < _MOST
        and reading.words[last].start < bound
        and (last == first or joins(reading.gap(last)) or reading.gap(last) == "-")
        and _goes_on(reading, last, words, lead=last == first)
    ):
        last += 1
    return last if last > first else None


def _goes_on(reading: Reading, at: int, words: ContactWords, *, lead: bool) -> bool:
    word = reading.words[at]
    if not word.capital or len(word.form) > _LONGEST_WORD or not word.form.replace("'", "").isalpha():
        return False
    if word.form in _LINES or (
        lead and stops(word, words, lead=True) and not is_surname(word, words) and word.form not in words.by_names
    ):
        return False
    following = at + 1 < len(reading.words) and reading.words[at + 1].capital and joins(reading.gap(at + 1))
    none = word.key in words.no_given_keys if word.toned_line else word.form in words.no_given_forms
    return not (lead and none and not following) and not (len(word.form) > 1 and all_upper(reading, word) and len(word.form) < 3)


def _small(reading: Reading, words: ContactWords, opening: _Opening, bound: int) -> int | None:
    """The end of a name in small letters: after a pronoun or title, or with a family name or by-name."""
    first = opening.name
    last = first
    most = name_end(reading, first, words)
    while last < most and reading.words[last].start < bound:
        last += 1
    count = last - first
    lead = reading.words[first]
    if not count or lead.form in OPENING or lead.form in LINES or lead.form in PLACE_STOPS:
        return None
    ends = last == len(reading.words) or not joins(reading.gap(last)) or reading.words[last].form[0].isdigit()
    ends = ends or reading.words[last].start >= bound or reading.words[last].form in OPENING | LINES | {"day", "ne"}
    none = lead.key in words.no_given_keys if lead.toned_line else lead.form in words.no_given_forms
    if not ends or none:
        return None
    by_name = lead.form in words.by_names and count == 2
    family = begins_name(reading, first, words) and count in (3, 4)
    addressed = (opening.me or opening.title) and count <= 2
    return last if by_name or family or addressed else None


def _is_whole(reading: Reading, first: int, last: int, words: ContactWords) -> bool:
    """Whether the words are a whole name: a family name with more, or three with a middle word as `Thị`."""
    count = last - first
    lead = reading.words[first]
    return count > 2 or (count > 1 and (begins_name(reading, first, words) or lead.form in words.by_names))


def _rest(reading: Reading, end: int, spans: Sequence[tuple[int, int, bool]], *, whole: bool) -> _Rest:
    at, phone, place, ended = end, False, False, False
    folded = reading.folded
    for left, right, is_phone in spans:
        if left < at:
            continue
        if left - end > 2 * _BREATH:
            break
        if not _FILL.fullmatch(folded, at, left):
            between = folded[at:left]
            loose = whole and (at == end or (place and is_phone))
            if not loose or not _LOOSE.fullmatch(between) or _SAYS_MORE.search(between):
                break
        at, phone, place = right, phone or is_phone, place or not is_phone
        ended = ended or (place and _STOPS_HERE.match(folded, right) is not None)
    return _Rest(at, phone, place, ended)


def _stands(
    reading: Reading, opening: _Opening, rest: _Rest, *, head: int, comma: bool, whole: bool, end: int
) -> bool:
    """Whether the sentence is the last one, or the first one, or speaks of whoever writes."""
    folded = reading.folded
    closes = _CLOSES.match(folded, rest.end) is not None
    speaks = _SPEAKS.match(folded, end) or _SPEAKS.match(folded, rest.end)
    if comma:
        return closes and rest.phone and (opening.me or whole or not opening.title)
    if closes or (speaks and (head == 0 or opening.me)):
        return True
    if head == 0:
        told = rest.phone or opening.me or opening.title or whole
        return rest.place and (rest.ended or (told and _ASKS.match(folded, rest.end) is not None))
    return rest.ended and (opening.me or opening.opened or (whole and not opening.title))
