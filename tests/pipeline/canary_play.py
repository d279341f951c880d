"""Plays marked citizens and operators against a running gateway, by every way that a value can come in."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass

from cli.demo.client import Receipt
from cli.demo.files import photo, recording
from tests.gateway_process import ROOT, GatewayProcess
from tests.pipeline.canaries import Canaries
from tests.pipeline.visitor import Visitor, received, shown

NAME, PHONE, EMAIL = "Quách Thị Kanariphượng", "0987612349", "kanaripost@vidu.vn"
CONTACT = {"name": NAME, "phone": PHONE, "email": EMAIL, "address": "số 90417 hẻm Kanarihẻm, phường Bình Phước"}
USER, KEY, REFERENCE, NOTHING = "kanariuser-1", "kanarikey-1", "KANARICV-77", "kanarinobody"
CONTENT = "Ống nước sạch ở ấp 3, xã Thuận Lợi bị vỡ, nước chảy tràn ra đường suốt ngày. Nhà có cổng kanariloi."
FORM = "Nhà máy xả nước thải ra suối làm cá chết, mùi hôi thối suốt ngày. Cạnh ruộng nhà kanariruong."
WATER = "Ống nước sạch ở xã Thuận Lợi bị vỡ, nước chảy tràn ra đường từ hôm qua tới giờ. Cạnh quán bà kanarinuoc."
UNCLEAR = "Đi xa mười năm trở về, tôi muốn bắt đầu lại từ đầu mà chưa biết gõ cửa nào, như ông kanarixa."
CALL = "Người dân gọi báo mất nước máy từ sáng tại khu phố 3, phường Bình Long. Gọi từ quán kanarigoi."
ADDED, NOTE, ANSWER = "Địa chỉ cạnh lò gạch kanarithem.", "Nhắn cán bộ gặp kanarinhan.", "Mời đến gặp kanaridap."
PLACE, FILE = "sau chùa kanarichua", "kanarianh.png"
PAPER, PAPER_NAME = b"%PDF-1.7\n% kanarinoidung\n" * 10, "kanaritep.pdf"

MARKS = {
    "name": (NAME, "kanariphượng", "kanariphuong"),
    "phone": (PHONE, "987612349", "0987 612 349", "987-612-349"),
    "email": ("kanaripost",),
    "address": ("kanarihẻm", "kanarihem"),
    "user": (USER,),
    "idempotency key": (KEY,),
    "reference": (REFERENCE,),
    "content": ("kanariloi", "kanariruong", "kanarinuoc", "kanarixa", "kanarigoi", "kanarithem"),
    "note": ("kanarinhan",),
    "answer": ("kanaridap",),
    "place": ("kanarichua",),
    "file name": ("kanarianh",),
    "answer's file": ("kanarinoidung",),
    "answer's file name": ("kanaritep",),
    "stray": (NOTHING,),
}


@dataclass(frozen=True)
class Played:
    """Receipts by what was played, the marks with the secrets that came up, and what commands said as they ran."""

    receipts: dict[str, Receipt]
    canaries: Canaries
    complaints: bytes


def play(gateway: GatewayProcess, visitor: Visitor) -> Played:
    """Everything, until all of it has ended where it must."""
    picture = {"photos": (FILE, photo(), "image/png")}
    body = {"user_id": USER, "content": CONTENT, "place": PLACE, "contact": CONTACT}
    receipts = {
        "app": received(visitor.submit(body, **{"Idempotency-Key": KEY})),
        "unclear": received(visitor.submit({**body, "user_id": f"{USER}-b", "content": UNCLEAR})),
        "call": received(
            visitor.enter(
                {"intake": "call", "reference": REFERENCE, "content": CALL, "contact": CONTACT},
                {"recording": (FILE.replace("png", "wav"), recording(), "audio/wav")},
            )
        ),
        "form": visitor.sent_form({"content": FORM, "place": PLACE, **CONTACT}, picture),
        "asked": received(visitor.submit({"user_id": f"{USER}-c", "content": WATER})),
    }
    _supplement(visitor, receipts["asked"])
    complaints = _decide(gateway, visitor, receipts["unclear"])
    for receipt in receipts.values():
        visitor.until(receipt, lambda seen: seen["transferred_at"] is not None)
    _mistakes(visitor, receipts["app"])
    secrets = {
        f"secret of {name}": (receipt.secret, receipt.secret.replace("-", "")) for name, receipt in receipts.items()
    }
    keys = {f"key of {name}": (gateway.token(name),) for name in ("app", "operator")}
    return Played(receipts, Canaries({**MARKS, **secrets, **keys}), complaints)


def _supplement(visitor: Visitor, receipt: Receipt) -> None:
    """What was asked for is answered on the lookup page."""
    visitor.until(receipt, lambda seen: seen["outcome"] == "pending_supplement")
    opened = visitor.send("/tra-cuu", {"code": receipt.code, "secret": receipt.secret})
    assert opened.status_code == 303
    page = visitor.ask("GET", opened.headers["location"])
    fields = {"content": ADDED, "place": "", **CONTACT, "form": shown("form", page)}
    added = visitor.send("/tra-cuu/bo-sung", fields, {"photos": (FILE, photo() + b"\0", "image/png")})
    assert added.status_code == 303, added.text


def _decide(gateway: GatewayProcess, visitor: Visitor, receipt: Receipt) -> bytes:
    """An operator accepts, sends on with a note, and answers; what the commands wrote to standard error."""
    visitor.until(receipt, lambda seen: seen["outcome"] == "needs_review")
    said = _command(gateway, "review", receipt.code, "accept", "--as", "op_lan", "--agency", "dn_cong_an")
    visitor.until(receipt, lambda seen: seen["transferred_at"] is not None)
    said += _command(
        gateway, "review", receipt.code, "route", "--as", "op_lan", "--agency", "cap_thoat_nuoc", "--note", NOTE
    )
    paper = gateway.data.with_name(PAPER_NAME)
    paper.write_bytes(PAPER)
    said += _command(gateway, "answer", receipt.code, "--as", "op_lan", "--text", ANSWER, "--file", str(paper))
    visitor.until(receipt, lambda seen: seen["answered_at"] is not None)
    return said


def _command(gateway: GatewayProcess, *arguments: str) -> bytes:
    environment = {**os.environ, "GATEWAY_DATA": str(gateway.data), "GATEWAY_PORT": str(gateway.port)}
    ended = subprocess.run(
        [sys.executable, "-m", "cli", *arguments], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stderr


def _mistakes(visitor: Visitor, receipt: Receipt) -> None:
    """Everything that can be wrong with a request, with a marked value where the mistake is."""
    right = {"user_id": USER, "content": CONTENT, "contact": CONTACT}
    wrong: tuple[object, ...] = (
        {**right, "contact": {**CONTACT, "phone": {NOTHING: NOTHING}}},
        {**right, "contact": NOTHING},
        {**right, "verified": [NOTHING]},
        {**right, "sent_at": NOTHING},
        {**right, "content": "", NOTHING: NOTHING},
        [NOTHING],
        NOTHING,
    )
    statuses = [visitor.submit(body).status_code for body in wrong]
    json_key = visitor.key("app", **{"Content-Type": "application/json"})
    twice = json.dumps(right)[:-1] + f', "{NOTHING}": 1, "{NOTHING}": 2}}'
    texts = (twice, f'{{"{NOTHING}": ', f'{{"content": "{NOTHING}\\ud800"}}', f'{{"{NOTHING}": 1e999}}')
    statuses += [
        visitor.ask("POST", "/v1/submissions", content=text.encode(), headers=json_key).status_code for text in texts
    ]
    statuses.append(visitor.submit({**right, "content": WATER}, **{"Idempotency-Key": KEY}).status_code)
    stranger = {"Authorization": f"Bearer {NOTHING}", "X-API-Key": NOTHING, "User-Agent": NOTHING}
    statuses.append(visitor.ask("POST", "/v1/submissions", json=right, headers=stranger).status_code)
    guess = visitor.key("app", **{"X-Lookup-Secret": NOTHING})
    asked = (f"/v1/submissions/{receipt.code}", f"/v1/submissions/{NOTHING}", f"/v1/{NOTHING}?name={NOTHING}")
    statuses += [visitor.ask("GET", path, headers=guess).status_code for path in asked]
    statuses += [visitor.ask("GET", path).status_code for path in (f"/{NOTHING}", f"/tra-cuu/{NOTHING}?q={NOTHING}")]
    statuses.append(visitor.send("/tra-cuu", {"code": receipt.code, "secret": NOTHING}).status_code)
    statuses.append(visitor.send("/tong-dai/dang-nhap", {"key": NOTHING, "form": NOTHING}).status_code)
    files = {"photos": (f"{NOTHING}.exe", NOTHING.encode(), NOTHING)}
    entry = {"entry": json.dumps({"intake": NOTHING, "content": CALL})}
    statuses.append(
        visitor.ask(
            "POST", "/v1/operator/entries", data=entry, files=files, headers=visitor.key("operator")
        ).status_code
    )
    statuses.append(visitor.send_form({"content": CONTENT, **CONTACT, "phone": NOTHING}, files).status_code)
    assert all(400 <= status < 500 for status in statuses), statuses
