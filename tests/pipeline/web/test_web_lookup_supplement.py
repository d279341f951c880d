"""What a citizen adds on the lookup page: to their own open submission only, and every fault beside its field."""

import pytest

from tests.pipeline.web.harness import Channel, photo
from tests.pipeline.web.looking_up import FORM, found_in, look_up, opened


async def test_a_supplement_request_is_answered_on_the_page(channel: Channel) -> None:
    code, secret, account = await opened(channel)
    await channel.project(
        code,
        account,
        outcome={"kind": "pending_supplement"},
        missing=["address", "phone"],
        until="2026-11-29T01:30:00+00:00",
    )
    page = await look_up(channel, code, secret)
    assert 'id="missing"' in page
    assert "29/11/2026 08:30" in page
    token = found_in(page, FORM)
    fields = {"form": token, "content": "", "address": "Tổ 3, ấp 2, xã Thuận Lợi", "phone": "0912345678"}
    for _ in range(2):
        answer = await channel.client.post("/tra-cuu/bo-sung", data=fields, files=[("photos", photo("a.jpg"))])
        assert (answer.status_code, answer.headers["location"]) == (303, "/tra-cuu/ket-qua?ok=1")
    added = (await channel.raws())[1:]
    assert {(raw.account, raw.personal.headers["x-answers"]) for raw in added} == {(account, code)}
    assert len({raw.id for raw in added}) == 1
    assert "đã nhận được thông tin bổ sung" in (await channel.client.get("/tra-cuu/ket-qua?ok=1")).text


@pytest.mark.parametrize(
    ("fields", "fault"),
    [({}, "content"), ({"phone": "12"}, "phone"), ({"content": "a" * 20_001}, "content"), ({"form": "x"}, "form")],
)
async def test_a_bad_addition_is_told_beside_its_field(channel: Channel, fields: dict[str, str], fault: str) -> None:
    code, secret, account = await opened(channel)
    await channel.project(code, account, outcome={"kind": "pending_supplement"}, missing=["content"])
    page = await look_up(channel, code, secret)
    token = found_in(page, FORM)
    answer = await channel.client.post("/tra-cuu/bo-sung", data={"form": token, **fields})
    assert answer.status_code == 422
    assert f'href="#{fault}"' in answer.text
    assert len(await channel.raws()) == 1


async def test_another_submissions_form_does_not_add_to_this_one(channel: Channel) -> None:
    first, first_secret, account = await opened(channel)
    await channel.project(first, account)
    page = await look_up(channel, first, first_secret)
    token = found_in(page, FORM)
    second, secret, other = await opened(channel)
    await channel.project(second, other)
    await look_up(channel, second, secret)
    answer = await channel.client.post("/tra-cuu/bo-sung", data={"form": token, "content": "Thêm một điều nữa."})
    assert answer.status_code == 422


async def test_nothing_is_added_to_a_rejected_submission(channel: Channel) -> None:
    code, secret, account = await opened(channel)
    await channel.project(code, account)
    page = await look_up(channel, code, secret)
    token = found_in(page, FORM)
    again = {"kind": "rejected", "reason": "out_of_scope"}
    await channel.web.documents.clear("submission")
    await channel.project(code, account, outcome=again)
    answer = await channel.client.post("/tra-cuu/bo-sung", data={"form": token, "content": "Thêm một điều nữa."})
    assert answer.status_code == 409
    assert "không nhận thêm thông tin" in answer.text
