"""Learns from the labelled messages whose numbers and places are: which words around them speak for the sender."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from gateway.domain.hygiene import clean_text
from gateway.domain.province import Level, Province
from gateway.domain.vietnamese import fold
from services.normalizer.contact.number_signs import number_terms
from services.normalizer.contact.phone import find_phones
from services.normalizer.contact.place import Place
from services.normalizer.contact.place_signs import place_terms
from services.normalizer.contact.units import unit_meant
from services.normalizer.contact.whose import Whose
from services.normalizer.lexicon import Lexicon
from services.normalizer.rules.contact_items import items_in
from services.normalizer.trained import NO_WORDS, SCALE
from tests.judgement.evaluation.sets import LABELLED, Case, cases, matter_of
from tests.judgement.training.margin import Example, separated

SEEN = 2
"""Around how many numbers or places a term must stand to be learnt."""

LEAST = 5
"""Thousandths; what weighs less says nothing."""

OTHERS = 2.0
"""What a number of somebody else counts: there are few, and the sender is called on the one that is taken."""


@dataclass(frozen=True, slots=True)
class Owned:
    """A number or a place of a message: the set it is of, its terms, and whether it is the sender's own."""

    source: str
    text: str
    terms: tuple[str, ...]
    own: bool


@dataclass(frozen=True, slots=True)
class Owners:
    """Everything that is learnt from."""

    numbers: tuple[Owned, ...]
    places: tuple[Owned, ...]

    def without(self, texts: Collection[str]) -> "Owners":
        """All but those of some texts."""
        kept = (tuple(one for one in all_of if one.text not in texts) for all_of in (self.numbers, self.places))
        return Owners(*kept)


def every_owner(province: Province, lexicon: Lexicon) -> Owners:
    """The numbers and places of every labelled set, in the order of their texts.

    Where a place stands counts by the sender's number, so numbers are learnt first.
    """
    told = [(name, case) for name in (*LABELLED, "contact") for case in cases(name)]
    told.sort(key=lambda one: (str(one[1]["text"]), one[0]))
    numbers = tuple(one for name, case in told if "phone" in case for one in _numbers(name, case, lexicon))
    words = replace(lexicon, whose=Whose(_weights(_column(numbers, OTHERS), {})))
    placed = (one for one in told if _tells_of_place(one[1]))
    return Owners(numbers, tuple(one for name, case in placed for one in _places(name, case, province, words)))


def learnt_whose(owners: Owners) -> Whose:
    """The model of these examples; the same for the same examples in the same order."""
    return Whose(_weights(_column(owners.numbers, OTHERS), _column(owners.places)))


def owner_lines(owners: Owners) -> list[str]:
    """What the digest of them is made of."""
    return [f"{one.own}\t{' '.join(sorted(one.terms))}\n" for one in (*owners.numbers, *owners.places)]


def _numbers(source: str, case: Case, lexicon: Lexicon) -> Iterable[Owned]:
    reading = lexicon.read(clean_text(case["text"]))
    numbers = find_phones(reading.folded)
    for one, terms in zip(numbers, number_terms(reading, numbers), strict=True):
        yield Owned(source, case["text"], tuple(terms), one.value == case["phone"])


def _tells_of_place(case: Case) -> bool:
    """Whether its labels say which place is the sender's, or that an address is missing: then none is."""
    return ("commune" in case or "address" in case.get("missing", ())) and "known_contact" not in case


def _places(source: str, case: Case, province: Province, lexicon: Lexicon) -> Iterable[Owned]:
    reading = lexicon.read(clean_text(case["text"]))
    items = items_in(reading, province, lexicon)
    terms = place_terms(reading, items.places, items.contacts, lexicon.contact, name=items.name, phone=items.phone)
    wanted = fold(case.get("commune") or "")
    for place, each in zip(items.places, terms, strict=True):
        if place.communes:
            own = bool(wanted) and _name_of(place, case, province) == wanted
            yield Owned(source, case["text"], tuple(each), own)


def _name_of(place: Place, case: Case, province: Province) -> str | None:
    """The bare name of the commune that a place means."""
    day = matter_of(case).received
    unit = unit_meant(province.gazetteer, place.communes, place.districts, day, kind=place.kind)
    if unit is None or unit.level is not Level.COMMUNE:
        return None
    return next((fold(unit.name).removeprefix(kind) for kind in _KINDS if fold(unit.name).startswith(kind)), None)


_KINDS = ("xa ", "phuong ", "thi tran ")


def _column(owned: Sequence[Owned], others: float = 1.0) -> dict[str, int]:
    """Weights by term; `others` is what one counts that is not the sender's own."""
    seen = Counter(term for one in owned for term in set(one.terms))
    known = sorted(term for term, count in seen.items() if count >= SEEN)
    number = {term: at for at, term in enumerate(known)}
    examples = [
        Example(tuple(number[term] for term in sorted(set(one.terms)) if term in number), 1.0 if one.own else others)
        for one in owned
    ]
    weights, bias = separated(examples, [one.own for one in owned], len(known))
    column = {NO_WORDS: round(bias * SCALE)}
    column.update({term: round(weight * SCALE) for term, weight in zip(known, weights, strict=True)})
    return {term: weight for term, weight in column.items() if term == NO_WORDS or abs(weight) >= LEAST}


def _weights(numbers: dict[str, int], places: dict[str, int]) -> dict[str, tuple[int, int]]:
    return {term: (numbers.get(term, 0), places.get(term, 0)) for term in sorted({*numbers, *places})}
