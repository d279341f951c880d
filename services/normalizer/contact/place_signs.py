"""What speaks for and against a place's being where the sender lives, as terms that a model weighs."""

from collections.abc import Sequence

from services.normalizer.contact.claims import SIGNATURES, claim
from services.normalizer.contact.found import Found
from services.normalizer.contact.only_place import lives_beyond, only_place
from services.normalizer.contact.place import Place
from services.normalizer.contact.surroundings import NAME, PHONE, PLACE, around, marked
from services.normalizer.contact.words import ContactWords
from services.normalizer.reading import Reading

_MOST = 3
_APART = (6, 20, 60)
_CLOSE = 20
_OPENING = '(,:.-"\n'


def place_terms(
    reading: Reading,
    places: Sequence[Place],
    contacts: Sequence[tuple[int, int]],
    words: ContactWords,
    *,
    name: Found | None,
    phone: Found | None,
) -> list[list[str]]:
    """Terms of each place of a text: the words around it, how it is introduced, its parts, and how near the contact."""
    signed = name.end if name and name.rule in SIGNATURES else None
    only = only_place(reading, places, words, name=name, phone=phone)
    marks = {
        **{number: PLACE for place in places for number in range(place.first, place.last)},
        **marked(reading, PHONE, [phone] if phone else []),
        **marked(reading, NAME, [name] if name else []),
    }
    of_text = [
        f"{min(_MOST, len(places))} places",
        f"{min(_MOST, len({place.communes for place in places if place.communes}))} communes",
        f"name {name is not None}, phone {phone is not None}",
    ]
    if lives_beyond(reading, words, name, phone):
        of_text.append("lives beyond")
    found = []
    for number, place in enumerate(places):
        terms = around(reading, place.first, place.last, marks)
        terms += of_text
        terms += [f"part {part}" for part in place.parts]
        terms.append("parts " + "+".join(sorted(place.parts)))
        terms.append(f"place {min(_MOST, number + 1)}")
        if number == len(places) - 1:
            terms.append("last place")
        terms.append(f"claim {claim(reading, place, contacts, signed)}")
        terms += _beside("name", place, name) + _beside("phone", place, phone)
        before = reading.folded[max(0, place.start - 2) : place.start]
        terms += [f"before {sign!r}" for sign in before if sign in _OPENING]
        if len(reading.text) - place.end < _CLOSE:
            terms.append("close to the end")
        terms.append(f"quarter {4 * place.start // (len(reading.text) + 1)}")
        if place is only:
            terms.append("only")
        found.append(terms)
    return found


def _beside(what: str, place: Place, item: Found | None) -> list[str]:
    """On which side of the place the sender's name or number stands, and how far."""
    if item is None:
        return []
    behind = item.start >= place.end
    apart = item.start - place.end if behind else place.start - item.end
    return [f"{what} {'behind' if behind else 'before'} {sum(apart >= step for step in _APART)}"]
