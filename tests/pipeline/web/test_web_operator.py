"""Operators' entries: only with an operator's key, under the operator's name, each reference number once."""

import json
import re
from typing import Any

import httpx
import pytest

from schemas.vocabulary import Intake
from tests.pipeline.web.harness import MP3, OPERATOR_KEY, Channel

ENTRY = {
    "intake": "call",
    "content": "Người dân gọi báo mất nước từ sáng tại khu phố 3.",
    "contact": {"name": "Trần Thị Bé", "phone": "0987654321"},
    "reference": "C-1",
    "label": "infrastructure_incident",
    "subfield": "water_supply",
}


def token_in(page: str) -> str:
    return str(re.findall(r'name="form" value="([^"]+)"', page)[-1])


async def enter(
    channel: Channel, entry: object, key: str = OPERATOR_KEY, files: list[Any] | None = None
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"}
    if files is None:
        return await channel.client.post("/v1/operator/entries", json=entry, headers=headers)
    parts = [("entry", (None, json.dumps(entry), "application/json")), *files]
    return await channel.client.post("/v1/operator/entries", files=parts, headers=headers)


async def log_in(channel: Channel) -> str:
    """Log in by page; the token of the entry form."""
    page = await channel.client.get("/tong-dai")
    answer = await channel.client.post("/tong-dai/dang-nhap", data={"form": token_in(page.text), "key": OPERATOR_KEY})
    assert answer.status_code == 303
    assert "HttpOnly" in answer.headers["set-cookie"]
    return token_in((await channel.client.get("/tong-dai")).text)


async def test_a_call_is_published_under_the_operators_name(channel: Channel) -> None:
    answer = await enter(channel, ENTRY, files=[("recording", ("call.mp3", MP3, "audio/mpeg"))])
    assert answer.status_code == 202
    [raw] = await channel.raws()
    assert raw.intake is Intake.CALL
    assert raw.personal.headers == {"x-operator": "op_lan"}
    assert raw.account == channel.web.identity.account("web", "call:C-1")
    assert [part.kind for part in raw.attachments] == ["audio"]
    assert answer.json()["code"] == channel.web.identity.receipt_code(raw.id)


async def test_the_same_reference_is_one_entry_and_another_content_is_refused(channel: Channel) -> None:
    first, again = await enter(channel, ENTRY), await enter(channel, ENTRY)
    assert first.content == again.content
    other = await enter(channel, {**ENTRY, "content": "Một cuộc gọi khác hẳn."})
    assert (other.status_code, other.json()["reason"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("key", ["", "wrong", "app-key-of-a-test"])
async def test_nobody_else_can_enter(channel: Channel, key: str) -> None:
    assert (await enter(channel, ENTRY, key)).status_code == 401
    assert await channel.raws() == []


@pytest.mark.parametrize(
    "change",
    [
        {"intake": "form"},
        {"intake": None},
        {"content": ""},
        {"label": "nonsense"},
        {"label": None},
        {"subfield": "lighting "},
        {"subfield": "education"},
        {"received_at": "2027-01-01T00:00:00Z"},
        {"reference": ""},
        {"reference": "r" * 101},
    ],
)
async def test_a_wrong_entry_is_422(channel: Channel, change: dict[str, Any]) -> None:
    answer = await enter(channel, {**ENTRY, **change})
    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert await channel.raws() == []


@pytest.mark.parametrize(("content", "reason"), [(b"%PDF-1.4", "file_type"), (b"MZ", "file_type"), (b"", "empty_file")])
async def test_a_recording_that_is_none_is_refused(channel: Channel, content: bytes, reason: str | None) -> None:
    answer = await enter(channel, ENTRY, files=[("recording", ("call.mp3", content, "audio/mpeg"))])
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "recording", "reason": reason}]


async def test_an_operator_logs_in_enters_a_letter_and_logs_out(channel: Channel) -> None:
    token = await log_in(channel)
    fields = {
        "form": token,
        "intake": "letter",
        "content": "Thư của ông Lê Văn Tám về việc đường liên thôn xuống cấp.",
        "name": "Lê Văn Tám",
        "reference": "CV-12",
        "called_at": "25/11/2026 14:05",
        "field": "infrastructure_incident/road",
    }
    answer = await channel.client.post("/tong-dai", data=fields)
    [raw] = await channel.raws()
    assert answer.status_code == 200
    assert channel.web.identity.receipt_code(raw.id) in answer.text
    said = json.loads(raw.personal.payload)
    assert (said["received_at"], said["label"], said["subfield"]) == (
        "2026-11-25T07:05:00Z",
        "infrastructure_incident",
        "road",
    )
    used = await channel.client.post("/tong-dai", data={**fields, "content": "Nội dung khác của cùng một thư."})
    assert used.status_code == 422
    assert 'href="#reference"' in used.text
    assert len(await channel.raws()) == 1
    await channel.client.post("/tong-dai/dang-xuat")
    assert 'name="key"' in (await channel.client.get("/tong-dai")).text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("intake", "form"),
        ("content", ""),
        ("phone", "1"),
        ("called_at", "yesterday"),
        ("called_at", "2030-01-01T00:00"),
        ("called_at", "01/01/0001 00:00"),
        ("field", "infrastructure_incident/education"),
    ],
)
async def test_a_fault_on_the_page_is_told_beside_its_field(channel: Channel, field: str, value: str) -> None:
    token = await log_in(channel)
    fields = {"form": token, "intake": "call", "content": "Mất nước từ sáng nay ở khu phố 3.", field: value}
    answer = await channel.client.post("/tong-dai", data=fields)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert await channel.raws() == []


async def test_a_form_of_another_session_is_refused(channel: Channel) -> None:
    stolen = await log_in(channel)
    channel.client.cookies.clear()
    await log_in(channel)
    answer = await channel.client.post("/tong-dai", data={"form": stolen, "intake": "call", "content": "Mất nước ạ."})
    assert answer.status_code == 403
    assert await channel.raws() == []


async def test_a_session_ends_after_eight_hours(channel: Channel) -> None:
    token = await log_in(channel)
    channel.clock.pass_by(hours=8, seconds=1)
    answer = await channel.client.post("/tong-dai", data={"form": token, "intake": "call", "content": "Mất nước ạ."})
    assert answer.status_code == 401


async def test_a_dismissed_operators_session_ends_at_once(channel: Channel) -> None:
    await log_in(channel)
    without = channel.with_(settings=channel.web.settings.model_copy(update={"operator_keys": {}}))
    without.client.cookies = channel.client.cookies
    assert 'name="key"' in (await without.client.get("/tong-dai")).text


async def test_wrong_keys_at_the_login_are_slowed_down(channel: Channel) -> None:
    statuses = []
    for _ in range(21):
        token = token_in((await channel.client.get("/tong-dai")).text)
        answer = await channel.client.post("/tong-dai/dang-nhap", data={"form": token, "key": "wrong"})
        statuses.append(answer.status_code)
    assert statuses == [403] * 20 + [429]
