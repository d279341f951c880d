"""The conduct rule: what insults by itself, by its place or its company, and what takes an insult back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.normalizer.rules.conduct import insults_in, masked_insults_in
from tests.judgement.judging import judged, lexicon


def insults(text: str) -> bool:
    """Whether the rule flags a text."""
    reading = lexicon().read(text)
    return bool(insults_in(reading, lexicon().conduct) or masked_insults_in(reading, lexicon().conduct))


@pytest.mark.parametrize(
    "text",
    [
        "bọn chủ nhà máy này là lũ mặt người dạ thú", "đơn vị thi công đúng là thứ vô lương tâm",
        "cái lũ này chỉ biết ăn", "trưởng thôn là loại rắn độc", "con mụ mỏ nhọn ngồi quầy số 3",
        "lũ cán bộ xã hẹn lần hẹn lữa",
    ],
)  # fmt: skip
def test_what_people_are_called(text: str) -> None:
    assert insults(text)


@pytest.mark.parametrize(
    "text",
    [
        "cán bộ một cửa ngồi ì như bầy lợn", "nhân viên trực máy nói chuyện như bò, hỏi không trả lời",
        "ông ta ngu mà cũng làm lãnh đạo", "tài xế mặt dày đòi thêm tiền", "the clerk is a fat lazy pig",
    ],
)  # fmt: skip
def test_likenesses_and_faces_beside_somebody(text: str) -> None:
    assert insults(text)


@pytest.mark.parametrize(
    "text",
    [
        "đ.m cúp điện hoài", "đ/m thằng trưởng ấp", "cái l*n gì vậy", "c.h.ó thật sự", "n.g.u quá", "đ** chịu nổi",
        "may cam ha con l`n", "đờ mờ nhà mạng", "cái lol gì vậy", "vc lờ mạng lag", "piece of sh*t",
    ],
)  # fmt: skip
def test_masks_and_spellings_that_get_by(text: str) -> None:
    assert insults(text)


@pytest.mark.parametrize("text", ["goi hoai khong toi, do ngu, cho xe toi lien", "mat may roi. do luu manh"])
def test_a_clause_of_its_own_needs_no_tones(text: str) -> None:
    assert insults(text)


def test_what_needs_its_tones_is_nothing_on_the_way() -> None:
    assert not insults("do ngu khong ngon vi loa keo keo")
    assert not insults("may chay rầm rầm ca dem ngu hok duoc")


@pytest.mark.parametrize(
    "text",
    [
        'ông chủ quán nhắn lại nguyên văn: "đm mày giỏi thì báo công an đi"', 'cán bộ chửi tôi là "đồ óc chó"',
        "nó chửi tôi là đồ chó, đồ mất dạy, tôi có ghi âm", "bảo mẫu mắng con tôi là đồ ngu",
        "con tôi bị bạn gọi là đồ con hoang", 'trên tường có chữ "vcl", xin xóa giùm',
    ],
)  # fmt: skip
def test_what_others_said_is_not_the_citizens_word(text: str) -> None:
    assert not insults(text)


@pytest.mark.parametrize(
    "text",
    [
        "tui bực quá chửi thề: tổ cha thằng lắp cống", "nó chửi lại ba câu, thứ vô học",
        "cô ta chửi chồng tôi là đồ nhà quê. Tôi nói thẳng cô ta là đồ chó cậy gần nhà",
    ],
)  # fmt: skip
def test_what_the_citizen_adds_is(text: str) -> None:
    assert insults(text)


def test_a_text_all_in_quotation_marks_is_the_citizens_own() -> None:
    assert insults('"đồ mất dạy"')


@pytest.mark.parametrize(
    "text",
    [
        "lũ chó thả rông cắn học sinh", "ngày nào cũng có người dắt chó ra cho chó ỉa bậy, cứt chó đầy lối đi",
        "bầy heo rừng phá rẫy mì, lũ khỉ xuống phá bắp", "chó dại chạy rông, sủa như chó điên",
        "con tôi xét nghiệm nhiễm ký sinh trùng",
    ],
)  # fmt: skip
def test_beasts_are_beasts_where_animals_are_told_of(text: str) -> None:
    assert not insults(text)


@pytest.mark.parametrize(
    "text",
    [
        "cán bộ đối xử với dân như chó", "dân khổ như chó, xin cứu giúp", "công nhân làm như trâu mà lương chậm",
        "tôi ngu dốt không rành công nghệ", "cô giáo nói con tôi ngu",
    ],
)  # fmt: skip
def test_who_is_treated_so_or_calls_himself_so_insults_nobody(text: str) -> None:
    assert not insults(text)


@pytest.mark.parametrize(
    "text",
    [
        "tường dày 20 dm", "duong mon vo dm Doi Thong", "gửi tổ CLGT (chất lượng giao thông)",
        "phân DCM giả bán ở đại lý", "đất 300k đ/m2", "em Đ.M.T bị bạn bắt nạt", "mail dm.vcl@gmail.com",
        "CC mình ở, cư dân cc leo bộ", "chai nước 500 ml",
    ],
)  # fmt: skip
def test_letters_that_measure_or_name_are_no_abuse(text: str) -> None:
    assert not insults(text)


@pytest.mark.parametrize("text", ["ĐM LÀM ĂN KIỂU GÌ VẬY", "chờ hoài đm", "chán VCL", "dm thang ban dien"])
def test_the_same_letters_before_somebody_or_at_the_head_are(text: str) -> None:
    assert insults(text)


@pytest.mark.parametrize(
    "text",
    [
        "dong tien du ma may lanh van khong lap", "co tien su cai nghien, muon xin viec", "con c học lớp 1 chưa có thẻ",
        "nam nay la lu lon nhat, nuoc len nhanh", "quan ban oc tom mat ve sinh", "cho cay gan nha em nga do",
        "anh tui bay ban do cu o via he", "xe bon cho de khach", "ngu vai tieng la day vi loa",
    ],
)  # fmt: skip
def test_without_tones_only_what_cannot_be_anything_else_insults(text: str) -> None:
    assert not insults(text)


@pytest.mark.parametrize(
    "text",
    [
        "thả chó không đeo rọ mõm, chó cắn học sinh", "em tên Hứa Văn Lìn", "của tài xế Lìn chạy ẩu",
        "lớp mặt trơ đá dăm cả 200 m", "vứt đủ thứ rác rưởi ra đường", "con cac giay to khac thi nop o dau",
        "thằng bé đi lạc, cha mẹ nó không biết", "bọn côn đồ chém người, tên lưu manh cầm đầu", "lũ cuốn trôi cầu",
        "cán bộ hách dịch, vô trách nhiệm, đề nghị kỷ luật", "bọn lừa đảo giả công an gọi điện", "lũ về nhanh quá",
    ],
)  # fmt: skip
def test_neither_a_sign_nor_a_name_nor_a_crime_makes_an_insult(text: str) -> None:
    assert not insults(text)


def test_what_insults_is_shown_where_it_stands() -> None:
    found = [one for one in judged("đèn hỏng cả tháng, đồ vô dụng").evidence if one.rule == "conduct.insult"]
    assert [one.text for one in found] == ["đồ vô dụng"]


_PIECES = st.sampled_from(
    ["chửi", "đồ chó", ",", '"', "ngu như bò", "cán bộ", "như chó", "dân", "đm", "là", ":", "l*n", "\n"]
)


@given(st.lists(_PIECES, max_size=40))
def test_spans_lie_within_the_text(pieces: list[str]) -> None:
    reading = lexicon().read(" ".join(pieces))
    for first, last in insults_in(reading, lexicon().conduct):
        assert 0 <= first < last <= len(reading.words)
    for at, to in masked_insults_in(reading, lexicon().conduct):
        assert 0 <= at < to <= len(reading.text)
