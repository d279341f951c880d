"""Điều 17.2: obscene or insulting words are flagged for a person's judgement; they never change an outcome."""

from services.normalizer.lexicon import Lexicon
from services.normalizer.phrases import Hit
from services.normalizer.reading import Reading


def insults_in(reading: Reading, lexicon: Lexicon) -> list[Hit]:
    """Insulting phrases; innocent phrases that contain such words are longer and win."""
    return [hit for hit in lexicon.conduct.find(reading) if hit.phrase.tag == "insult"]


def masked_insults_in(reading: Reading, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Spans of insults written with dots, stars or as abbreviations."""
    return [match.span() for pattern in lexicon.masked_insults for match in pattern.finditer(reading.folded)][:10]
