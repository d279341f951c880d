"""The same matter again by the same account: likeness of two texts by the shingles they share."""

from itertools import pairwise

from gateway.domain.vietnamese import fold
from services.normalizer.lexicon import Lexicon
from services.normalizer.reading import read

_SHINGLE = 2
_MOST = 2_000


def same_matter(a_text: str, b_text: str) -> float:
    """Likeness of two texts, 0 to 1: shared pairs of words over those of the shorter and of the longer text.

    Numbers count as words: two different house numbers are two matters. Tones, case and punctuation do not count.
    """
    first, second = _shingles(a_text), _shingles(b_text)
    if not first or not second:
        return 1.0 if fold(a_text).strip() == fold(b_text).strip() and a_text.strip() else 0.0
    shared = len(first & second)
    jaccard = shared / len(first | second)
    contained = shared / min(len(first), len(second))
    weight = min(1.0, min(len(first), len(second)) / 6)
    return max(jaccard, contained * weight * 0.9)


def is_repetition(a_text: str, b_text: str, lexicon: Lexicon) -> bool:
    """Whether two texts of one account put the same matter, by the threshold of the lexicon."""
    return same_matter(a_text, b_text) >= lexicon.thresholds.repetition


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    forms = [word.form for word in read(text).words[:_MOST]]
    if len(forms) < _SHINGLE:
        return frozenset((form,) for form in forms)
    return frozenset(pairwise(forms))
