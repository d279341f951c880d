"""The app's interface: durable before 202, the same key is the same SUBMISSION, and every bad input a clear 4xx."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from schemas.vocabulary import Intake
from tests.pipeline.web.harness import SUBMISSION, Channel, photo

CANARY = "CANARY-7731"


def nested(depth: int) -> bytes:
    return b'{"content":' + b"[" * depth + b"]" * depth + b"}"


async def test_a_submission_is_published_verbatim_and_answered_with_code_and_secret(channel: Channel) -> None:
    body = json.dumps({**SUBMISSION, "later_member": {"a": 1}}, indent=3).encode()
    answer = await channel.submit(body)
    assert answer.status_code == 202
    [raw] = await channel.raws()
    said = answer.json()
    assert raw.personal.payload == body
    assert raw.intake is Intake.APP
    assert raw.account == channel.web.identity.account("web", "app:user-1")
    assert said["code"] == channel.web.identity.receipt_code(raw.id)
    assert channel.web.identity.secret_matches(said["code"], said["secret"])
    assert said["status_url"] == f"http://127.0.0.1:8022/v1/submissions/{said['code']}"


async def test_incomplete_contact_is_taken_and_asked_for_later(channel: Channel) -> None:
    assert (await channel.submit({"content": "Nước bẩn ở ấp 2.", "user_id": "u"})).status_code == 202


async def test_the_same_key_with_the_same_body_gets_the_same_answer(channel: Channel) -> None:
    first = await channel.submit(SUBMISSION, **{"Idempotency-Key": "k-1"})
    channel.clock.pass_by(minutes=5)
    again = await channel.submit(SUBMISSION, **{"Idempotency-Key": "k-1"})
    assert first.status_code == again.status_code == 202
    assert first.content == again.content
    assert len({raw.id for raw in await channel.raws()}) == 1


async def test_the_same_key_with_another_body_is_refused(channel: Channel) -> None:
    await channel.submit(SUBMISSION, **{"Idempotency-Key": "k-1"})
    answer = await channel.submit({**SUBMISSION, "content": "Một việc khác hẳn."}, **{"Idempotency-Key": "k-1"})
    assert answer.status_code == 422
    assert answer.json()["reason"] == "idempotency_key_reused"
    assert len(await channel.raws()) == 1


async def test_a_key_belongs_to_its_user(channel: Channel) -> None:
    first = await channel.submit(SUBMISSION, **{"Idempotency-Key": "k-1"})
    other = await channel.submit({**SUBMISSION, "user_id": "user-2"}, **{"Idempotency-Key": "k-1"})
    assert other.status_code == 202
    assert other.json()["code"] != first.json()["code"]


async def test_without_a_key_each_request_is_its_own_submission(channel: Channel) -> None:
    codes = {(await channel.submit(SUBMISSION)).json()["code"] for _ in range(2)}
    assert len(codes) == 2


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"", 400, "not_json"),
        (b"{", 400, "not_json"),
        (b"[]", 422, "not_an_object"),
        (b'"text"', 422, "not_an_object"),
        (b"\xff\xfe{}", 400, "not_utf8"),
        (json.dumps({"content": "x"}).encode("utf-16"), 400, "not_utf8"),
        (nested(70), 400, "too_deep"),
        (b'{"n": 1e999}', 400, "number_too_large"),
        (b'{"n": NaN}', 400, "not_json"),
        (b'{"n": ' + b"9" * 5000 + b"}", 400, "number_too_large"),
        (b'{"content": "a", "content": "b"}', 400, "duplicate_member"),
        (b'{"content": "\\ud800"}', 400, "lone_surrogate"),
        ({"content": "e" + "\u0301" * 400_000, "user_id": "u"}, 413, "too_large"),
        ({"content": "a" * 20_001, "user_id": "u"}, 422, "text_too_long"),
        (b" " * 1_000_001, 413, "too_large"),
        ({}, 422, "invalid_fields"),
        ({"content": CANARY}, 422, "invalid_fields"),
        ({"content": 7, "user_id": CANARY}, 422, "invalid_fields"),
        ({"content": "", "user_id": CANARY}, 422, "invalid_fields"),
        ({"content": "\u0000\u202e\u200b", "user_id": CANARY}, 422, "invalid_fields"),
        ({"content": CANARY, "user_id": ""}, 422, "invalid_fields"),
        ({"content": CANARY, "user_id": 5}, 422, "invalid_fields"),
        ({"content": CANARY, "user_id": "u" * 201}, 422, "invalid_fields"),
        ({"content": CANARY, "user_id": "u", "contact": []}, 422, "invalid_fields"),
        ({"content": CANARY, "user_id": "u", "contact": {"name": {"x": CANARY}}}, 422, "invalid_fields"),
        ({"content": CANARY, "user_id": "u", "contact": {"phone": "0" * 41}}, 422, "invalid_fields"),
        ({"content": CANARY, "user_id": "u", "language": CANARY}, 422, "invalid_fields"),
        ({"content": CANARY, "user_id": "u", "language": "other"}, 422, "invalid_fields"),
        ({"content": CANARY, "user_id": "u", "verified": ["email"]}, 422, "invalid_fields"),
        ({"content": CANARY, "user_id": "u", "sent_at": CANARY}, 422, "invalid_fields"),
        ({"content": CANARY, "user_id": "u", "sent_at": 1790000000}, 422, "invalid_fields"),
        ({"content": CANARY, "user_id": "u", "sent_at": "2026-11-26T08:30:00"}, 422, "invalid_fields"),
        ({"content": CANARY, "user_id": "u", "sent_at": "0001-01-01T00:00:00+14:00"}, 422, "invalid_fields"),
        ({"content": CANARY, "user_id": "u", "sent_at": "9999-12-31T23:59:59-14:00"}, 422, "invalid_fields"),
        ({"content": CANARY, "user_id": "u", "sent_at": "2027-01-01T00:00:00Z"}, 422, "invalid_fields"),
        ({"content": CANARY, "user_id": "u", "consent": {"notice_version": "<x>"}}, 422, "invalid_fields"),
        ({"content": CANARY, "user_id": "u", "consent": {"notice_version": "1", "publish_details": "yes"}}, 422, None),
    ],
)
async def test_bad_input_is_a_clear_4xx_that_repeats_no_value(
    channel: Channel, body: object, status: int, reason: str | None
) -> None:
    answer = await channel.submit(body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == status
    assert reason in (None, said["reason"])
    assert CANARY not in answer.text
    if said["reason"] == "invalid_fields":
        assert said["errors"]
    assert await channel.raws() == []


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
async def test_a_malformed_idempotency_key_is_refused(channel: Channel, key: str) -> None:
    answer = await channel.submit(SUBMISSION, **{"Idempotency-Key": key})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "Idempotency-Key", "reason": "malformed"}]


@pytest.mark.parametrize("key", ["wrong", " ", "k" * 2000])
async def test_a_wrong_key_is_401_before_anything_is_read(channel: Channel, key: str) -> None:
    answer = await channel.submit(b"not even json", key=key)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert await channel.raws() == []


async def test_the_key_may_come_as_x_api_key(channel: Channel) -> None:
    answer = await channel.client.post("/v1/submissions", json=SUBMISSION, headers={"X-API-Key": "app-key-of-a-test"})
    assert answer.status_code == 202


async def test_the_operators_key_does_not_open_the_app(channel: Channel) -> None:
    assert (await channel.submit(SUBMISSION, key="operator-key-of-a-test")).status_code == 401


async def test_another_media_type_is_415(channel: Channel) -> None:
    answer = await channel.submit(b"content=x", **{"Content-Type": "text/plain"})
    assert answer.status_code == 415


async def test_too_large_by_its_own_account_is_refused_before_the_key_is_looked_at(channel: Channel) -> None:
    answer = await channel.submit(b" " * 1_000_001, key="wrong")
    assert answer.status_code == 413


async def test_a_body_in_chunks_is_bounded_without_a_declared_length(channel: Channel) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 100_000

    answer = await channel.client.post(
        "/v1/submissions",
        content=endless(),
        headers={"X-API-Key": "app-key-of-a-test", "Content-Type": "application/json"},
    )
    assert answer.status_code == 413


async def test_photos_come_with_the_json_in_a_form(channel: Channel) -> None:
    answer = await channel.client.post(
        "/v1/submissions",
        files=[
            ("submission", ("blob", json.dumps(SUBMISSION).encode(), "application/json")),
            ("photos", photo("a.jpg")),
        ],
        headers={"X-API-Key": "app-key-of-a-test"},
    )
    assert answer.status_code == 202
    [raw] = await channel.raws()
    assert json.loads(raw.personal.payload) == SUBMISSION
    assert [part.kind for part in raw.attachments] == ["image"]


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ([("photos", ("a.jpg", b"\xff\xd8\xff", "image/jpeg"))], 422),
        ([("submission", (None, "{"))], 400),
        ([("submission", (None, "{}"))], 422),
        ([("submission", (None, '{"content":"' + "a" * 1_100_000 + '"}'))], 413),
        ([("submission", (None, "{}")), ("photos", ("a.txt", b"text", "text/plain"))], 422),
        ([("submission", (None, "{}")), ("photos", ("a.jpg", b"\xff\xd8\xff" + b"0" * 11_000_000, "x/y"))], 413),
    ],
)
async def test_bad_forms_are_a_clear_4xx(channel: Channel, files: list[Any], status: int) -> None:
    answer = await channel.client.post("/v1/submissions", files=files, headers={"X-API-Key": "app-key-of-a-test"})
    assert answer.status_code == status
    assert await channel.raws() == []


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=" + "b" * 300, b"x"),
        ("multipart/form-data; boundary=b", b"--b\r\nnonsense"),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="submission"\r\n\r\n{}'),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"X: " + b"h" * 9000),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--b--\r\n',
        ),
    ],
)
async def test_a_broken_form_is_400(channel: Channel, content_type: str, body: object) -> None:
    answer = await channel.submit(body, **{"Content-Type": content_type})
    assert answer.status_code == 400
    assert await channel.raws() == []


async def test_a_form_of_very_many_parts_is_refused(channel: Channel) -> None:
    files = [(f"f{number}", (None, "x")) for number in range(100)]
    answer = await channel.client.post("/v1/submissions", files=files, headers={"X-API-Key": "app-key-of-a-test"})
    assert answer.status_code == 413
    assert answer.json()["reason"] == "too_many_parts"


async def test_the_status_needs_key_and_secret_and_never_says_which_is_wrong(channel: Channel) -> None:
    said = (await channel.submit(SUBMISSION)).json()
    url = f"/v1/submissions/{said['code']}"
    key = {"X-API-Key": "app-key-of-a-test"}
    right = await channel.client.get(url, headers={**key, "X-Lookup-Secret": said["secret"].lower().replace("-", " ")})
    assert right.status_code == 200
    assert right.json()["outcome"] is None
    assert (await channel.client.get(url, headers={"X-Lookup-Secret": said["secret"]})).status_code == 401
    answers = [
        await channel.client.get(url, headers={**key, "X-Lookup-Secret": "2222-2222-2222"}),
        await channel.client.get(url, headers=key),
        await channel.client.get("/v1/submissions/2222-2222-2222", headers={**key, "X-Lookup-Secret": said["secret"]}),
        await channel.client.get("/v1/submissions/nonsense", headers={**key, "X-Lookup-Secret": said["secret"]}),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


async def test_guessing_a_secret_is_slowed_down_even_if_the_guess_is_right(channel: Channel) -> None:
    said = (await channel.submit(SUBMISSION)).json()
    headers = {"X-API-Key": "app-key-of-a-test", "X-Lookup-Secret": "wrong"}
    statuses = [
        (await channel.client.get(f"/v1/submissions/{said['code']}", headers=headers)).status_code for _ in range(22)
    ]
    assert statuses[:20] == [404] * 20
    assert statuses[20:] == [429] * 2
    headers["X-Lookup-Secret"] = said["secret"]
    braked = await channel.client.get(f"/v1/submissions/{said['code']}", headers=headers)
    assert braked.status_code == 429
    assert int(braked.headers["retry-after"]) >= 1
    channel.clock.pass_by(seconds=11)
    assert (await channel.client.get(f"/v1/submissions/{said['code']}", headers=headers)).status_code == 200


async def test_a_supplement_request_is_answered_under_the_submissions_account(channel: Channel) -> None:
    said = (await channel.submit(SUBMISSION)).json()
    [opened] = await channel.raws()
    assert opened.account is not None
    url = f"/v1/submissions/{said['code']}"
    headers = {"X-API-Key": "app-key-of-a-test", "X-Lookup-Secret": said["secret"], "Idempotency-Key": "a-1"}
    addition = {"contact": {"address": "Tổ 3, ấp 2"}}
    early = await channel.client.post(f"{url}/additions", json=addition, headers=headers)
    assert early.status_code == 409
    await channel.project(
        said["code"], opened.account, outcome={"kind": "pending_supplement"}, missing=["address"], articles=["6.3"]
    )
    status = (await channel.client.get(url, headers=headers)).json()
    assert (status["outcome"], status["missing"], status["can_add"]) == ("pending_supplement", ["address"], True)
    taken = [await channel.client.post(f"{url}/additions", json=addition, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in taken] == [202, 202]
    added = (await channel.raws())[1:]
    assert {raw.account for raw in added} == {opened.account}
    assert len({raw.id for raw in added} - {opened.id}) == 1
    assert added[0].personal.headers == {"x-answers": said["code"]}
    empty = await channel.client.post(f"{url}/additions", json={}, headers=headers)
    assert empty.status_code == 422
