"""What the citizens of the crash test write: acceptable matters with complete contact, every text unlike the others."""

import random
from dataclasses import dataclass
from typing import Any

MATTERS = (
    "Đường dây điện trước nhà bị đứt, cả xóm mất điện từ tối qua",
    "Ống nước sạch bị vỡ, nước chảy tràn ra đường suốt ngày",
    "Trụ điện nghiêng sắp đổ, rất nguy hiểm cho người đi đường",
    "Cáp viễn thông đứt, internet và điện thoại cố định không dùng được",
    "Quán ăn bán thức ăn ôi thiu, không bảo đảm an toàn thực phẩm",
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


CHANNELS = ("web", "zalo", "facebook", "email")


@dataclass(frozen=True, slots=True)
class Citizen:
    """One citizen on one channel; `number` tells citizens of all channels apart and seeds what they write."""

    number: int
    seed: int
    channel: str = "web"

    @property
    def user_id(self) -> str:
        """Under which name the channel knows them: the app's own, a platform's number, a mail address."""
        match self.channel:
            case "zalo":
                return f"2512{self.seed % 1_000_000:06}{self.number:09}"
            case "facebook":
                return f"7421{self.seed % 1_000_000:06}{self.number:06}"
            case "email":
                return f"crash.{self.seed}.{self.number}@citizen.example"
            case _:
                return f"crash-{self.seed}-{self.number}"

    def key(self, place: int) -> str:
        """Names the message at this place in the citizen's sequence: the same whenever it is sent again."""
        return f"crash-{self.seed}-{self.number}-{place}"

    def text(self, place: int) -> str:
        """The message as its ticket must have it."""
        match self.channel:
            case "web":
                return self._content(place)
            case "email":
                return f"{self.subject(place)}\n\n{self.words(place)}"
            case _:
                return self.words(place)

    def words(self, place: int) -> str:
        """What is written where nothing but the text can say who writes."""
        return f"{self._content(place)} {self._signed(place)}"

    def subject(self, place: int) -> str:
        """Subject of a mail."""
        return f"Phản ánh {place + 1}"

    def body(self, place: int) -> dict[str, Any]:
        """The same as a body of the app's: unlike any other."""
        house, lane, street = self._where(place)
        return {
            "user_id": self.user_id,
            "content": self._content(place),
            "place": f"số {house} đường {street}, phường Bình Phước",
            "contact": {"name": self._name, "phone": self._phone(place), "address": _address(lane, street)},
        }

    def _content(self, place: int) -> str:
        chance = random.Random(f"{self.seed}/{self.number}/{place}/words")  # noqa: S311 - repeatable, not secret
        matter = MATTERS[(self.number * 7 + place) % len(MATTERS)]
        house, lane, street = self._where(place)
        return (
            f"{matter}. Sự việc {chance.choice(WHEN)} ở số {house} hẻm {lane} đường {street}, phường Bình Phước, "
            f"{chance.choice(WISH)}. Số ghi của tôi {self.number * 1000 + place}."
        )

    def _signed(self, place: int) -> str:
        _, lane, street = self._where(place)
        return f"Tôi là {self._name}, số điện thoại {self._phone(place)}, địa chỉ {_address(lane, street)}."

    def _where(self, place: int) -> tuple[int, int, str]:
        """House, lane and street."""
        chance = random.Random(f"{self.seed}/{self.number}/{place}")  # noqa: S311 - repeatable, not secret
        return chance.randrange(1, 999), chance.randrange(1, 99), chance.choice(STREETS)

    @property
    def _name(self) -> str:
        return f"{FAMILY[self.number % len(FAMILY)]} {GIVEN[self.number // len(FAMILY) % len(GIVEN)]}"

    def _phone(self, place: int) -> str:
        return f"09{self.number % 100:02d}{place % 10000:04d}{self.seed % 100:02d}"


def _address(lane: int, street: str) -> str:
    return f"số {lane} đường {street}, phường Bình Phước, tỉnh Đồng Nai"
