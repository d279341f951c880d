"""Điều 6.3: name, contact address, phone, and e-mail if there is one; what the channel or earlier messages gave counts."""  # noqa: E501 - one sentence

from dataclasses import dataclass

from gateway.domain.province import Province, Unit
from schemas.inbound import Contact
from schemas.judgement import Evidence
from schemas.vocabulary import ContactItem
from services.normalizer.contact.address import Places, tell_apart
from services.normalizer.contact.found import Found
from services.normalizer.contact.phone import normal_phone
from services.normalizer.contact.place import Place, PlaceFinder
from services.normalizer.contact.units import index_of, unit_meant
from services.normalizer.judgement import Matter
from services.normalizer.lexicon import Lexicon
from services.normalizer.reading import Reading
from services.normalizer.rules.contact_items import items_in

_OF_MATTER_TOO = ("contact.address.only", "contact.address.likely")
"""Of an address that is first of all the place of the matter: its words belong to the matter still."""


@dataclass(frozen=True, slots=True)
class ContactFound:
    """The contact as far as it is known, where the matter is, and the spans that only say who writes."""

    contact: Contact
    place: str | None
    unit: Unit | None
    evidence: tuple[Evidence, ...]
    spans: tuple[tuple[int, int], ...]


def contact_of(reading: Reading, matter: Matter, province: Province, lexicon: Lexicon) -> ContactFound:
    """Read the contact from the text; fields and what the channel vouches for go first, earlier contact last."""
    items = items_in(reading, province, lexicon)
    name, phone, email = items.name, items.phone, items.email
    told = tell_apart(reading, items.places, items.contacts, lexicon.contact, lexicon.whose, name=name, phone=phone)
    given = matter.contact
    known = matter.known_contact or Contact()
    contact = Contact(
        name=given.name or _value(name) or known.name,
        phone=_phone(given.phone) or _value(phone) or _phone(known.phone),
        email=given.email or _value(email) or known.email,
        address=given.address or _value(told.address) or known.address,
    )
    found = tuple(one for one in (name, phone, email, told.address) if one)
    unit = _unit(told, given.address or known.address, matter, province, lexicon)
    evidence = tuple(
        Evidence(
            text=reading.text[one.start : one.end][:500],
            start=one.start,
            end=min(one.end, one.start + 500),
            rule=one.rule,
        )
        for one in found
    )
    return ContactFound(
        contact,
        matter.place or told.matter_text,
        unit,
        evidence,
        tuple((one.start, one.end) for one in found if one.rule not in _OF_MATTER_TOO)
        + tuple((one.start, one.end) for one in items.numbers),
    )


def missing_items(contact: Contact) -> tuple[ContactItem, ...]:
    """What Điều 6.3 still asks for; an e-mail address is never asked for."""
    asked = (
        (ContactItem.NAME, contact.name),
        (ContactItem.PHONE, contact.phone),
        (ContactItem.ADDRESS, contact.address),
    )
    return tuple(item for item, value in asked if not value)


def _value(found: Found | None) -> str | None:
    return found.value[:500] if found else None


def _phone(given: str | None) -> str | None:
    """A number that was given, as E.164 when it can be understood; else as it is, for a person to read."""
    if not given or not given.strip():
        return None
    return normal_phone(given) or given.strip()[:40]


def _unit(told: Places, given: str | None, matter: Matter, province: Province, lexicon: Lexicon) -> Unit | None:
    """The unit of the matter's place, else of the contact address, else of the address given in a field."""
    for place in (told.matter, told.address_place):
        unit = _meant(place, matter, province)
        if unit:
            return unit
    for text in (matter.place, given):
        if text:
            unit = _unit_in(text, matter, province, lexicon)
            if unit:
                return unit
    return None


def _unit_in(text: str, matter: Matter, province: Province, lexicon: Lexicon) -> Unit | None:
    reading = lexicon.read(text[:500])
    finder = PlaceFinder(reading, index_of(province.gazetteer).find(reading), frozenset())
    return next((unit for place in finder.places() if (unit := _meant(place, matter, province))), None)


def _meant(place: Place | None, matter: Matter, province: Province) -> Unit | None:
    if place is None or not (place.communes or place.districts):
        return None
    return unit_meant(province.gazetteer, place.communes, place.districts, matter.received, kind=place.kind)
