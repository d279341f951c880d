"""Điều 6.1: Vietnamese, or English for foreign citizens; another language only when it is certain."""

from schemas.vocabulary import Language
from services.normalizer.language.detector import weigh
from services.normalizer.lexicon import Lexicon


def language_of(text: str, lexicon: Lexicon, chosen: Language | None = None) -> Language | None:
    """The language of a text, None when unsure.

    The language of the page a citizen chose settles doubt between Vietnamese and English.
    """
    found = weigh(
        text,
        lexicon.tables,
        lexicon.spellings,
        least_words=int(lexicon.thresholds.language_least_words),
        least_margin=lexicon.thresholds.language_least_margin,
    ).language
    if found is None and chosen in (Language.VI, Language.EN):
        return chosen
    return found
