"""How fast typical mails are read through a bounded child: long headers, text beside HTML, now and then a photo."""

import asyncio
import base64
import resource
from email.message import EmailMessage
from email.policy import SMTP

from services.email_ingest.reader import MailReader, mail_children

MAILS = 4_000
KINDS = 20
PHOTO = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(range(256)) * 600
PARAGRAPH = (
    "Kính gửi Tổng đài 1022, đoạn đường trước trường tiểu học bị ngập sâu mỗi khi mưa lớn, học sinh phải lội nước"
    " đến lớp, nhiều xe chết máy. Bà con đã phản ánh với tổ dân phố nhưng chưa thấy ai đến xem."
)


def mails_per_core_second() -> float:
    """Mails read by one second of processor time, of parent and child together, starts of children included."""
    sources = [typical(number) for number in range(KINDS)]
    before = _cpu()
    asyncio.run(_read([sources[number % KINDS] for number in range(MAILS)]))
    return MAILS / (_cpu() - before)


def typical(number: int) -> bytes:
    """A mail as large providers hand it over: new or an answer, one in ten with a photo."""
    mail = EmailMessage(policy=SMTP)
    for hop in range(5):
        mail["Received"] = (
            f"from relay{hop}.provider.example (relay{hop}.provider.example. [192.0.2.{hop + 1}]) by"
            f" mx{hop}.hotline.example with ESMTPS id 4c8d{number:06}{hop} (version=TLS1_3)"
            " for <1022@hotline.example>; Wed, 25 Nov 2026 10:05:00 +0700"
        )
    signature = base64.b64encode(bytes(256)).decode()
    mail["DKIM-Signature"] = f"v=1; a=rsa-sha256; d=provider.example; s=s1; h=from:to:subject:date; b={signature}"
    mail["ARC-Seal"] = f"i=1; a=rsa-sha256; d=provider.example; s=arc; b={signature}"
    mail["From"] = "Nguyễn Thị Minh Khai <khai.nguyen@citizen.example>"
    mail["To"] = "Tổng đài 1022 <1022@hotline.example>"
    mail["Subject"] = "Phản ánh đường ngập nước trước trường tiểu học"
    mail["Date"] = "Wed, 25 Nov 2026 10:05:00 +0700"
    mail["Message-ID"] = f"<CAF{number}@mail.provider.example>"
    said = "\n\n".join([PARAGRAPH] * 4)
    quoted = (
        "Vào Th 3, 24 thg 11, 2026 vào lúc 09:15 Tổng đài <1022@hotline.example> đã viết:\n\n> Xin bổ sung địa chỉ.\n"
    )
    answer = number % 2 == 0
    mail.set_content(f"{said}\n\n{quoted if answer else ''}", cte="quoted-printable")
    paragraphs = "".join(
        f'<div dir="ltr" style="font-family:Arial;color:#222222">{PARAGRAPH}<br></div>' for _ in range(4)
    )
    mail.add_alternative(f"<html><body>{paragraphs}</body></html>", subtype="html", cte="quoted-printable")
    if number % 10 == 0:
        mail.add_attachment(PHOTO, maintype="image", subtype="jpeg", filename="Ảnh ngập nước.jpg")
    return mail.as_bytes()


async def _read(sources: list[bytes]) -> None:
    children = mail_children()
    reader = MailReader(children)
    for source in sources:
        await reader.read(source)
    await children.close()


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)
