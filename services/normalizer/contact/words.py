"""The words by which names and addresses are introduced: data of the lexicon, compiled."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ContactWords:
    """Words of names, as keys (with tones) or forms (folded); what for is said in the lexicon's file.

    `rare_surnames` are keys, `common_forms` forms of the family names that count in small letters too; `no_names` are
    pairs of forms and `elsewhere` runs of them; `stops`, `by_names` and `no_given_forms` are forms; the names with
    `keys` hold where tones are written. `beyond` finds a place of `elsewhere` in a folded text.
    """

    surname_keys: frozenset[str]
    surname_forms: frozenset[str]
    rare_surnames: frozenset[str]
    common_forms: frozenset[str]
    stops: frozenset[str]
    toned_stops: frozenset[str]
    street_names: frozenset[str]
    no_names: frozenset[tuple[str, str]]
    elsewhere: frozenset[tuple[str, ...]]
    beyond: re.Pattern[str]
    by_names: frozenset[str]
    no_given_keys: frozenset[str]
    no_given_forms: frozenset[str]
