"""Who writes and from where is read as citizens sign: callings, by-names, small letters, hamlets without their unit."""

import pytest

from tests.judgement.judging import judged

SIGNED = {
    "Đèn đường hư. Em Thanh Trúc, Bù Nho, Phú Riềng, sdt 0912345678": "Thanh Trúc",
    "Đèn đường hư. Chị Hạnh ở trọ kp 3 Minh Thành, Chơn Thành": "Hạnh",
    "Đèn đường hư. Em Hoài Thương thôn 2 Đức Liễu, Bù Đăng ạ": "Hoài Thương",
    "Anh Bình Thác Mơ đây, vụ hôm bữa sao rồi": "Bình",
    "chú năm rạng đây, ấp tân lập phước thiện bù đốp, giờ làm chế độ sao con": "Năm Rạng",
    "Cô Liên dạy mầm non ở Thuận Phú (Đồng Phú) đây. Sữa cô mua bị hư": "Liên",
    "Bác Ba Lúa ấp Tân Lợi xã Tân Lợi Đồng Phú đây cháu ơi, cho bác hỏi": "Ba Lúa",
    "Cô Hà bán tạp hóa đầu ấp 3 xin hỏi thủ tục cấp lại sổ": "Hà",
    "Mất nước 2 ngày. Liên hệ: chị Oanh 0912345678": "Oanh",
    "Bên em là Công ty TNHH Gỗ Hưng Thịnh, thị trấn Tân Phú. Lh Mr Cường 0912345678": "Công ty TNHH Gỗ Hưng Thịnh",
    "Tâm, tân hòa đồng phú. Chỗ đó giờ hôi quá": "Tâm",
    "cống nghẹt. út tẹo, ấp 7 thanh hòa, bù đốp, 0912345678": "Út Tẹo",
    "rung cao su chay ne, ap 2 minh duc hon quan, chin thum 0912345678": "Chin Thum",
    "cống nghẹt. anh chính, xã tân lập đồng phú. 0912345678": "Chính",
    "cống nghẹt. Người hỏi Lê Thị Xuân 0912345678 ở Hưng Phước": "Lê Thị Xuân",
    "Dạ thưa. Người hỏi: ông Sáu Lèo, kp Ninh Thái, thị trấn Lộc Ninh. Điện thoại 0912345678": "Sáu Lèo",
    "Trạm hết xe. YS Trần Đức Lộc 0912345678": "Trần Đức Lộc",
    "Xin kiểm tra. Triệu Thị Pham, trọ Ba Liễu, KP1, phường Thành Tâm, 0912345678": "Triệu Thị Pham",
    "Cây gãy. Tiền Thị Hoa, xã Tân Lập, Đồng Phú. 0912345678": "Tiền Thị Hoa",
    "Rác nhiều. VO THI TUONG VI, kp Xuan Dong tan binh dong xoai, 0912345678": "Vo Thi Tuong Vi",
    "Thạch Sóc Kha ấp 7 xã Lộc Hưng huyện Lộc Ninh 0912345678. Điện hư": "Thạch Sóc Kha",
    "mưa là ngập nhà tôi bùi thị ngà xã thanh an hớn quản 0912345678": "Bùi Thị Ngà",
    "Nhà mình Giang A Sử ở thôn Thống Nhất xã Đak Nhau Bù Đăng 0912345678. Khói quá": "Giang A Sử",
    "tôi là phụ huynh Phan Thị Hồng Đào, khu phố 5, phường Thác Mơ": "Phan Thị Hồng Đào",
    "Tui là Anh Khoa nhà gần chợ": "Anh Khoa",
    "Phạm Hòa xin hỏi: xây nhà trọ thì xin phép ở đâu": "Phạm Hòa",
    "mấy ngày có giấy, Danh Út nè": "Danh Út",
    "nước đục mấy bữa, ai quản chỗ này. Như Quỳnh": "Như Quỳnh",
    "pin cũ thì bỏ chỗ nào cho đúng. Cô Nga": "Nga",
    "The road is broken.\nDaniel Okafor, Tân Bình ward, Đồng Xoài. Tel 0912345678": "Daniel Okafor",
    "The bridge has no rail. Gerrit de Vries, Thuận Lợi commune, Đồng Phú. 0912345678": "Gerrit de Vries",
    "I am Dr. Rajesh Menon, plant engineer": "Rajesh Menon",
    "Con xin hỏi ạ. Thanks.\nNguyễn Ngọc Trâm Anh (Ms.)\nKế toán, M: 0912345678": "Nguyễn Ngọc Trâm Anh",
}


@pytest.mark.parametrize(("text", "name"), SIGNED.items())
def test_who_opens_a_sentence_of_nothing_but_contact_is_the_sender(text: str, name: str) -> None:
    assert judged(text).contact.name == name


@pytest.mark.parametrize(
    "text",
    [
        "Bà Hoa ở ấp 3 xã Lộc An đổ rác ra đường",
        "Ông Nguyễn Văn Tư, ấp 3 xã Lộc An, xây nhà trái phép",
        "Ông Sáu Lèo ấp 3 xã Lộc An bán thuốc giả, số 0912345678",
        "Đề nghị kiểm tra. Anh Hùng bán thịt ở chợ Bù Nho",
        "Rác nhiều. Chợ Đồng Xoài, phường Tân Bình",
        "Cầu sập. Cảm Ơn Tổng Đài",
        "Cảm ơn anh Nguyễn Văn Hùng, công an phường Tân Phú",
        "Con Hoa, lớp 3, bị ốm. xã Tân Lập",
        "tố cáo nguyễn văn bê ấp 3 xã lộc an số 0912345678",
        "Nước yếu. Bình Dương, Đồng Nai cũng vậy. 0912345678",
        "em thue tro o kcn Becamex, chu tro noi tu em khai bao",
        "toi la bao ve, 1 minh, khong dam ra",
        "hồ bơi trong khu dân cư Phú Thịnh Bình Long",
        "Mình là GV mầm non, có bé bị sặc",
        "duong tran hung dao phuoc binh phuoc long",
        "vợ tôi sinh rồi, đặt tên cháu là Bình An",
        "Tôi bị lừa, người bán tên Trần Thanh Sang 0912345678 lặn mất",
    ],
)
def test_who_is_spoken_of_is_not_the_sender(text: str) -> None:
    assert judged(text).contact.name is None


ADDRESSES = {
    "Rác nhiều. Bảy Xoài, thôn 9 Long Bình, Phú Riềng, 0912345678": "thôn 9 Long Bình, Phú Riềng",
    "Đèn hư. Đinh Công Tráng, cựu chiến binh, ấp 7 xã Lộc Hưng. 0912345678": "ấp 7 xã Lộc Hưng",
    "Ra xã Lộc Khánh huyện Lộc Ninh em đang ở thì cán bộ nói phải lên trên": "xã Lộc Khánh huyện Lộc Ninh",
    "Nhà tôi sát vách ở xóm Bắc, ấp 4 Tiến Hưng. Cho người tới": "xóm Bắc, ấp 4 Tiến Hưng",
    "muốn chấm lại mức thì viết đơn gửi ai? Xã Hưng Phước, số máy 0912345678": "Xã Hưng Phước",
    "Tôi là Nguyễn Văn An, hộ khẩu xã Long Tân. Tôi đang tạm trú tại thôn 3, xã Bù Nho": "thôn 3, xã Bù Nho",
    "Trạm điện nổ. Ksor Đạt thôn 5 đakia bù gia mập 0912345678": "thôn 5 đakia bù gia mập",
    "Mưa ngập. Mỹ Phụng, ấp 3 lộc thuận lộc linh 0912345678": "ấp 3 lộc thuận lộc linh",
    "Rác trước nhà số 12 Hùng Vương, P. Tân Bình, TP Đồng Xoài. Trần Quốc Dũng. 0912345678": (
        "nhà số 12 Hùng Vương, P. Tân Bình, TP Đồng Xoài"
    ),
    "Ông Tư hàng xóm ở ấp 4 xã Lộc An nuôi heo. Tui Lê Văn Bảy cùng ấp, 0912345678": "ấp 4 xã Lộc An",
    "I live in Minh Hung ward, Chon Thanh town": "Minh Hung ward, Chon Thanh town",
    "Sét đánh. Hoàng Nguyên Vũ, thôn 1 Nghĩa Bình cũ, bây giờ là xã Nghĩa Trung, 0912345678": (
        "thôn 1 Nghĩa Bình cũ, bây giờ là xã Nghĩa Trung"
    ),
    "Tôi tên Tạ Quang Vinh, trước ở phường Quang Vinh, TP Biên Hòa, nay chuyển về thôn 2, xã Nghĩa Bình, Bù Đăng": (
        "thôn 2, xã Nghĩa Bình, Bù Đăng"
    ),
    "Đèn thị trấn Thanh Bình (Bù Đốp) chập, tới nay chưa thay. Sú Nhì Múi, khu phố Thanh Trung, 0912345678": (
        "khu phố Thanh Trung, thị trấn Thanh Bình (Bù Đốp"
    ),
    "Đèn cao áp phường Hưng Long thị xã Chơn Thành tắt. Tôi là Tô Minh Khánh, 0912345678": (
        "phường Hưng Long thị xã Chơn Thành"
    ),
    "cáp quang đứt thôn 6, xã Đoàn Kết Bù Đăng, nhắn 0912345678": "thôn 6, xã Đoàn Kết Bù Đăng",
}


@pytest.mark.parametrize(("text", "address"), ADDRESSES.items())
def test_address_is_read_as_it_is_signed(text: str, address: str) -> None:
    assert judged(text).contact.address == address


@pytest.mark.parametrize(
    "text",
    [
        "xe tải đậu lấn đường vô chợ Lộc Hiệp hoài, Lê Thị Hạnh 0912345678",
        "Tôi là Nguyễn Văn An, 0912345678. Miếng đất ở thôn 4 Long Tân của bác tôi bị rào",
        "có 2 đứa rượt nhau trước quán cơm ấp 4 Tiến Hưng Đồng Xoài, tui tên Hùng 0912345678",
        "Nhà nuôi yến ở kp 2 phường Phú Đức ồn quá. Em Cường ở Sài Gòn có nhà cạnh đó, 0912345678",
        "nhà tôi mua bên phường Thành Tâm chưa dọn về, tôi ở chỗ khác. Tên tôi Lê Thị Hạnh 0912345678",
        "cầu tạm xã Phú Nghĩa Bù Gia Mập trôi rồi, sdt 0912345678",
    ],
)
def test_where_something_else_is_stays_the_place_of_the_matter(text: str) -> None:
    assert judged(text).contact.address is None


def test_commune_of_two_districts_is_told_by_what_is_said_again() -> None:
    text = "khói quá. Hoàng Xuân Bách thôn 5 Minh Hưng, 0912345678. Minh Hưng Bù Đăng nhé, không phải Chơn Thành"
    meant = judged("tôi ở xã Minh Hưng, Bù Đăng").locality
    assert meant is not None
    assert judged(text).locality == meant


def test_namesake_in_another_province_is_no_unit_of_this_one() -> None:
    found = judged("Tôi là Bạch Văn Toàn, ở phường Thống Nhất, Buôn Ma Thuột, Đắk Lắk, 0912345678")
    assert found.contact.address is not None
    assert found.locality is None


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("em khưu văn nở, số dt 77 940 1826", "+84779401826"),
        ("sđt chính 0912345678, sđt phụ 0987654321", "+84912345678"),
        ("Bà Nguyễn Thị Bông xin hỏi tiền già. Số của bà 0912345678", "+84912345678"),
        ("Bị lừa, người bán tên Trần Thanh Sang 0912345678 lặn mất", None),
        ("số gọi tới là 0912345678. Tôi là Khúc Thị Nhạn, 0987654321", "+84987654321"),
        ("ba con so lam, 0912345678", "+84912345678"),
        ("ba lăm tám một một bảy không hai tư", "+84358117024"),
    ],
)
def test_number_is_the_senders_own(text: str, phone: str | None) -> None:
    assert judged(text).contact.phone == phone
