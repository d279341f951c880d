"""A long reply is cut where a reader pauses: nothing lost, nothing too long, no code and no address cut in two."""

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.domain.splitting import split_text, units

CODE = "CYJ8-JYYT-TK3Q"
URL = "https://1022.example.gov.vn/tra-cuu?ma=CYJ8-JYYT-TK3Q"
WORDS = st.sampled_from(["Kính", "gửi", "Ông/Bà,", "đã", "xong.", "Vì sao?", "🙂", CODE, URL, "\n", "\n\n", "a" * 30])
TEXTS = st.lists(WORDS, max_size=60).map(" ".join)
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def without_space(text: str) -> str:
    return re.sub(r"\s", "", text)


@UNHURRIED
@given(TEXTS, st.integers(60, 400))
def test_nothing_is_lost_or_too_long_and_no_word_is_cut(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert len(parts) >= 1
    assert all(units(part) <= limit for part in parts)
    assert without_space("".join(parts)) == without_space(text)
    assert [word for part in parts for word in part.split()] == text.split()


@UNHURRIED
@given(st.text(max_size=300), st.integers(2, 40))
def test_any_text_fits_any_limit(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert all(units(part) <= limit for part in parts)
    assert without_space("".join(parts)) == without_space(text)
    assert len(parts) == 1 or all(parts)


def test_a_sentence_stays_whole_where_it_can() -> None:
    first = "Phản ánh của Ông/Bà đã được chuyển đến Ủy ban nhân dân phường Bình Phước."
    second = "Xin Ông/Bà gọi 1022 nếu chưa rõ."
    assert split_text(f"{first} {second}", len(first) + 10) == [first, second]
    assert split_text(f"{first}\n{second}", len(first) + 10) == [first, second]


def test_a_short_text_is_one_message() -> None:
    assert split_text("Cảm ơn Ông/Bà.", 2000) == ["Cảm ơn Ông/Bà."]
    assert split_text("a" * 2000, 2000) == ["a" * 2000]
    assert split_text("🙂" * 1000, 2000) == ["🙂" * 1000]
    assert split_text("🙂" * 1001, 2000) == ["🙂" * 1000, "🙂"]
