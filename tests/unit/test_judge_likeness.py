"""Likeness learns the same from texts in any order, and tells the field whose words a text has."""

from services.normalizer.likeness import Likeness
from services.normalizer.reading import read

TEXTS = [("lamp", "đèn hư"), ("lamp", "đèn tắt"), ("road", "đường lầy"), ("road", "đường hư nặng")]


def learnt(texts: list[tuple[str, str]]) -> Likeness:
    return Likeness.of([(field, read(text, {})) for field, text in texts])


def test_the_field_whose_words_a_text_has_is_likelier() -> None:
    votes = learnt(TEXTS).vote(read("đèn", {}), frozenset())
    assert votes["lamp"] > votes["road"]


def test_order_of_texts_does_not_matter() -> None:
    assert learnt(TEXTS) == learnt(TEXTS[::-1])
