"""The words by which names and addresses are introduced: data of the lexicon, compiled."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ContactWords:
    """Family names with tones (keys) and folded; `rare_surnames` are keys of those that are commoner as other words.

    `stops` (folded) and `toned_stops` (keys) end a name written in small letters; `no_names` are pairs of forms that begin no name, `by_names` the forms of `Hai`, `Út`;
    `no_given_keys` and, where tones are left out,
    `no_given_forms` are no given names though
    they begin a sentence beside a phone.
    """

    surname_keys: frozenset[str]
    surname_forms: frozenset[str]
    rare_surnames: frozenset[str]
    stops: frozenset[str]
    toned_stops: frozenset[str]
    street_names: frozenset[str]
    no_names: frozenset[tuple[str, str]]
    by_names: frozenset[str]
    no_given_keys: frozenset[str]
    no_given_forms: frozenset[str]
