"""The words by which names and addresses are introduced: data of the lexicon, compiled."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ContactWords:
    """`surnames` as keys with tones and as folded forms; `stops` end a name written in lower case (folded)."""

    surname_keys: frozenset[str]
    surname_forms: frozenset[str]
    stops: frozenset[str]
    street_names: frozenset[str]
