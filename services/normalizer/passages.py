"""Cuts a long text into passages: what is told in passing has few words among many."""

from collections.abc import Iterator, Sequence
from itertools import islice

from services.normalizer.reading import Word

WORDS = 22
"""A passage is whole sentences of together no more words than this, or a part of a longer one."""

_SHORT = 26
"""A text of no more words has no passages."""

_LONG_SENTENCE = 33
"""A sentence of more words is cut into parts."""

_STEP = 8
"""How far the parts of a sentence lie apart."""

_MOST = 60
"""Passages that are looked at; it bounds the work on hostile text."""

Passage = tuple[int, int]
"""Numbers of its first word, and of the one behind its last."""


def passages_of(words: Sequence[Word]) -> list[Passage]:
    """Passages from each sentence on, in order; they overlap, so that what belongs together is in one of them."""
    if len(words) <= _SHORT:
        return []
    return list(islice(_passages(_sentences(words), len(words)), _MOST))


def _passages(starts: Sequence[int], end: int) -> Iterator[Passage]:
    bounds = [*starts, end]
    for number, start in enumerate(starts):
        stop = bounds[number + 1]
        for further in bounds[number + 2 :]:
            if further - start > WORDS:
                break
            stop = further
        if stop - start > _LONG_SENTENCE:
            yield from ((at, at + WORDS) for at in range(start, stop - WORDS, _STEP))
            yield stop - WORDS, stop
        else:
            yield start, stop


def _sentences(words: Sequence[Word]) -> list[int]:
    """Numbers of the words that begin a sentence."""
    return [at for at, word in enumerate(words) if at == 0 or words[at - 1].sentence != word.sentence]
