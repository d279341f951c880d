"""Contact in free text: phones, names and addresses as citizens write them, and what only looks like them."""

from datetime import date

import pytest

from schemas.inbound import Contact
from schemas.vocabulary import ContactItem
from tests.judgement.judging import judged

PHONES = {
    "sdt 0912345678": "+84912345678",
    "đt: 0912.345.678 nhé": "+84912345678",
    "gọi em 0912 345 678": "+84912345678",
    "+84 912-345-678": "+84912345678",
    "84912345678": "+84912345678",
    "(+84) 912 345 678": "+84912345678",
    "sdt0912345678nha": "+84912345678",
    "zalo:0912345678": "+84912345678",
    "số em O912 345 678": "+84912345678",
    "so 09l2345678": "+84912345678",
    "dt 912345678": "+84912345678",
    "số cũ 0123 456 7890": "+84834567890",
    "01689123456": "+84389123456",
    "máy bàn 0271 3870 111": "+842713870111",
    "em bị mất cccd, số em 0912345678": "+84912345678",
    "số ba em 0912345678, ba em không biết nhắn tin": "+84912345678",
}


@pytest.mark.parametrize(("text", "number"), PHONES.items())
def test_phone_forms(text: str, number: str) -> None:
    assert judged(text).contact.phone == number


@pytest.mark.parametrize(
    "text",
    [
        "cccd 070185001234",
        "cmnd số 285123456",
        "MST 3800123456",
        "số tài khoản 0912345678 ngân hàng",
        "mã hồ sơ H10.23.15-240312-0007",
        "mã khách hàng PB0901234567",
        "gọi 1022 hay 113 114 115",
        "tổng đài 1900 545 436 không ai nghe",
        "hotline 0909123456 không ai bắt máy",
        "số điện thoại của anh Hùng cán bộ xã là 0909123456",
        "hỗ trợ 350.000.000 đồng",
        "ngày 20/11/2024 lúc 08:30",
    ],
)
def test_other_numbers_are_no_phones(text: str) -> None:
    assert judged(text).contact.phone is None


def test_correction_wins() -> None:
    assert judged("sdt 0912345678\nxin lỗi ghi nhầm số, số đúng là 0987654321").contact.phone == "+84987654321"
    assert judged("0912345678 à lộn 0987654321").contact.phone == "+84987654321"
    assert judged("số trước 0912345678 bỏ rồi, giờ dùng 0987654321").contact.phone == "+84987654321"
    assert judged("sdt 0912345678, hoặc 0987654321").contact.phone == "+84912345678"


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("gọi cho tôi theo số không chín bảy một, hai hai sáu, tám năm không", "+84971226850"),
        ("Phone zero seven six five, three three one, nine zero two.", "+84765331902"),
        ("mình k có đt, nhờ gọi số của chú Krá 0376552810 báo lại giúp", "+84376552810"),
        ("Tel: (0271) 3 665 488 | Mobile: 0918 224 737", "+84918224737"),
        ("ông Phan Văn Rớt (ĐT 0908 771 336, ngụ Q.12) lừa tôi. Tôi ĐT 0347 552 190", "+84347552190"),
        ("cảnh báo số 0931 882 047 giả danh công an", None),
        ("ba hai một người bốn năm sáu bảy tám chín không", None),
    ],
)
def test_which_number_is_to_be_called(text: str, phone: str | None) -> None:
    assert judged(text).contact.phone == phone


NAMES = {
    "Tôi tên là Nguyễn Văn An": "Nguyễn Văn An",
    "tên tôi là trần thị bé, ở ấp 3": "Trần Thị Bé",
    "em la Le Van Tam o ap 4": "Le Van Tam",
    "Họ tên: Điểu Krớt\nĐịa chỉ: thôn 4": "Điểu Krớt",
    "mình tên Hoa": "Hoa",
    "My name is John Smith and I live in Dong Xoai": "John Smith",
    "I'm Peter Novak": "Peter Novak",
    "đường hư quá\nPhạm Quốc Huy, 0912345678": "Phạm Quốc Huy",
    "Rác chất đống khắp khu phố. Tôi là Phạm Văn Hùng": "Phạm Văn Hùng",
    "Chó thả rông khắp xóm. Tôi là Lê Thị Hoa 0987654321": "Lê Thị Hoa",
    "Thạch Sô Phia - 0912345678 - ấp 4 Lộc Hưng": "Thạch Sô Phia",
    "tôi vũ đức thành, thôn 4 xã Phú Sơn": "Vũ Đức Thành",
    "Tôi, Trần Văn Cường, chủ quán cà phê": "Trần Văn Cường",
    "Chị là Nguyễn Thị Tuyết Mai, hỏi thủ tục": "Nguyễn Thị Tuyết Mai",
    "Đặng Hữu Nghĩa — thôn 5 xã Bình Thắng — 0912345678": "Đặng Hữu Nghĩa",
    "Phan Văn Bảy (Bảy Ruộng), ấp Thanh Bình, xã Thanh Lương": "Phan Văn Bảy",
    "Nguyễn Thị Bảy, 78 tuổi, ấp Chà Lon, xã Minh Đức": "Nguyễn Thị Bảy",
    "dạ đào thị mận 0912345678": "Đào Thị Mận",
    "Hoàng Thị Bưởi-thôn 4-Nghĩa Trung-Bù Đăng-0912345678": "Hoàng Thị Bưởi",
    "tran minh man 0912345678 to 4": "Tran Minh Man",
    "tên chu thị phượng sđt 0912345678": "Chu Thị Phượng",
    "Cống nghẹt. Em Như, 0912345678, hẻm 51 Điểu Ong": "Như",
    "sửa gấp dùm. 0912345678 (A. Phong)": "Phong",
    "Em cảm ơn (Thùy Linh)": "Thùy Linh",
    "đất nghĩa địa chứ đâu phải đất dự án. Bảy Giàu đây": "Bảy Giàu",
    "Tui họ Lục tên Văn Phìn, quê Cao Bằng": "Lục Văn Phìn",
    "tui là bà Hai Nhựt ở khu phố 3 thị trấn Đức Phong": "Hai Nhựt",
    "Thủ tục sang tên thừa kế ra sao. Lưu Bá Thành": "Lưu Bá Thành",
    "Thank you.\nJin-woo Baek": "Jin-woo Baek",
    "Vũ Thị Nga, phụ huynh lớp 7A3, ngụ kp 2 tt Tân Khai, 0912345678": "Vũ Thị Nga",
    "Cầu sập chưa sửa. Ông Đinh Công Tráng, Thuận Lợi Đồng Phú, số: 0912345678": "Đinh Công Tráng",
    "Công ty TNHH Thiết bị An Phát Lộc, phường Minh Thành, xin hỏi": "Công ty TNHH Thiết bị An Phát Lộc",
    "toi la tran van chien cuu chien binh 4/4": "Tran Van Chien",
}


@pytest.mark.parametrize(("text", "name"), NAMES.items())
def test_names(text: str, name: str) -> None:
    assert judged(text).contact.name == name


@pytest.mark.parametrize("text", ["tui họ Lục tên .", "Đường hư, tui họ Lục tên là )"])
def test_a_name_that_breaks_off_is_none(text: str) -> None:
    assert judged(text).contact.name is None


@pytest.mark.parametrize(
    "text",
    [
        "Ông Nguyễn Văn Bảy nhà bên xả rác",
        "con tôi tên là Nguyễn Văn Nam học lớp 3",
        "tôi là người dân ở đây",
        "em là sinh viên năm 2",
        "chồng em tên Trần Văn Tý bị công ty nợ lương",
        "đường Trần Hưng Đạo, phường Tân Phú bị ngập",
        "bà Lê Thị Hoa, 0912345678, chủ quán karaoke ồn ào",
        "tôi là chủ nhà trọ",
        "hộ ông Lê Văn Sáu lấn đất",
        "cậu của em là Trần Văn Phước nói đường này sắp sửa",
        "cát tặc hút sông Đồng Nai sạt hết bờ",
        "toi y kien ve viec thu phi",
        "em lâm vào cảnh khó khăn mong được giúp",
        "tối nay đua xe đầy đường Phú Riềng Đỏ",
        "tui là viên chức trung tâm y tế, muốn khiếu nại",
        "Em so nen khong noi ten, lien he 0912345678. mong bao mat",
        "Trường mình tên Hoàng Diệu thì đường Hoàng Diệu cũng kẹt xe",
        "chồng tôi mất. Ổng tên Lê Phước Hậu. nhà ở Thanh Lương Bình Long",
        "Lê Duẩn, tổ 3, KP Phú Nghĩa, phường Phú Đức",
        "Anh Quyết công an khu vực nói lên phường làm lại, Zalo 0912345678 không trả lời",
    ],
)
def test_third_persons_are_not_the_sender(text: str) -> None:
    assert judged(text).contact.name is None


ADDRESSES = {
    "nhà tôi ở ấp 3 xã Tân Hưng, Hớn Quản bị cúp điện": "ấp 3 xã Tân Hưng, Hớn Quản",
    "em o ap hiep tam a xa loc hiep huyen loc ninh": "ap hiep tam a xa loc hiep huyen loc ninh",
    "Địa chỉ: số 8 hẻm 231 Phú Riềng Đỏ, phường Tân Thiện, TP Đồng Xoài": (
        "số 8 hẻm 231 Phú Riềng Đỏ, phường Tân Thiện, TP Đồng Xoài"
    ),
    "Nguyễn Văn An, kp2 p.Tân Phú, tx. Phước Long, 0912345678": "kp2 p.Tân Phú, tx. Phước Long",
    "0912345678 nha em o ap 3": "ap 3",
    "Đèn hư. Lại Thế Anh kp 2 Hưng Long, Chơn Thành. Zalo 0912345678": "kp 2 Hưng Long, Chơn Thành",
    "mình tên Y Thoan, người Mnông, thôn Bù Nga xã Bù Gia Mập. mình đi cấp lại": "thôn Bù Nga xã Bù Gia Mập",
    "nhà 234 ấp 3 dong tien dong phu": "nhà 234 ấp 3 dong tien dong phu",
    "E ở trọ đường số 3, phường Minh Thành": "đường số 3, phường Minh Thành",
    "Cống nghẹt ba hôm nay. Minh Lập, Chơn Thành": "Minh Lập, Chơn Thành",
    "Đèn hỏng. Tôi là Nguyễn Văn An 0912345678, số 5 Hùng Vương phường Bình Phước": (
        "số 5 Hùng Vương phường Bình Phước"
    ),
    "Đèn hỏng. Nguyễn Văn An 0912345678, số 5 Hùng Vương P. Bình Phước": "số 5 Hùng Vương P. Bình Phước",
    "đường vô thôn sạt hết\nthôn 7 xã Đức Liễu huyện Bù Đăng nha": "thôn 7 xã Đức Liễu huyện Bù Đăng",
    "tổ 3 kp Đông Phất P.Hưng Chiến TX.Bình Long ạ": "tổ 3 kp Đông Phất P.Hưng Chiến TX.Bình Long",
    "Nguyễn Văn An; 0912345678; 23 Lý Thái Tổ, p.Thác Mơ, TX.Phước Long": "23 Lý Thái Tổ, p.Thác Mơ, TX.Phước Long",
    "I live at 25 Le Duan street, Tan Phu ward, Dong Xoai": "25 Le Duan street, Tan Phu ward, Dong Xoai",
}


@pytest.mark.parametrize(("text", "address"), ADDRESSES.items())
def test_addresses(text: str, address: str) -> None:
    assert judged(text).contact.address == address


@pytest.mark.parametrize(
    "text",
    [
        "đường Hùng Vương, phường Tân Bình bị ngập",
        "tại ngã tư xã Tân Lập có hố sâu",
        "ấp 3 xã Tân Hưng mất điện cả đêm",
        "cho em hỏi ở xã Lộc An có làm căn cước không",
    ],
)
def test_place_of_the_matter_is_no_contact_address(text: str) -> None:
    found = judged(text)
    assert found.contact.address is None
    assert ContactItem.ADDRESS in found.missing


def test_place_and_address_are_told_apart() -> None:
    found = judged("Cống tại xã Tân Lập, Đồng Phú bị nghẹt. Tôi ở ấp 2 xã Lộc An, Lộc Ninh")
    assert found.contact.address == "ấp 2 xã Lộc An, Lộc Ninh"
    assert found.place == "xã Tân Lập, Đồng Phú"
    assert found.locality is not None
    assert found.locality.name == "Xã Tân Lập"


def test_old_names_are_understood_after_the_merger() -> None:
    text = "tôi ở xã Lộc Hiệp, huyện Lộc Ninh, đường hư"
    before, after = judged(text), judged(text, received=date(2026, 11, 20))
    assert before.locality is not None
    assert after.locality is not None
    assert before.locality.name == "Xã Lộc Hiệp"
    assert after.locality.valid_from >= "2025-07-01"


def test_name_borne_twice_is_no_guess() -> None:
    assert judged("nhà tôi ở ấp 3 xã Tân Hưng").locality is None
    found = judged("nhà tôi ở ấp 3 xã Tân Hưng, huyện Đồng Phú").locality
    assert found is not None
    assert found.name == "Xã Tân Hưng"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("tôi ở xã Lộc Thành, huyện Lộc Ninh", "Xã Lộc Thành"),
        ("tôi ở xã Lộc Thạnh, huyện Lộc Ninh", "Xã Lộc Thạnh"),
        ("tôi ở xã Đắk Nhau", "Xã Đak Nhau"),
        ("tôi ở ấp 7 Tiến Hưng ĐX", "Xã Tiến Hưng"),
    ],
)
def test_written_tones_tell_namesakes_apart(text: str, name: str) -> None:
    found = judged(text).locality
    assert found is not None
    assert found.name == name


def test_fields_go_first_and_known_contact_last() -> None:
    given = Contact(name="Lê Thị Mai", phone="0909 111 222")
    known = Contact(name="Người Khác", address="ấp 1 xã Lộc An, Lộc Ninh")
    found = judged("tôi tên Trần Văn Tám, đường hư", contact=given, known_contact=known).contact
    assert (found.name, found.phone) == ("Lê Thị Mai", "+84909111222")
    assert found.address == "ấp 1 xã Lộc An, Lộc Ninh"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("tôi ở phường Tân Phú", "Phường Tân Phú"),
        ("tôi ở thị trấn Tân Phú", "Thị trấn Tân Phú"),
        ("tôi ở thôn Đăk Lim, xã Đăk Ơ", "Xã Đak Ơ"),
        ("Tôi Điểu Lồ, ấp Đồng Tân, Đồng Nơ, Hớn Quản", "Xã Đồng Nơ"),
        ("nguyễn bá trường, 6 Long Tân, Phú Riềng, 0912345678", "Xã Long Tân"),
        ("a Huỳnh Phúc, hẻm 52 đường Lê Duẩn P.Tân Bình ĐX, 0912345678", "Phường Tân Bình"),
        ("ấp 2 tân lập dp", "Xã Tân Lập"),
    ],
)
def test_what_is_written_beside_a_name_tells_which_unit_it_is(text: str, unit: str) -> None:
    found = judged(text).locality
    assert found is not None
    assert found.name == unit
