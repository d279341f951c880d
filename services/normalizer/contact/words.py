"""The words by which names and addresses are introduced: data of the lexicon, compiled."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ContactWords:
    """Family names with tones (keys) and folded.

    `stops` (folded) and `toned_stops` (keys) end a name written in small letters.
    """

    surname_keys: frozenset[str]
    surname_forms: frozenset[str]
    stops: frozenset[str]
    toned_stops: frozenset[str]
    street_names: frozenset[str]
