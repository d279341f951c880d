"""What the citizens of the crash test write: acceptable matters with complete contact, every text unlike the others."""

import random
from dataclasses import dataclass
from typing import Any

MATTERS = (
    "Đường dây điện trước nhà bị đứt, cả xóm mất điện từ tối qua",
    "Ống nước sạch bị vỡ, nước chảy tràn ra đường suốt ngày",
    "Trụ điện nghiêng sắp đổ, rất nguy hiểm cho người đi đường",
    "Cáp viễn thông đứt, internet và điện thoại cố định không dùng được",
    "Quán ăn bán thức ăn ôi thiu, nhiều người bị ngộ độc thực phẩm",
    "Xe buýt bỏ chuyến liên tục không thông báo cho hành khách",
    "Hồ sơ nộp trên cổng dịch vụ công báo lỗi, không đăng nhập được",
    "Tiền điện tháng này tăng gấp đôi, đề nghị kiểm tra công tơ",
    "Nhà máy xả nước thải ra suối làm cá chết, mùi hôi thối",
    "Bệnh viện tỉnh khám bảo hiểm y tế phải chờ quá lâu",
)
"""Unmistakable matters of agencies that serve the whole province: the test is about counting, not about judging."""

STREETS = ("Hùng Vương", "Phú Riềng Đỏ", "Lê Quý Đôn", "Nguyễn Huệ", "Trần Hưng Đạo", "Hai Bà Trưng", "Lý Thường Kiệt")
WHEN = ("sáng nay", "hôm qua", "tuần trước", "từ đầu tháng", "mấy hôm rồi", "chiều thứ ba", "từ lễ tới giờ")
WISH = (
    "mong cơ quan sớm xử lý",
    "kính đề nghị kiểm tra giúp",
    "xin được trả lời sớm",
    "nhờ tổng đài chuyển đến đúng nơi",
    "rất mong được giải quyết dứt điểm",
)
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ")
GIVEN = ("Thị Hoa", "Văn Nam", "Minh Khang", "Thị Lan", "Quốc Huy", "Văn Sơn", "Thị Mai", "Hữu Lộc")


@dataclass(frozen=True, slots=True)
class Citizen:
    """One user of the app; `number` tells citizens apart and seeds what they write."""

    number: int
    seed: int

    @property
    def user_id(self) -> str:
        """The app's own name for this user."""
        return f"crash-{self.seed}-{self.number}"

    def key(self, place: int) -> str:
        """Idempotency-Key of the message at this place in the citizen's sequence."""
        return f"{self.user_id}-{place}"

    def body(self, place: int) -> dict[str, Any]:
        """The body of a message: the same whenever it is sent again, and unlike any other."""
        chance = random.Random(f"{self.seed}/{self.number}/{place}")  # noqa: S311 - repeatable, not secret
        matter = MATTERS[(self.number * 7 + place) % len(MATTERS)]
        house, lane = chance.randrange(1, 999), chance.randrange(1, 99)
        street = chance.choice(STREETS)
        content = (
            f"{matter}. Sự việc {chance.choice(WHEN)} ở số {house} hẻm {lane} đường {street}, phường Bình Phước, "
            f"{chance.choice(WISH)}. Số ghi của tôi {self.number * 1000 + place}."
        )
        name = f"{FAMILY[self.number % len(FAMILY)]} {GIVEN[self.number // len(FAMILY) % len(GIVEN)]}"
        return {
            "user_id": self.user_id,
            "content": content,
            "place": f"số {house} đường {street}, phường Bình Phước",
            "contact": {
                "name": name,
                "phone": f"09{self.number % 100:02d}{place % 10000:04d}{self.seed % 100:02d}",
                "address": f"số {lane} đường {street}, phường Bình Phước, tỉnh Đồng Nai",
            },
        }
