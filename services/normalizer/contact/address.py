"""Tells the sender's contact address from the place of the matter, among the places that a text names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.domain.vietnamese import fold
from services.normalizer.contact.claims import ORDER, PLACE_OF_MATTER, SIGNATURES, claim
from services.normalizer.contact.found import Found
from services.normalizer.contact.likely_place import likely_place
from services.normalizer.contact.only_place import lives_beyond, only_place
from services.normalizer.contact.place import Place
from services.normalizer.contact.place_again import now_in, said_again, was_left
from services.normalizer.contact.whose import Whose
from services.normalizer.contact.words import ContactWords
from services.normalizer.reading import Reading

_TAIL = 16
_NEAR = 2
"""Detail of a place that leads to a commune or hamlet."""


@dataclass(frozen=True, slots=True)
class Places:
    """The contact address, as found text and as place, and the place of the matter."""

    address: Found | None
    address_place: Place | None
    matter: Place | None
    matter_text: str | None


def tell_apart(
    reading: Reading,
    places: Sequence[Place],
    contacts: Sequence[tuple[int, int]],
    words: ContactWords,
    whose: Whose,
    *,
    name: Found | None = None,
    phone: Found | None = None,
) -> Places:
    """Choose the contact address; what is left first is the place of the matter.

    `contacts` are the spans of names, numbers and e-mail addresses, `name` and `phone` the sender's own.

    An address is introduced ("địa chỉ", "tôi ở", "nhà em ở"), stands in a block with the sender's name or phone, or is
    all that a line says.
    A place without any of these is where the matter is: then the address is asked for, unless the text gives the
    sender's name and number, or either and a hamlet or house, and no other place; or unless what stands around it says
    that he lives there, as `whose` has learnt. One place may be both ("nhà em ở ấp 3 xã Tân Hưng mất điện"): it is the
    address, and the locality of the matter as well.
    """
    chosen = _introduced(reading, places, contacts, name)
    said = None if chosen else _labelled(reading)
    if chosen is None and said is None:
        only = only_place(reading, places, words, name=name, phone=phone)
        likely = only or likely_place(reading, places, contacts, words, whose, name=name, phone=phone)
        chosen = ("only" if only else "likely", likely) if likely else None
    if chosen is None:
        matter = _matter(reading, places, None)
        return Places(said, None, matter, _shown(reading, matter))
    rule, place = chosen
    beyond = not place.has_unit and lives_beyond(reading, words, name, phone)
    return _told(reading, places, words, place, rule, complete=not beyond)


def _introduced(
    reading: Reading, places: Sequence[Place], contacts: Sequence[tuple[int, int]], name: Found | None
) -> tuple[str, Place] | None:
    """The place that is introduced as the address, and how; that of a known commune goes first."""
    signed = name.end if name and name.rule in SIGNATURES else None
    scored = [(claim(reading, place, contacts, signed), place) for place in places]
    claimed = [
        (rule, place) for rule, place in scored if rule and (place.detail >= _NEAR or rule in ("label", "registered"))
    ]
    return min(
        claimed,
        key=lambda one: (not one[1].communes, not one[1].has_unit, ORDER.index(one[0]), -one[1].detail, one[1].start),
        default=None,
    )


def _told(
    reading: Reading, places: Sequence[Place], words: ContactWords, place: Place, rule: str, *, complete: bool
) -> Places:
    """The address with what the text says of it elsewhere."""
    later = now_in(reading, places, place)
    if later is not None and was_left(reading, place):
        place, later = later, None
    end = later.end if later else place.end
    shown = _trim(reading.text[place.start : end])
    again = said_again(places, place) if complete and later is None else None
    if again is not None:
        commune = _trim(reading.text[again.start : again.end])
        shown = commune if fold(shown) in fold(commune) else f"{shown}, {commune}"
    if words.beyond.search(reading.folded[max(0, end - _TAIL) : end + _TAIL]):
        place = replace(place, communes=(), districts=())  # A namesake in another province.
    address = Found(shown, place.start, end, f"contact.address.{rule}")
    matter = _matter(reading, places, address)
    return Places(address, later or again or place, matter, _shown(reading, matter))


_FREE = re.compile(r"(?:^|\n)\s{0,3}(?:dia chi[^:\n]{0,24}|d/c|address)\s{0,2}[:=]\s{0,2}([^\n]{6,200})")


def _labelled(reading: Reading) -> Found | None:
    """A labelled address that could not be read: it is kept as the citizen wrote it."""
    match = _FREE.search(reading.folded) if ":" in reading.folded or "=" in reading.folded else None
    if match is None or not any(sign.isalpha() for sign in match[1]):
        return None
    return Found(
        _trim(reading.text[match.start(1) : match.end(1)]), match.start(1), match.end(1), "contact.address.label"
    )


def _matter(reading: Reading, places: Sequence[Place], address: Found | None) -> Place | None:
    others = [place for place in places if address is None or not address.start <= place.start < address.end]
    pointed = [
        place for place in others if PLACE_OF_MATTER.search(reading.folded[max(0, place.start - 20) : place.start])
    ]
    if pointed:
        return pointed[0]
    return others[0] if others else None


def _shown(reading: Reading, place: Place | None) -> str | None:
    return _trim(reading.text[place.start : place.end]) if place else None


def _trim(text: str) -> str:
    return " ".join(text.split()).strip(" ,.;:-–()")[:500]
