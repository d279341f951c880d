"""What speaks for and against a telephone number's being the sender's own, as terms that a model weighs."""

from collections.abc import Mapping, Sequence

from services.normalizer.contact.found import Found
from services.normalizer.contact.phone import said_of_another, said_of_own
from services.normalizer.contact.surroundings import PHONE, around, marked, word_span
from services.normalizer.reading import Reading

_CLOSE = 40
"""Signs from the text's end within which a number counts as standing there."""

_MOST = 3
_OPENING, _CLOSING = "(,:.-\"'\n", "),.:;\"'\n"


def number_terms(reading: Reading, numbers: Sequence[Found]) -> list[list[str]]:
    """Terms of each number of a text: the words around it, how it is introduced, and where it stands."""
    marks = marked(reading, PHONE, numbers)
    of_text = f"{min(_MOST, len({one.value for one in numbers}))} numbers"
    return [[*_terms(reading, numbers, at, marks), of_text] for at in range(len(numbers))]


def _terms(reading: Reading, numbers: Sequence[Found], at: int, marks: Mapping[int, str]) -> list[str]:
    folded, number = reading.folded, numbers[at]
    first, last = word_span(reading, number.start, number.end)
    terms = around(reading, first, last, marks)
    terms += [f"capital -{apart}" for apart in (1, 2, 3) if first >= apart and reading.words[first - apart].capital]
    terms += [f"before {sign!r}" for sign in folded[max(0, number.start - 2) : number.start] if sign in _OPENING]
    terms += [f"behind {sign!r}" for sign in folded[number.end : number.end + 2] if sign in _CLOSING]
    terms += [number.rule, f"number {min(_MOST, at + 1)}", f"quarter {4 * number.start // (len(folded) + 1)}"]
    if at == len(numbers) - 1:
        terms.append("last number")
    if len(folded) - number.end < _CLOSE:
        terms.append("close to the end")
    if said_of_another(folded, number.start, number.end):
        terms.append("said of another")
    if said_of_own(folded, number.start):
        terms.append("said of own")
    return terms
