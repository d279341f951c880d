"""Likeness goes by tones where they are written, and learns the same from texts in any order."""

import pytest

from services.normalizer.likeness import Likeness, terms_of
from services.normalizer.reading import read

TEXTS = [("fire", "cháy quá"), ("fire", "nhà cháy"), ("ordinary", "xe chạy"), ("ordinary", "chạy quá nhanh")]


def learnt(texts: list[tuple[str, str]]) -> Likeness:
    return Likeness.of([(field, terms_of(read(text, {}))) for field, text in texts])


@pytest.mark.parametrize(("text", "likelier"), [("cháy", "fire"), ("chạy", "ordinary")])
def test_tones_tell_words_apart_that_are_written_alike_without(text: str, likelier: str) -> None:
    votes = learnt(TEXTS).vote(read(text, {}), frozenset())
    assert max(votes, key=lambda field: votes[field]) == likelier
    assert len(set(votes.values())) > 1


def test_order_of_texts_does_not_matter() -> None:
    assert learnt(TEXTS) == learnt(TEXTS[::-1])
