"""Điều 4 of the regulation: what the hotline takes, and what it redirects."""

import pytest

from schemas.outcome import Accepted, PendingSupplement, Redirected
from schemas.vocabulary import Label
from tests.judgement.judging import COMPLETE, decided, judged


@pytest.mark.parametrize(
    "text",
    [
        "xin hỏi cách thức nộp hồ sơ đăng ký khai sinh, lệ phí bao nhiêu",
        "cán bộ một cửa sách nhiễu, gây phiền hà khi tôi nộp hồ sơ",
        "tra cứu tình trạng hồ sơ trên cổng dịch vụ công bị báo lỗi",
    ],
)
def test_4_1(text: str) -> None:
    """Khoản 1: "Quá trình giải quyết thủ tục hành chính ở 03 cấp: Tỉnh, huyện, xã; cách thức nộp hồ sơ […]"."""
    assert _label(text) is Label.ADMINISTRATIVE_PROCEDURE
    assert "4.1" in decided(text, contact=COMPLETE).articles


@pytest.mark.parametrize(
    "text",
    [
        "thông tin tuyển sinh lớp 10 năm nay thế nào",
        "thẻ bảo hiểm y tế của tôi chưa gia hạn được",
        "trang trại heo xả nước thải hôi thối ra suối",
        "xe rác không thu gom rác trong hẻm cả tuần",
    ],
)
def test_4_2(text: str) -> None:
    """Khoản 2: "Các vấn đề về kinh tế - xã hội, dịch vụ sự nghiệp công, dịch vụ công ích như: […] môi trường […]"."""
    assert _label(text) is Label.PUBLIC_SERVICE
    assert "4.2" in decided(text, contact=COMPLETE).articles


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("đèn đường trước nhà hỏng cả tuần", Label.INFRASTRUCTURE_INCIDENT),
        ("cống thoát nước bị nghẹt", Label.INFRASTRUCTURE_INCIDENT),
        ("có người buôn lậu thuốc lá qua biên giới", Label.MARKET_VIOLATION),
        ("phân bón giả làm chết vườn tiêu", Label.MARKET_VIOLATION),
        ("hàng xóm xây nhà trái phép trên đất công", Label.CONSTRUCTION_LAND_VIOLATION),
    ],
)
def test_4_3(text: str, label: Label) -> None:
    """Khoản 3: "Khắc phục sự cố hạ tầng kỹ thuật […] buôn lậu, gian lận thương mại […] vi phạm xây dựng, đất đai"."""
    assert _label(text) is label
    assert "4.3" in decided(text, contact=COMPLETE).articles


@pytest.mark.parametrize(
    "text",
    ["chính sách ưu đãi đầu tư vào khu công nghiệp", "giờ mở cửa khu du lịch", "lễ hội năm nay có bắn pháo hoa không"],
)
def test_4_4(text: str) -> None:
    """Khoản 4: "Các chủ trương, chính sách ưu đãi đầu tư […]; thông tin về du lịch; các sự kiện đặc biệt của tỉnh"."""
    assert _label(text) is Label.INVESTMENT_TOURISM_EVENT


def test_4_5() -> None:
    """Khoản 5: "Các lĩnh vực khác theo yêu cầu thực tế và khả năng của Tổng đài 1022"."""
    text = "góp ý chương trình phát thanh của tỉnh nên có thêm tiếng S'tiêng"
    assert _label(text) is Label.OTHER
    assert "4.5" in decided(text, contact=COMPLETE).articles


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("có cướp, chúng nó cầm dao", Label.EMERGENCY_POLICE),
        ("cháy nhà, cứu với", Label.EMERGENCY_FIRE_RESCUE),
        ("ba tôi bất tỉnh, cần cấp cứu gấp", Label.EMERGENCY_MEDICAL),
        ("đơn tố cáo cán bộ nhận hối lộ", Label.COMPLAINT_DENUNCIATION),
    ],
)
def test_4_6(text: str, label: Label) -> None:
    """Khoản 6: "an ninh, trật tự (113), cứu hỏa, cứu nạn, cứu hộ (114), cứu thương (115), […] khiếu nại, tố cáo"."""
    found = decided(text)
    assert found.outcome == Redirected(label=label)
    assert found.articles == ("4.6",)
    assert found.alert is (label is not Label.COMPLAINT_DENUNCIATION)


def test_4_6_everyday_complaint_is_taken() -> None:
    """Khoản 6: only "đơn, thư khiếu nại, tố cáo" are redirected, not a complaint about a service."""
    found = decided("khiếu nại tiền điện tháng này tính sai", contact=COMPLETE)
    assert isinstance(found.outcome, Accepted)


def test_4_6_emergency_goes_first() -> None:
    """Khoản 6: "hướng dẫn để người dân […] gọi đến đúng các đầu số": whatever else is missing."""
    assert isinstance(decided("chay nha").outcome, Redirected)
    assert isinstance(decided("mất điện").outcome, PendingSupplement)


def _label(text: str) -> Label | None:
    found = judged(text).classification
    return found.best.label if found else None
