"""The public form: what is sent is durable before the code is shown, and a fault costs nobody their words."""

import json
from typing import Any

import pytest

from gateway.domain.identity import read_code
from schemas.files import AttachmentState
from schemas.vocabulary import Intake
from tests.pipeline.web.harness import FILLED, Channel, photo

ATTACK = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


async def test_a_filled_form_is_published_once_and_answered_with_code_and_secret(channel: Channel) -> None:
    answer = await channel.send_form()
    assert answer.status_code == 303
    assert answer.headers["location"] == "/da-gui"
    page = await channel.client.get("/da-gui")
    [raw] = await channel.raws()
    code = channel.web.identity.receipt_code(raw.id)
    assert page.status_code == 200
    assert code in page.text
    assert channel.web.identity.lookup_secret(code) in page.text
    assert read_code(code) == code
    said = json.loads(raw.personal.payload)
    assert raw.intake is Intake.FORM
    assert raw.trial
    assert said["content"] == FILLED["content"]
    assert said["contact"]["phone"] == FILLED["phone"]
    assert said["consent"] == {
        "notice_version": channel.web.province.notice.version,
        "publish_details": False,
        "exact_position": False,
    }


async def test_the_receipt_survives_a_reload_and_then_expires(channel: Channel) -> None:
    await channel.send_form()
    first, again = await channel.client.get("/da-gui"), await channel.client.get("/da-gui")
    assert first.text == again.text
    channel.clock.pass_by(hours=2)
    assert (await channel.client.get("/da-gui")).status_code == 404


async def test_the_secret_is_in_no_address_and_no_cookie(channel: Channel) -> None:
    answer = await channel.send_form()
    [raw] = await channel.raws()
    secret = channel.web.identity.lookup_secret(channel.web.identity.receipt_code(raw.id))
    assert secret not in answer.headers["location"]
    assert secret not in answer.headers["set-cookie"]
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "samesite=strict" in answer.headers["set-cookie"].lower()


async def test_a_form_sent_twice_is_one_message_with_one_code(channel: Channel) -> None:
    token = await channel.form_token()
    for _ in range(2):
        assert (await channel.send_form(form=token)).status_code == 303
    raws = await channel.raws()
    assert len({raw.id for raw in raws}) == 1
    assert len({record.message.id for record in await channel.records()}) == 1


async def test_a_form_sent_again_with_other_words_is_a_second_message_of_the_same_citizen(channel: Channel) -> None:
    token = await channel.form_token()
    await channel.send_form(form=token)
    await channel.send_form(form=token, content="Đèn đường hỏng, nay cả ổ gà lớn trước cổng trường học.")
    first, second = await channel.raws()
    assert first.account == second.account
    assert first.id != second.id


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("content", "", "viết nội dung"),
        ("content", "   \n ", "viết nội dung"),
        ("content", "alo", "rõ hơn"),
        ("content", "\u202e\u200b\x00", "viết nội dung"),
        ("content", "a" * 20_001, "20.000"),
        ("content", "e" + "\u0301" * 45_000, "20.000"),
        ("name", "", "họ và tên"),
        ("name", "12345", "bằng chữ"),
        ("name", "A" * 121, "quá dài"),
        ("phone", "", "số điện thoại"),
        ("phone", "113", "chưa đúng"),
        ("phone", "khong co", "chưa đúng"),
        ("phone", "0912345", "chưa đúng"),
        ("address", "", "địa chỉ"),
        ("address", "12345678", "rõ địa chỉ"),
        ("email", "an@", "thư điện tử"),
        ("email", "an@@example.com", "thư điện tử"),
        ("website", "http://spam.example", "để trống"),
        ("form", "forged", "bấm gửi lần nữa"),
    ],
)
async def test_a_fault_is_told_beside_its_field_and_nothing_is_published(
    channel: Channel, field: str, value: str, sentence: str
) -> None:
    fields: dict[str, Any] = {field: value}
    answer = await channel.send_form(**fields)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert sentence in answer.text
    assert await channel.raws() == []


async def test_a_fault_keeps_what_was_typed_and_escapes_it(channel: Channel) -> None:
    answer = await channel.send_form(phone="", name=f"An {ATTACK}", place=ATTACK, publish_details="1")
    assert FILLED["content"] in answer.text
    assert "<script" not in answer.text
    assert "<img" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert 'id="publish_details" name="publish_details" type="checkbox" value="1" checked' in answer.text


async def test_an_expired_form_can_be_sent_again_with_one_press(channel: Channel) -> None:
    token = await channel.form_token()
    channel.clock.pass_by(days=3)
    refused = await channel.send_form(form=token)
    assert refused.status_code == 422
    assert (await channel.send_form()).status_code == 303


async def test_photos_are_stored_sealed_before_the_message_is_published(channel: Channel) -> None:
    answer = await channel.send_form(files=[("photos", photo("ổ gà.jpg")), ("photos", photo("b.jpg"))])
    assert answer.status_code == 303
    [raw] = await channel.raws()
    assert [part.state for part in raw.attachments] == [AttachmentState.STORED] * 2
    assert raw.attachments[0].personal.name == "ổ gà.jpg"
    assert raw.attachments[0].kind == "image"
    assert raw.attachments[0].file is not None
    assert (await channel.web.files.open(raw.attachments[0].file)).startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(
    ("files", "status", "sentence"),
    [
        ([("photos", ("p.jpg", b"\xff\xd8\xff" + b"0" * 25_000_000, "image/jpeg"))], 413, "lớn hơn 10 MB"),
        ([("photos", (f"{n}.jpg", b"\xff\xd8\xff" + b"0" * 9_000_000, "image/jpeg")) for n in range(3)], 413, "25 MB"),
        ([("photos", (f"{n}.jpg", b"\xff\xd8\xff0", "image/jpeg")) for n in range(7)], 413, "tối đa 6 tệp"),
        ([("photos", ("p.jpg", b"<svg onload=alert(1)>", "image/jpeg"))], 422, "không phải là loại"),
        ([("photos", ("p.exe", b"MZ" + b"\0" * 99, "image/png"))], 422, "không phải là loại"),
        ([("photos", ("p.jpg", b"", "image/jpeg"))], 422, "tệp trống"),
        ([("elsewhere", ("p.jpg", b"\xff\xd8\xff", "image/jpeg"))], 422, "sai chỗ"),
    ],
)
async def test_a_photo_that_cannot_be_taken_is_told_beside_its_field(
    channel: Channel, files: list[Any], status: int, sentence: str
) -> None:
    answer = await channel.send_form(files=files)
    assert answer.status_code == status
    assert sentence in answer.text
    assert FILLED["content"] in answer.text
    assert await channel.raws() == []


async def test_the_memory_of_refused_photos_is_given_back(channel: Channel) -> None:
    big = [("photos", (f"{n}.jpg", b"\xff\xd8\xff" + b"0" * 8_000_000, "image/jpeg")) for n in range(4)]
    small = channel.with_(settings=channel.web.settings.model_copy(update={"upload_memory": 26 * 1_048_576}))
    for _ in range(3):
        assert (await small.send_form(files=big)).status_code == 413
    held = [("photos", ("a.jpg", b"\xff\xd8\xff" + b"0" * 9_000_000, "image/jpeg"))]
    assert (await small.send_form(files=held)).status_code == 303


async def test_the_english_form_leads_to_the_english_receipt(channel: Channel) -> None:
    assert (await channel.send_form("/en")).headers["location"] == "/en/received"
    [raw] = await channel.raws()
    assert json.loads(raw.personal.payload)["language"] == "en"
    assert "is being checked" in (await channel.client.get("/en/received")).text
