"""Folding gives one spelling for every way of writing Vietnamese and keeps each offset."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.vietnamese import fold

LETTERS = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"
VIETNAMESE = st.text(st.sampled_from(LETTERS + LETTERS.upper() + " .,0123456789"), max_size=60)


@given(st.text(max_size=60).map(lambda text: unicodedata.normalize("NFC", text)))
def test_every_offset_stays(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(VIETNAMESE)
def test_toned_toneless_and_upper_case_are_one(text: str) -> None:
    assert fold(text) == fold(text.upper()) == fold(fold(text))
    assert fold(text).isascii()


@given(VIETNAMESE)
def test_a_part_folds_as_it_does_in_the_whole(text: str) -> None:
    assert "".join(fold(sign) for sign in text) == fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Đường Hùng Vương", "duong hung vuong"), ("ĐẶNG THỊ Ỷ", "dang thi y"), ("Điện lực", "dien luc"), ("", "")],
)
def test_words_of_the_domain(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("text", ["ß", "İ", "ﬁ", "ǆ", "漢字", "👍🏽", "\u0301", "한국어"])
def test_what_is_not_vietnamese_keeps_its_place(text: str) -> None:
    assert len(fold(text)) == len(text)
