"""What stands around a number or a place in its sentence, as terms that a model can weigh."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from operator import attrgetter

from services.normalizer.contact.found import Found
from services.normalizer.reading import Reading

_BEFORE, _AFTER = 8, 6
"""Words that are looked at on either side."""

_NEAR = 2
"""The nearest of them count by their place, too."""

_NUMBER = "#"
_START, _END = attrgetter("start"), attrgetter("end")
_MOST_APART = 3

NAME, PHONE, PLACE = "NAME", "PHONE", "PLACE"
"""Stand in terms for what the words are part of; no word of a text has capitals once it was read."""

_MARKS = frozenset({NAME, PHONE, PLACE})


def around(reading: Reading, first: int, last: int, marks: Mapping[int, str]) -> list[str]:
    """Terms of the words before `first` and from `last` on; `marks` says of words what they are part of.

    Words to the left begin with `-`, to the right with `+`; a `|` says how near the sentence ends, a `^` the text.
    """
    words = reading.words
    if first >= last:
        return []
    before = _side(reading, range(first - 1, -1, -1), words[first].sentence, marks, "-", _BEFORE)
    return before + _side(reading, range(last, len(words)), words[last - 1].sentence, marks, "+", _AFTER)


def _side(
    reading: Reading, numbers: Iterable[int], sentence: int, marks: Mapping[int, str], side: str, most: int
) -> list[str]:
    terms: list[str] = []
    seen: list[str] = []
    for number in numbers:
        if len(seen) == most:
            return terms
        word = reading.words[number]
        if word.sentence != sentence:
            return [*terms, f"{side}|{min(_MOST_APART, len(seen))}"]
        token = marks.get(number) or (_NUMBER if word.form.isdigit() else word.form)
        if token in _MARKS and seen[-1:] == [token]:
            continue
        terms.append(side + token)
        if len(seen) < _NEAR:
            terms.append(f"{side}{len(seen) + 1} {token}")
        if seen:
            terms.append(f"{side}{token} {seen[-1]}")
        seen.append(token)
    return [*terms, f"{side}^{min(_MOST_APART, len(seen))}"]


def word_span(reading: Reading, start: int, end: int) -> tuple[int, int]:
    """Numbers of the first word of a span of the text, and of the one behind its last; equal where it has none."""
    first = bisect_right(reading.words, start, key=_END)
    return first, max(first, bisect_left(reading.words, end, key=_START))


def marked(reading: Reading, mark: str, found: Iterable[Found]) -> dict[int, str]:
    """The words of what was found, with what they are part of."""
    spans = [word_span(reading, one.start, one.end) for one in found]
    return {number: mark for first, last in spans for number in range(first, last)}
