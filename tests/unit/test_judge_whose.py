"""Whose a number or a place is, is told by what stands around it, as a model of the committed examples weighs it."""

from pathlib import Path

import pytest

from services.normalizer.contact.found import Found
from services.normalizer.contact.number_signs import number_terms
from services.normalizer.contact.phone import find_phones
from services.normalizer.contact.surroundings import PHONE, around, marked
from services.normalizer.contact.whose import Whose, load_whose, write_whose
from services.normalizer.lexicon import WHOSE
from services.normalizer.reading import read
from services.normalizer.trained_file import learnt_from
from tests.judgement.judging import FOLDER, judged, lexicon, province
from tests.judgement.training.examples import digest
from tests.judgement.training.whose import Owned, Owners, every_owner, learnt_whose, owner_lines

MODEL = FOLDER / "lexicon" / WHOSE


def owned(terms: str, *, own: bool) -> Owned:
    return Owned("any", terms, tuple(terms.split()), own)


@pytest.fixture(scope="module")
def small() -> Whose:
    numbers = (owned("call me", own=True), owned("his shop", own=False)) * 4
    return learnt_whose(Owners(numbers, (owned("we live", own=True), owned("near the market", own=False)) * 4))


def test_model_was_trained_on_the_committed_examples() -> None:
    examples = owner_lines(every_owner(province(), lexicon()))
    assert learnt_from(MODEL) == digest(examples), "train it: python -m tests.judgement.training"


def test_it_learns_whose_numbers_and_places_are(small: Whose) -> None:
    assert small.number(["me"]) > 0 > small.number(["shop"])
    assert small.place(["live"]) > 0 > small.place(["market"])
    assert small.number(["live"]) == small.number([])


def test_it_is_read_as_it_was_written(tmp_path: Path, small: Whose) -> None:
    path = tmp_path / WHOSE
    write_whose(path, small, "examples")
    written = path.read_bytes()
    write_whose(path, load_whose(path), "examples")
    assert load_whose(path) == small
    assert path.read_bytes() == written


def test_words_around_are_told_up_to_the_end_of_their_sentence() -> None:
    reading = read("Nước yếu. Gọi tôi 0912345678 nhé. Cảm ơn", {})
    number = find_phones(reading.folded)
    assert around(reading, 4, 5, marked(reading, PHONE, number)) == [
        "-toi", "-1 toi", "-goi", "-2 goi", "-goi toi", "-|2", "+nhe", "+1 nhe", "+|1",
    ]  # fmt: skip


def test_a_number_in_the_part_of_a_text_that_is_not_read_has_no_surroundings() -> None:
    reading = read("nước " * 1900 + "0912345678" + " yếu" * 400, {})
    numbers = find_phones(reading.folded)
    (terms,) = number_terms(reading, numbers)
    assert not [term for term in terms if term[0] in "-+"]


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("Xe ben trên thùng sơn số 0912345678 chạy nát đường ấp 5 xã Tân Lập", None),
        ("Cho hỏi giá nước năm nay bao nhiêu, gọi tổng đài 0271 3888 101 không ai nghe", None),
        ("Đèn đường hư, có gì gọi em 0912345678", "+84912345678"),
        ("Nước yếu cả tuần. Trần Văn Tám 0912345678", "+84912345678"),
        ("Tôi gọi thợ điện 0912345678 mà không ai bắt máy. Số tôi 0987654321", "+84987654321"),
        ("em bị số 0912345678 nhắn tin đòi nợ hoài, sđt em 0987654321 ạ", "+84987654321"),
        ("Cửa hàng 0912345678 bán phân giả cho tôi, Lê Văn Bảy, ấp 2 xã Tân Lập, 0987654321", "+84987654321"),
        ("tui ko có đt, nhắn qua cửa hàng kế nhà số 0912345678 giùm, đèn đường hư", "+84912345678"),
    ],
)
def test_a_number_is_the_senders_by_what_stands_around_it(text: str, phone: str | None) -> None:
    assert judged(text).contact.phone == phone


def test_numbers_of_others_are_found_all_the_same() -> None:
    found: list[Found] = find_phones("chu quan 0912345678, so em 0987654321")
    assert [one.value for one in found] == ["+84912345678", "+84987654321"]
