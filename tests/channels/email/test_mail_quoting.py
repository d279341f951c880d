"""What a citizen wrote is told apart from what is quoted, without losing a word to either side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.email_ingest.quoting import part_text
from tests.cpu_time import cpu_seconds

NEW = "Địa chỉ là số 12, ấp 4, xã Tân Lập ạ.\n\nTrân trọng,\nNguyễn Văn An\n0912 345 678"
OLD = "Tổng đài 1022 xin ông/bà bổ sung địa chỉ."

INTRODUCTIONS = (
    "Vào Th 4, 25 thg 11, 2026 vào lúc 09:15 Tổng đài 1022 <1022@hotline.example> đã viết:",
    "Vào Th 4, 25 thg 11, 2026 vào lúc 09:15 Tổng đài 1022 hỗ trợ công dân <\n1022@hotline.example> đã viết:",
    "Vào 09:15, Th 4, 25 thg 11, 2026 Tổng đài 1022 <1022@hotline.example> đã viết:",
    "Vào 25 thg 11, 2026, lúc 09:15, Tổng đài 1022 <1022@hotline.example> đã viết:",
    "Vào ngày 25 tháng 11 năm 2026 lúc 09:15, Tổng đài 1022 đã viết:",
    "Ngày 25/11/2026 lúc 09:15, Tổng đài 1022 đã viết:",
    "Vào 25/11/2026 09:15, Tổng đài 1022 viết:",
    "On Wed, Nov 25, 2026 at 9:15 AM Tong dai 1022 <1022@hotline.example> wrote:",
    "-----Original Message-----\nFrom: 1022@hotline.example\nSent: Wednesday, November 25, 2026 9:15 AM",
    "____________________\nTừ: Tổng đài <1022@hotline.example>\nĐã gửi: 25/11/2026 9:15\nĐến: An\nChủ đề: x",
    "Từ: Tổng đài <1022@hotline.example>\nNgày: 25/11/2026\nChủ đề: Phản ánh",
    "*Từ:* Tổng đài <1022@hotline.example>\n*Gửi:* 25/11/2026\n*Tới:* An\n*Tiêu đề:* x",
    "---------- Thư đã chuyển tiếp ---------\nTừ: Tổng đài <1022@hotline.example>\nNgày: 25/11/2026",
    "----- Thư gốc -----",
    "Bắt đầu thư được chuyển tiếp:",
    "From: Tong dai\nSent: 25/11/2026\nTo: An\nSubject: x",
    "From: 1022@hotline.example\n\nSent: 25/11/2026\n\nTo: An\n\nSubject: x",
)


def words(text: str) -> list[str]:
    return sorted(text.split())


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
@pytest.mark.parametrize("mark", ["", "> "])
def test_history_goes_to_the_other_side(introduction: str, mark: str) -> None:
    parted = part_text(f"{NEW}\n\n{introduction}\n\n{mark}{OLD}\n")
    assert parted.text == NEW
    assert parted.quoted == f"{introduction}\n\n{mark}{OLD}"


@pytest.mark.parametrize("introduction", INTRODUCTIONS[:8])
def test_an_answer_below_the_quotation_is_the_text(introduction: str) -> None:
    parted = part_text(f"{introduction}\n> {OLD}\n> {OLD}\n\n{NEW}\n")
    assert parted.text == NEW
    assert words(parted.quoted) == words(f"{introduction} > {OLD} > {OLD}")


@pytest.mark.parametrize("introduction", INTRODUCTIONS[-5:-2])
def test_what_is_only_forwarded_is_the_text(introduction: str) -> None:
    parted = part_text(f"{introduction}\n\n{OLD}\n")
    assert (parted.text, parted.quoted) == (OLD, introduction)


LETTERS = (
    "Ngày 25/11/2026 lúc 9:00 tôi đến UBND xã, cán bộ nói:\nKhông giải quyết.\nĐề nghị kiểm tra.",
    "Năm 2025 chủ đầu tư đã viết:\nSẽ đền bù trong tháng 6.\nĐến nay chưa có.",
    "Từ: đầu cầu số 3\nĐến: trường tiểu học\nĐường hư hỏng nặng, đề nghị sửa chữa.",
    "Người gửi: Nguyễn Văn An\nĐịa chỉ: ấp 4\nNội dung: mất nước ba ngày nay.",
    "Kính gửi UBND\n-----\nTôi xin phản ánh việc đổ rác.\n-----\nNgười dân ấp 4",
    "Gửi bằng chứng kèm theo: ba tấm ảnh chụp lúc 9:15.\nXin xử lý sớm.",
    "Được gửi từ năm 2020 đến nay đơn vẫn chưa được trả lời.",
    "1) Đường hư\n2) Mất điện > 3 ngày\nTrân trọng",
    "Gửi từ iPhone bị mất cắp của tôi là tin nhắn lừa đảo.\nKẻ gian lừa nhiều người.\nMột\nHai\nBa\nBốn",
    "Từ: UBND xã Tân Lập\nNgày: 25/11/2026\nĐến: Tổng đài 1022\nChủ đề: Mất nước\nĐề nghị sửa chữa.",
    "Lúc 08:30 tổ trưởng đã viết:\nMai có nước.\nNhưng vẫn mất nước.",
)


@pytest.mark.parametrize("letter", LETTERS)
def test_a_letter_that_only_looks_so_is_not_cut(letter: str) -> None:
    assert part_text(letter).text == letter


@pytest.mark.parametrize(
    "ending",
    [
        "-- \nNguyễn Văn An\nTrưởng phòng\nĐT: 0912 345 678",
        "--\nAn",
        "Gửi từ iPhone của tôi",
        "Đã gửi từ điện thoại Samsung Galaxy của tôi",
        "Tải Outlook cho Android",
        "Sent from my iPhone",
        "Gửi từ Thư dành cho Windows",
        "_________________\nNguyễn Văn An",
    ],
)
def test_signatures_and_devices_go_to_the_other_side(ending: str) -> None:
    parted = part_text(f"{NEW}\n\n{ending}\n")
    assert (parted.text, parted.quoted, parted.signature) == (NEW, ending, ending)


def test_a_closing_with_name_and_phone_stays_because_it_is_the_contact() -> None:
    assert part_text(f"{NEW}\n").text == NEW


def test_an_answer_between_the_questions_keeps_them() -> None:
    text = "> Ở đâu?\n\nẤp 4.\n\n> Khi nào?\n\nHôm qua."
    assert part_text(text).text == text


def test_an_answer_right_below_each_question_is_kept() -> None:
    answers = "> Ở đâu?\nẤp 4.\n> Khi nào?\nHôm qua."
    parted = part_text(f"Vào 25/11/2026 09:15, Tổng đài 1022 <1022@hotline.example> viết:\n{answers}")
    assert "Ấp 4." in parted.text
    assert "Hôm qua." in parted.text


def test_a_quoted_line_that_a_program_broke_stays_whole() -> None:
    quotation = f"> {'chữ ' * 18}\ndài\n> tiếp"
    parted = part_text(f"Ấp 4.\n\nVào 25/11/2026 09:15, Tổng đài 1022 <1022@hotline.example> viết:\n{quotation}")
    assert parted.text == "Ấp 4."


def test_a_long_text_under_two_dashes_is_no_signature() -> None:
    text = "Mở đầu\n--\n" + "\n".join(f"Dòng {number}" for number in range(20))
    assert part_text(text).text == text


PIECES = (NEW, OLD, *INTRODUCTIONS, *LETTERS, f"> {OLD}", ">", "", "", "--", "-- ", "____________", "An> x", "***")
mails = st.lists(st.sampled_from(PIECES) | st.text(max_size=30), max_size=15).map("\n".join)


@given(mails)
def test_both_sides_together_are_the_original(text: str) -> None:
    parted = part_text(text)
    assert words(f"{parted.text}\n{parted.quoted}") == words(text)


@given(mails)
def test_each_side_keeps_its_order(text: str) -> None:
    parted = part_text(text)
    for side in (parted.text, parted.quoted):
        rest = iter(text.split("\n"))
        assert all(any(line == one for one in rest) for line in side.split("\n") if line)


@pytest.mark.parametrize(
    "unit", ["a@b wrote:\n", "-- \n", "> a\n\n", "From: a@b\n", "On 1.1.2020 10:00 a@b wrote:\n> x\nt\n", "____\n"]
)
def test_no_text_takes_more_than_its_length_in_time(unit: str) -> None:
    text = unit * 10_000
    assert cpu_seconds(lambda: part_text(text), bound=5.0) < 5.0
