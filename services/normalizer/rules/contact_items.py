"""Finds in a text the sender's name, number and e-mail address, and every place, before it is told whose places are."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter

from gateway.domain.province import Province
from services.normalizer.contact.email import own_email
from services.normalizer.contact.found import Found
from services.normalizer.contact.name import own_name
from services.normalizer.contact.number_signs import number_terms
from services.normalizer.contact.phone import find_phones, has_none, own_phone
from services.normalizer.contact.place import Place, PlaceFinder
from services.normalizer.contact.signature import name_words
from services.normalizer.contact.units import index_of
from services.normalizer.contact.whose import Whose
from services.normalizer.lexicon import Lexicon
from services.normalizer.reading import Reading


@dataclass(frozen=True, slots=True)
class Items:
    """What was found; `numbers` are the sender's own, `contacts` the spans of name, numbers and e-mail address."""

    name: Found | None
    phone: Found | None
    email: Found | None
    numbers: tuple[Found, ...]
    places: tuple[Place, ...]
    contacts: tuple[tuple[int, int], ...]


def items_in(reading: Reading, province: Province, lexicon: Lexicon) -> Items:
    """Find the sender's name, number and e-mail address, and every place."""
    numbers = _own_numbers(reading, find_phones(reading.folded), lexicon.whose)
    phone = own_phone(reading.folded, numbers)
    email = own_email(reading.text)
    firm = [(one.start, one.end) for one in (*numbers, *([email] if email else []))]
    names = index_of(province.gazetteer).find(reading)
    persons = name_words(reading, lexicon.contact, names)
    first = PlaceFinder(reading, names, persons | _taken(reading, firm)).places()
    name = own_name(reading, lexicon.contact, firm, [(place.start, place.end) for place in first if place.detail > 1])
    spans = [*firm, *([(name.start, name.end)] if name else [])]
    places = first
    if name and not _stands_apart(reading, name, persons, first):
        places = PlaceFinder(reading, names, _taken(reading, spans)).places()
    return Items(name, phone, email, tuple(numbers), tuple(places), tuple(spans))


def _own_numbers(reading: Reading, numbers: Sequence[Found], whose: Whose) -> Sequence[Found]:
    """The numbers that reach the sender: his own, or any where he has none."""
    if has_none(reading.folded):
        return numbers
    terms = number_terms(reading, numbers)
    return [one for one, each in zip(numbers, terms, strict=True) if whose.number(each) > 0]


def _stands_apart(reading: Reading, name: Found, persons: Collection[int], places: Sequence[Place]) -> bool:
    """Whether knowing the name changes no place: it has capitals, lies in none, and nobody else was thought named."""
    words = reading.words
    if not name.value[:1].isupper() or not reading.text[name.start].isupper():
        return False
    if any(not name.start <= words[number].start < name.end for number in persons):
        return False
    return all(place.end <= name.start or name.end <= place.start for place in places)


def _taken(reading: Reading, spans: list[tuple[int, int]]) -> AbstractSet[int]:
    """The numbers of the words that begin within one of the spans."""
    runs = (range(_first_from(reading, left), _first_from(reading, right)) for left, right in spans)
    return frozenset(chain.from_iterable(runs))


def _first_from(reading: Reading, start: int) -> int:
    """The number of the first word that begins there or later."""
    return bisect_left(reading.words, start, key=attrgetter("start"))
