"""A long reply becomes messages that Facebook takes, cut where a reader would pause."""

from hypothesis import given
from hypothesis import strategies as st

from services.facebook_ingest.split import LIMIT, split

SENTENCE = "Phản ánh của Ông/Bà đã được chuyển đến cơ quan có thẩm quyền để xem xét. "


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def test_a_short_text_stays_one_message() -> None:
    assert split("Kính gửi Ông/Bà") == ["Kính gửi Ông/Bà"]
    assert split("") == [""]


def test_it_is_cut_behind_a_sentence() -> None:
    parts = split(SENTENCE * 60)
    assert len(parts) > 2
    assert all(part.endswith(".") for part in parts)
    assert " ".join(parts) == (SENTENCE * 60).strip()


def test_a_paragraph_is_a_better_place_than_a_sentence() -> None:
    first = SENTENCE * 20
    assert split(f"{first}\n\n{SENTENCE * 20}")[0] == first.strip()


def test_signs_outside_the_basic_plane_count_twice() -> None:
    parts = split("😀" * LIMIT)
    assert [units(part) for part in parts] == [LIMIT, LIMIT]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400), st.integers(20, 60))
def test_nothing_but_blanks_is_lost_and_nothing_is_too_long(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
