"""The parts of the judgement: language, redirects, clarity, conduct, urgency, repetition, the lexicon's own checks."""

import shutil
import sys
from pathlib import Path

import pytest

from schemas.vocabulary import SUBFIELDS, Intake, Label, Language
from services.normalizer.judgement import Clarity, Complaint
from services.normalizer.language.script import _OTHER_THAN_LATIN, _script, foreign_script
from services.normalizer.lexicon import LexiconInvalid, load_lexicon
from services.normalizer.rules.repetition import is_repetition, same_matter
from tests.judgement.judging import FOLDER, judged, lexicon


@pytest.mark.parametrize(
    "text",
    ["mat nuoc 3 ngay nay roi ad oi", "ko có nc xài lun á", "duong hu qua khong ai sua", "xin hoi lam can cuoc o dau"],
)
def test_toneless_and_chat_spelling_are_vietnamese(text: str) -> None:
    assert judged(text).language is Language.VI


@pytest.mark.parametrize("text", ["ok", "?", "0912345678", "alo", "👍"])
def test_short_texts_abstain(text: str) -> None:
    assert judged(text).language is not Language.OTHER


def test_page_language_settles_doubt() -> None:
    assert judged("ok", language_chosen=Language.EN).language is Language.EN


def test_a_phone_number_is_no_meter_reading() -> None:
    found = judged("Mất nước hai ngày nay ở ấp 2 xã Tân Lập, số điện thoại của tôi 0912345678").classification
    assert found is not None
    assert (found.best.label, found.best.subfield) == (Label.INFRASTRUCTURE_INCIDENT, "water_supply")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("nhà em đang cháy", Label.EMERGENCY_FIRE_RESCUE),
        ("chay nha roi cuu voi", Label.EMERGENCY_FIRE_RESCUE),
        ("có người bất tỉnh ngoài đường", Label.EMERGENCY_MEDICAL),
        ("đang chém nhau ở quán nhậu", Label.EMERGENCY_POLICE),
    ],
)
def test_emergencies(text: str, label: Label) -> None:
    assert judged(text).emergency is label


@pytest.mark.parametrize(
    "text",
    [
        "khẩu trang cháy hàng",
        "bóng đèn đường bị cháy",
        "đề nghị lắp bình chữa cháy ở chợ",
        "năm ngoái chỗ này có vụ cháy lớn",
        "nguy cơ cháy rừng cao",
        "xe chạy nhanh quá",
        "đề nghị lắp camera phòng chống trộm cắp",
        "khoa cấp cứu phục vụ kém",
        "đổ trộm rác thải",
    ],
)
def test_near_misses_are_no_emergencies(text: str) -> None:
    assert judged(text).emergency is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("tôi gửi đơn khiếu nại quyết định thu hồi đất", Complaint.LEGAL),
        ("tố cáo chủ tịch xã nhận hối lộ", Complaint.LEGAL),
        ("tôi muốn khiếu nại", Complaint.POSSIBLE),
        ("khiếu nại mạng viettel quá chậm", Complaint.NONE),
        ("phản ánh đường hư", Complaint.NONE),
    ],
)
def test_complaints(text: str, kind: Complaint) -> None:
    assert judged(text).complaint is kind


@pytest.mark.parametrize(
    ("text", "clarity"),
    [
        ("xin chào ad", Clarity.GREETING),
        ("cảm ơn ad nhiều", Clarity.THANKS),
        ("", Clarity.EMPTY),
        ("điện", Clarity.UNCLEAR),
        ("mất điện", Clarity.CLEAR),
        ("vay tiền nhanh lãi suất thấp liên hệ zalo", Clarity.ADVERTISING),
    ],
)
def test_clarity(text: str, clarity: Clarity) -> None:
    assert judged(text).clarity is clarity


def test_lone_photo() -> None:
    assert judged("", attachments=1).clarity is Clarity.MEDIA_ONLY


@pytest.mark.parametrize("text", ["đ.m làm ăn gì kỳ vậy", "đcm cúp điện hoài", "lũ cán bộ chó đẻ", "vcl mạng"])
def test_insults_are_flagged(text: str) -> None:
    assert judged(text).conduct


@pytest.mark.parametrize(
    "text",
    [
        "cay lon truoc nha", "con toi deo khan quang", "cho em hoi", "ngu khong duoc vi on", "nha tro cho hai nguoi",
        "chó nhà hàng xóm sủa", "cặp sách học sinh", "buổi sáng", "mua cho con", "loa mở lớn quá", "các cu trong xom",
    ],
)  # fmt: skip
def test_innocent_words_are_not(text: str) -> None:
    assert not judged(text).conduct


def test_danger_is_urgent_and_past_danger_is_not() -> None:
    assert judged("dây điện đứt nằm trên đường").urgent
    assert not judged("dây điện đứt nằm trên đường đã khắc phục xong, cảm ơn").urgent
    assert not judged("đường hơi xấu").urgent


def test_repetition() -> None:
    first = "Đèn đường hẻm 12 Nguyễn Bình tắt cả tháng nay"
    assert same_matter(first, first) == 1.0
    assert is_repetition(first, "den duong hem 12 nguyen binh tat ca thang nay roi, chua ai sua", lexicon())
    assert not is_repetition(first, "Rác ở hẻm 12 Nguyễn Bình không ai gom", lexicon())
    assert same_matter("", "") == 0.0


def test_every_field_can_be_reached() -> None:
    wanted = {(label, one) for label, subfields in SUBFIELDS.items() for one in subfields}
    fields = {field.partition(".")[::2] for field in lexicon().likeness.fields}
    assert {(str(label), one) for label, one in wanted} == fields


def test_operator_s_field_is_certain() -> None:
    found = judged("abc", label_given=Label.PUBLIC_SERVICE, subfield_given="noise", intake=Intake.CALL)
    assert found.classification is not None
    assert found.classification.best.subfield == "noise"
    assert found.confident


def test_a_named_field_goes_before_a_sibling_that_is_only_alike() -> None:
    found = judged("Bà con ấp 3 bị cúp nước từ hôm qua tới giờ chưa có lại.")
    assert found.classification is not None
    assert found.classification.best.subfield == "water_supply"


def test_lexicon_tells_every_problem(tmp_path: Path) -> None:
    folder = tmp_path / "lexicon"
    shutil.copytree(FOLDER / "lexicon", folder)
    (folder / "thresholds.yaml").write_text("repetition: 1\n")
    (folder / "urgency.yaml").write_text("tags: {danger: ['@nothing + x']}\n")
    (folder / "scope.yaml").write_text("fields: {public_service.nowhere: {strong: [a]}}\n")
    (folder / "conduct.yaml").unlink()
    (folder / "clarity.yaml").write_text("tags: [\n")
    with pytest.raises(LexiconInvalid) as caught:
        load_lexicon(folder)
    for name in ("thresholds", "urgency", "scope", "conduct", "clarity"):
        assert any(error.startswith(name + ".yaml") for error in caught.value.errors), name


def test_who_writes_says_nothing_of_what_about() -> None:
    told = "Đèn đường chỗ này hỏng một tuần nay chưa ai sửa"
    who = "Tôi tên Nguyễn Văn An, số điện thoại 0912345678, địa chỉ ấp 3 xã Tân Hưng huyện Hớn Quản."
    assert judged(f"{told}\n{who}").classification == judged(told).classification


def test_no_sign_that_is_passed_over_at_once_is_of_another_script() -> None:
    signs = (chr(number) for number in range(sys.maxunicode + 1))
    assert [sign for sign in signs if not _OTHER_THAN_LATIN.search(sign) and _script(sign)] == []


@pytest.mark.parametrize("text", ["Đường hỏng", "Đường hỏng 道路坏", "ถนนพัง", "Дорога сломана", "ផ្លូវខូច"])
def test_a_text_of_another_script_is_told_by_its_letters(text: str) -> None:
    assert foreign_script(text) == (not text.startswith("Đ"))
