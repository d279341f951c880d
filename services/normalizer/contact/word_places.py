"""Looks up where words of a rule stand in a text, so that nothing is asked of the words between."""

from collections.abc import Set as AbstractSet

from services.normalizer.reading import Reading


def places_of(reading: Reading, forms: AbstractSet[str]) -> list[int]:
    """The numbers of the words with one of these forms, in order."""
    if len(forms) > len(reading.forms):
        return [number for number, form in enumerate(reading.forms) if form in forms]
    begins = reading.begins
    return sorted([number for form in forms if form in begins for number in begins[form]])


def holds_any(reading: Reading, phrases: AbstractSet[str]) -> bool:
    """Whether one of these words, or pairs of words, stands in the text."""
    return not reading.begins.keys().isdisjoint(phrases)
