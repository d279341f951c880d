"""Finds the place where the sender most likely lives, where the text does not introduce one as his address."""

from collections.abc import Sequence

from services.normalizer.contact.found import Found
from services.normalizer.contact.only_place import lives_elsewhere, on_street
from services.normalizer.contact.place import Place
from services.normalizer.contact.place_signs import place_terms
from services.normalizer.contact.whose import Whose
from services.normalizer.contact.words import ContactWords
from services.normalizer.reading import Reading

_LIKELY, _LIKELY_OF_STRANGERS = 0.1, 0.3
"""The leads from which on a place is taken, of who gives name and number and of who does not and is asked anyway.

Chosen by leaving out one labelled set after the other.
"""


def likely_place(
    reading: Reading,
    places: Sequence[Place],
    contacts: Sequence[tuple[int, int]],
    words: ContactWords,
    whose: Whose,
    *,
    name: Found | None,
    phone: Found | None,
) -> Place | None:
    """The place of a known commune that sounds most like where the sender lives, if one does."""
    if not any(place.communes for place in places) or lives_elsewhere(reading):
        return None
    terms = place_terms(reading, places, contacts, words, name=name, phone=phone)
    enough = _LIKELY if name and phone else _LIKELY_OF_STRANGERS
    leads = [
        (lead, place)
        for each, place in zip(terms, places, strict=True)
        if place.communes and not on_street(place) and (lead := whose.place(each)) > enough
    ]
    return max(leads, key=lambda one: (one[0], -one[1].start))[1] if leads else None
