"""Điều 17.2: obscene or insulting words are flagged for a person's judgement; they never change an outcome."""

from services.normalizer.lexicon import Lexicon
from services.normalizer.phrases import Hit
from services.normalizer.reading import Reading


def insults_in(reading: Reading, lexicon: Lexicon) -> list[Hit]:
    """Insulting phrases; innocent phrases that are made of the same words or of more win."""
    found = lexicon.conduct.find(reading)
    innocent = {hit.first for hit in found if hit.phrase.tag == "innocent"}
    return [hit for hit in found if hit.phrase.tag == "insult" and hit.first not in innocent]


def masked_insults_in(reading: Reading, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Spans of insults written with dots, stars or as abbreviations."""
    return [match.span() for pattern in lexicon.masked_insults for match in pattern.finditer(reading.folded)][:10]
