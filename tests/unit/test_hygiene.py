"""Citizen text comes out bounded, normal and without invisible traps, and otherwise as it was written."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.hygiene import MAX_MARKS, MAX_TEXT, clean_line, clean_text
from tests.cpu_time import cpu_seconds

ANY_TEXT = st.text(st.characters(), max_size=300)


@given(ANY_TEXT)
def test_what_comes_out_is_safe_whatever_went_in(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode("utf-8")
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not any(unicodedata.category(sign) == "Cc" and sign not in "\t\n" for sign in cleaned)
    assert not set(cleaned) & set("\u202a\u202e\u2066\u2069\u200e\u200f\u200b\ufeff")


@given(ANY_TEXT)
def test_cleaning_again_changes_nothing(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@given(ANY_TEXT, st.integers(0, 50))
def test_the_bound_holds(text: str, limit: int) -> None:
    assert len(clean_text(text, limit=limit)) <= limit
    assert len(clean_line(text, limit=limit)) <= limit


@pytest.mark.parametrize(
    "text",
    [
        "Đèn đường trước số 12 Hùng Vương không sáng!",
        "dòng một\n\tdòng hai",
        "👍🏽 cảm ơn",
        "Gia đình 👨‍👩‍👧 tôi",
        "mất nc 3 hôm r ko ai lm j",
    ],
)
def test_ordinary_text_stays_as_it_was_written(text: str) -> None:
    assert clean_text(text) == text


def test_decomposed_vietnamese_becomes_one_spelling() -> None:
    word = "Nguyễn Thị Đường"
    assert clean_text(unicodedata.normalize("NFD", word)) == word


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\x00b\x07c\x1b[31m", "abc[31m"),
        ("abc\u202edcba", "abcdcba"),
        ("mật\u200bkhẩu", "mậtkhẩu"),
        ("a\ud800b", "a\ufffdb"),
        ("a\U000e0041\U000e007fb", "ab"),
    ],
)
def test_traps_are_taken_out(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


def test_a_line_is_one_line() -> None:
    assert clean_line("  Nguyễn\tVăn \n  A\u00a0 ") == "Nguyễn Văn A"


def test_a_tower_of_marks_is_cut_and_takes_no_time() -> None:
    text = "a" + "\u0301\u0323" * 400_000
    assert cpu_seconds(lambda: clean_text(text), bound=1.0) < 1.0
    assert len(clean_text(text)) <= MAX_MARKS + 1


def test_the_longest_text_takes_no_time() -> None:
    text = "ậ\u0301" * 10_000_000
    assert cpu_seconds(lambda: clean_text(text), bound=2.0) < 2.0
    assert len(clean_text(text)) <= MAX_TEXT
