"""Finds a sender who opens a sentence that only says who writes and from where: `Em Thanh Trúc, Bù Nho, Phú Riềng`."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from services.normalizer.contact.found import Found
from services.normalizer.contact.name_words import (
    all_upper,
    beginnings,
    begins_name,
    is_surname,
    joins,
    made,
    name_end,
    stops,
)
from services.normalizer.contact.place_words import OPENING, PLACE_STOPS
from services.normalizer.contact.sentence_parts import (
    Opening,
    Rest,
    Spans,
    asks,
    closes,
    heads,
    opening_at,
    points,
    rest_of,
    speaks,
)
from services.normalizer.contact.signature import LINES
from services.normalizer.contact.words import ContactWords
from services.normalizer.reading import Reading, Word

_LINES = frozenset(
    {"sdt", "dt", "zalo", "phone", "email", "tel", "htx", "xin", "kinh", "dc", "sn", "mobile", "lh", "o"}
)
"""Words with a capital that end a name."""

_BEFORE_PLACE = OPENING | LINES | {"day", "ne"}
_MOST = 5
_WHOLE = 3
_LONGEST_WORD = 9
_INITIALS = 2
_BY_NAME = 2
_OTHERS = frozenset({"ten", "cua", "voi", "xom", "gap", "la", "cao", "ong", "thang", "con"})
"""Before the name of somebody spoken of."""

_CHILDREN = frozenset({"con", "chau"})
"""What calls the sender calls a child of the sender's as well."""

_PARTICLES = frozenset({"de", "van", "von", "der", "del", "bin"})
_TOUCHING = 4
_TO_LINE_END = re.compile(r"\s?(?:\((?:mr|ms|mrs|ong|ba)\.?\))?[ .,]*(?:\n|$)")


class _Bearer(NamedTuple):
    """A name with what stands around it; `whole` if it is more than a given name, `known` if it begins like one."""

    opening: Opening
    end: int
    words: int
    whole: bool
    known: bool
    rest: Rest


def sentence_name(
    reading: Reading,
    words: ContactWords,
    phones: Sequence[tuple[int, int]],
    places: Sequence[tuple[int, int]],
) -> Found | None:
    """The name at the head of a sentence of nothing but contact, at the beginning or the end of the text.

    `phones` are the spans of numbers and e-mail addresses, `places` those of places.
    """
    spans = Spans(phones, places)
    for head, behind_comma in heads(reading):
        found = _named(reading, words, opening_at(reading, head), spans, behind_comma=behind_comma)
        if found:
            return found
    return _run_on(reading, words, spans)


def _run_on(reading: Reading, words: ContactWords, spans: Spans) -> Found | None:
    """A whole name without a sign before it, with place and number at the text's end: `… nhà tôi bùi thị ngà xã …`."""
    if not spans.last_phone or not closes(reading, spans.last_phone):
        return None
    for number in beginnings(reading, words):
        if not number or number >= len(reading.words) - _WHOLE or not joins(reading.gap(number)):
            continue
        before = reading.words[number - 1]
        if before.form[-1].isdigit() or before.form in _OTHERS:
            continue
        last = _end(reading, words, Opening(number, number, me=False, title=False, opened=False, named=False), spans)
        if last is None or last - number < _WHOLE or last == len(reading.words):
            continue
        if spans.begins_place(reading.words[last].start):
            rest = rest_of(reading, reading.words[last - 1].end, spans, whole=False)
            if rest.phone and rest.end == spans.last_phone:
                return made(reading, number, last, "contact.name.sentence")
    return None


def _named(
    reading: Reading, words: ContactWords, opening: Opening, spans: Spans, *, behind_comma: bool
) -> Found | None:
    first = opening.name
    last = _end(reading, words, opening, spans) if first < len(reading.words) else None
    if last is None:
        return None
    lead = reading.words[first]
    known = begins_name(reading, first, words) or lead.form in words.by_names
    if opening.head == 0 and opening.title and lead.capital and points(reading, reading.words[last - 1].end):
        return made(reading, first, last, "contact.name.sentence")
    whole = last - first >= _WHOLE or (last - first > 1 and (known or lead.capital))
    end = reading.words[last - 1].end
    rest = rest_of(reading, end, spans, whole=whole)
    bearer = _Bearer(opening, end, last - first, whole, known, rest)
    if not (rest.phone or rest.place or speaks(reading, end) or _greets(reading, bearer) or opening.named):
        return None
    spelled = reading.forms[first:last]
    if spelled in words.elsewhere or (
        not rest.phone and (" ".join(spelled) in words.street_names or " ".join(spelled[1:]) in words.street_names)
    ):
        return None
    stands = _stands_behind_comma(reading, bearer) if behind_comma else _stands(reading, bearer)
    rule = "sentence" if rest.phone or rest.place else "greeting"
    return made(reading, first, last, f"contact.name.{rule}") if stands else None


def _stands_behind_comma(reading: Reading, bearer: _Bearer) -> bool:
    """Whether a name in the middle of a sentence is the sender's: a number closes the text behind it."""
    opening, rest = bearer.opening, bearer.rest
    if not rest.phone:
        said = opening.named or (bearer.whole and bearer.known and speaks(reading, bearer.end))
        return said and reading.words[opening.name].capital and closes(reading, rest.end)
    called = opening.me or opening.title or (bearer.whole and bearer.known)
    touching = reading.folded[bearer.end : bearer.end + _TOUCHING].lstrip(" .:-–")[:1].isdigit()
    paired = touching and reading.words[opening.name].capital
    return ((called or paired) and closes(reading, rest.end)) or (opening.me and rest.place)


def _stands(reading: Reading, bearer: _Bearer) -> bool:
    """Whether the sentence is the last one, or the first one, or speaks of whoever writes."""
    opening, rest = bearer.opening, bearer.rest
    speaking = speaks(reading, bearer.end) or speaks(reading, rest.end)
    if not reading.words[opening.name].capital and not (opening.me or opening.title or bearer.known):
        return rest.phone and rest.place
    if (
        closes(reading, rest.end)
        or (speaking and (opening.head == 0 or opening.me or bearer.known))
        or _greets(reading, bearer)
    ):
        return True
    if rest.phone and (bearer.whole or opening.me) and (asks(reading, rest.end) or rest.place):
        return True
    if opening.head == 0:
        if (
            opening.me
            and reading.words[opening.name].capital
            and rest.place
            and reading.text[rest.end : rest.end + 1] == ","
        ):
            return True
        told = rest.phone or opening.me or opening.title or bearer.whole
        return rest.place and (rest.ended or (told and asks(reading, rest.end)))
    return rest.ended and (opening.me or opening.opened or (bearer.whole and not opening.title))


def _greets(reading: Reading, bearer: _Bearer) -> bool:
    """Whether the text begins with who writes, as `Em Hạnh, mua lại nhà …`, `Phạm Hòa xin hỏi`, or ends with it."""
    opening = bearer.opening
    if opening.opened and not opening.title and bearer.words > 1 and reading.words[opening.name].capital:
        return closes(reading, bearer.end) or reading.text[bearer.end : bearer.end + 1] in ("\n", ",")
    if opening.head == 0 and bearer.whole and not opening.title and asks(reading, bearer.end):
        return True
    if bearer.known and bearer.words >= _WHOLE and _is_line(reading, bearer):
        return True
    if opening.head or not opening.me or reading.words[0].form in _CHILDREN:
        return False
    return reading.words[opening.name].capital and reading.text[bearer.end : bearer.end + 1] == ","


def _is_line(reading: Reading, bearer: _Bearer) -> bool:
    """Whether a whole name, with `(Ms.)` at most, is a line of its own, as in a letter's signature."""
    start = reading.words[bearer.opening.name].start
    after = _TO_LINE_END.match(reading.folded, bearer.end)
    return start > 0 and reading.text[start - 1] == "\n" and after is not None


def _end(reading: Reading, words: ContactWords, opening: Opening, spans: Spans) -> int | None:
    """The end of the name: words with capitals up to a place or number, or a few in small letters."""
    first = opening.name
    start = reading.words[first].start
    if spans.holds(start):
        return None
    bound = spans.next_after(start, len(reading.text))
    if not reading.words[first].capital:
        return _small(reading, words, opening, bound)
    if _is_none(reading, words, opening):
        return None
    last = first
    while last < len(reading.words) and last - first < _MOST and reading.words[last].start < bound:
        if last > first and _is_between(reading, last):
            last += 1
            continue
        if last > first and reading.forms[last : last + 2] in words.elsewhere:
            break
        if (last > first and not joins(reading.gap(last))) or not _goes_on(reading, reading.words[last]):
            break
        last += 1
    return last if last > first else None


def _is_between(reading: Reading, at: int) -> bool:
    """Whether the word goes on a name in small letters: `Soo-jin Park`, `Gerrit de Vries`."""
    word = reading.words[at]
    if reading.gap(at) == "-":
        return word.form.isalpha()
    following = at + 1
    return (
        word.form in _PARTICLES
        and reading.words[at - 1].key == reading.words[at - 1].form + "0"
        and following < len(reading.words)
        and reading.words[following].capital
        and joins(reading.gap(at))
    )


def _goes_on(reading: Reading, word: Word) -> bool:
    if not word.capital or len(word.form) > _LONGEST_WORD or not word.form.replace("'", "").isalpha():
        return False
    return word.form not in _LINES and not (all_upper(reading, word) and len(word.form) <= _INITIALS)


def _is_none(reading: Reading, words: ContactWords, opening: Opening) -> bool:
    """Whether the first word is no name's; after a pronoun a second capital makes it one: `Mình: Thành Nhơn`."""
    word = reading.words[opening.name]
    following = opening.name + 1
    goes_on = following < len(reading.words) and reading.words[following].capital and joins(reading.gap(following))
    if goes_on and (opening.me or opening.title):
        return False
    if stops(word, words, lead=True) and not is_surname(word, words) and word.form not in words.by_names:
        return not goes_on
    return _is_no_given(word, words)


def _is_no_given(word: Word, words: ContactWords) -> bool:
    return word.key in words.no_given_keys if word.toned_line else word.form in words.no_given_forms


def _small(reading: Reading, words: ContactWords, opening: Opening, bound: int) -> int | None:
    """The end of a name in small letters: after a pronoun or title, or with a family name or by-name."""
    first = opening.name
    lead = reading.words[first]
    family = begins_name(reading, first, words)
    called = opening.me or opening.title
    if not (family or called or lead.form in words.by_names or _comma_at(reading, first + _BY_NAME)):
        return None
    last, most = first, name_end(reading, first, words)
    while last < most and reading.words[last].start < bound:
        last += 1
    count = last - first
    by_name = lead.form in words.by_names and count == _BY_NAME
    if not count or (_is_no_given(lead, words) and not by_name and not (family and count > _BY_NAME)):
        return None
    if not (family or by_name) and (lead.form in _BEFORE_PLACE or lead.form in PLACE_STOPS):
        return None
    if last < len(reading.words) and joins(reading.gap(last)):
        following = reading.words[last]
        if not (following.form[0].isdigit() or following.start >= bound or following.form in _BEFORE_PLACE):
            return None
    addressed = called and count <= _BY_NAME
    if _comma_at(reading, last) and lead.toned_line:
        addressed = addressed or (count == _BY_NAME and not stops(lead, words, lead=True))
    return last if by_name or (family and count in (3, 4)) or addressed else None


def _comma_at(reading: Reading, number: int) -> bool:
    """Whether a comma follows the word before this one."""
    return number < len(reading.words) and reading.gap(number).startswith(",")
