"""Looks up where words of a rule stand in a text, so that nothing is asked of the words between."""

from collections.abc import Set as AbstractSet

from services.normalizer.reading import Reading


def places_of(reading: Reading, forms: AbstractSet[str]) -> list[int]:
    """The numbers of the words with one of these forms, in order."""
    return sorted([number for form in forms & reading.begins.keys() for number in reading.begins[form]])
