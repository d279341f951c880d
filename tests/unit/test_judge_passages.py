"""What a long text tells in passing is heard: its passages are judged too, and their number is bounded."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.vocabulary import Label
from services.normalizer.judgement import Complaint
from services.normalizer.passages import passages_of
from services.normalizer.reading import read
from tests.judgement.judging import judged

LONGEST = 33
MOST = 60

TEXTS = st.lists(st.lists(st.sampled_from(["nhà", "em", "xe", "qua"]), min_size=1, max_size=50), max_size=70).map(
    lambda sentences: ". ".join(" ".join(words) for words in sentences)
)


@given(TEXTS)
def test_passages_are_short_overlap_and_are_bounded(text: str) -> None:
    words = read(text, {}).words
    passages = passages_of(words)
    assert len(passages) <= MOST
    assert all(0 <= first < last <= len(words) and last - first <= LONGEST for first, last in passages)
    starts = [first for first, _ in passages]
    assert starts == sorted(starts)
    if passages and len(passages) < MOST:
        assert {number for first, last in passages for number in range(first, last)} == set(range(len(words)))


def test_a_short_text_has_no_passages() -> None:
    assert passages_of(read("nhà em bị cúp điện từ sáng. mong điện lực xem giúp.", {}).words) == []


def test_an_emergency_told_in_passing_is_found() -> None:
    found = judged(
        "Kính gửi tổng đài, tôi là Nguyễn Văn Bình, ngụ ấp 4, xã Minh Lập, thị xã Chơn Thành, số máy 0912345678. "
        "Tháng trước tôi có phản ánh chuyện thu tiền rác sai hai kỳ, công ty có xin lỗi và hẹn trả lại vào kỳ sau. "
        "Nay tôi xin hỏi bao giờ thì nhận được, hồ sơ cần thêm giấy tờ gì không. "
        "Nhân tiện, từ nãy tới giờ ông cụ nhà bên nằm gục trước hiên, lay không dậy, thở khò khè, môi tím. "
        "Con cái cụ đi làm xa hết. Xin cảm ơn quý cơ quan."
    )
    assert found.emergency is Label.EMERGENCY_MEDICAL


def test_a_denunciation_without_the_word_is_not_sent_to_the_office_that_it_accuses() -> None:
    found = judged(
        "Ông phó chủ tịch xã cầm của nhà bên 50 triệu rồi ký cấp sổ trên phần đất của gia đình tôi, cán bộ địa chính "
        "sửa hồ sơ đo đạc để hợp thức hóa, đề nghị thanh tra làm rõ và xử lý."
    )
    assert found.complaint is not Complaint.NONE
    assert any(one.rule.startswith("legal_complaint.") for one in found.evidence)
