"""What is sent: complete submissions of about 2 kB, every one unlike the others."""

import json
from uuid import uuid4

FILLING = (
    "Gia đình tôi và các hộ chung quanh đã nhiều lần báo cho tổ trưởng khu phố nhưng đến nay chưa thấy ai xuống xem. "
    "Buổi tối các cháu nhỏ đi học thêm về phải mò mẫm, đã có hai người bị ngã xe, rất mong được quan tâm giải quyết. "
)
SIZE = 2000


def body(number: int) -> bytes:
    """A body of at least 2 000 bytes as an app would send it, for a citizen of its own."""
    content = f"Đèn đường số {number} ở đường Nguyễn Huệ, phường Bình Phước hỏng một tuần nay, đề nghị sửa giúp. "
    given = {
        "user_id": f"bench-{uuid4()}",
        "content": content,
        "contact": {"name": "Nguyễn Văn An", "phone": "0912345678", "address": "12 Hùng Vương, phường Bình Phước"},
    }
    while len(encoded := json.dumps(given, ensure_ascii=False).encode()) < SIZE:
        given["content"] = f"{given['content']}{FILLING}"
    return encoded
