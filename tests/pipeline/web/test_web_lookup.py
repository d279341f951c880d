"""The lookup page: nothing without both code and secret, everything a citizen is owed with them."""

import re
from uuid import uuid4

import pytest

from gateway.projections.port import Document
from schemas.reply import ReplyEvent
from schemas.vocabulary import Label, Language, ReplyState
from services.web_ingest.send import Send
from tests.pipeline.web.harness import Channel
from tests.pipeline.web.looking_up import look_up, opened, reply_record, state_of


async def test_a_code_that_was_just_given_is_being_checked(channel: Channel) -> None:
    code, secret, _ = await opened(channel)
    page = await look_up(channel, code, secret)
    assert state_of(page) == "checking"
    assert 'id="addition"' not in page


async def test_code_and_secret_may_be_typed_as_people_type_them(channel: Channel) -> None:
    code, secret, _ = await opened(channel)
    answer = await channel.client.post(
        "/tra-cuu", data={"code": f" {code.lower().replace('-', ' ')}", "secret": secret.lower().replace("-", "")}
    )
    assert answer.status_code == 303


async def test_wrong_code_and_wrong_secret_get_the_same_answer(channel: Channel) -> None:
    code, secret, _ = await opened(channel)
    other = channel.web.identity.receipt_code(uuid4())
    tries = [(code, "2222-2222-2222"), (other, secret), ("nonsense", secret), ("", ""), (code, "é\u0000" * 99)]
    answers = [await channel.client.post("/tra-cuu", data={"code": c, "secret": s}) for c, s in tries]
    assert {answer.status_code for answer in answers} == {422}
    # Only what was typed stands in them again.
    assert len({re.sub(r' value="[^"]*"', "", answer.text) for answer in answers}) == 1
    assert f'value="{code}"' in answers[0].text
    assert "set-cookie" not in answers[0].headers


async def test_without_a_lookup_there_is_no_result(channel: Channel) -> None:
    answer = await channel.client.get("/tra-cuu/ket-qua")
    assert (answer.status_code, answer.headers["location"]) == (303, "/tra-cuu")
    channel.client.cookies.set("lookup", "forged.token")
    assert (await channel.client.get("/tra-cuu/ket-qua")).status_code == 303


async def test_a_receipts_cookie_does_not_open_the_result(channel: Channel) -> None:
    answer = await channel.send_form()
    receipt = answer.cookies.get("receipt", path="/da-gui")
    assert receipt is not None
    channel.client.cookies.set("lookup", receipt)
    assert (await channel.client.get("/tra-cuu/ket-qua")).status_code == 303


async def test_failed_lookups_are_slowed_down_per_client(channel: Channel) -> None:
    code, secret, _ = await opened(channel)
    wrong = {"code": code, "secret": "2222-2222-2222"}
    statuses = [(await channel.client.post("/tra-cuu", data=wrong)).status_code for _ in range(21)]
    assert statuses == [422] * 20 + [429]
    braked = await channel.client.post("/tra-cuu", data={"code": code, "secret": secret})
    assert braked.status_code == 429
    assert int(braked.headers["retry-after"]) >= 1
    channel.clock.pass_by(seconds=11)
    assert (await channel.client.post("/tra-cuu", data={"code": code, "secret": secret})).status_code == 303


async def test_an_accepted_submission_shows_agency_due_time_steps_and_replies(channel: Channel) -> None:
    code, secret, account = await opened(channel)
    agency = channel.web.province.agencies(channel.clock().date())[0]
    await channel.project(
        code, account, ticket_id="t-1", steps=[{"at": "2026-11-26T01:30:05+00:00", "step": "accepted"}]
    )
    body = {
        "ticket_id": "t-1",
        "code": code,
        "state": "transferred",
        "agency": agency.code,
        "due_at": "2026-11-26T10:00:00+00:00",
        "transferred_at": "2026-11-26T01:30:06+00:00",
        "answered_at": None,
        "steps": [
            {"at": "2026-11-26T01:30:06+00:00", "step": "transferred", "agency": agency.code},
            {"at": "2026-11-26T01:30:07+00:00", "step": "command_refused"},
        ],
    }
    await channel.web.documents.put(Document("ticket", "t-1", 1, body, terms=(f"code:{code}",)))
    send = Send(channel.web.documents, channel.web.vault, channel.clock)
    record = reply_record(account, code, "Tổng đài 1022 đã tiếp nhận <b>phản ánh</b>.")
    [ended] = await send(record)
    assert await send(record) == (ended,)
    page = await look_up(channel, code, secret)
    assert state_of(page) == "transferred"
    assert agency.names.vi in page
    assert "26/11/2026 17:00" in page
    assert "26/11/2026 08:30" in page
    assert page.count("Tổng đài 1022 đã tiếp nhận &lt;b&gt;phản ánh&lt;/b&gt;.") == 1
    assert "command_refused" not in page
    assert channel.web.province.article("8.3", Language.VI) in page
    english = await look_up(channel, code, secret, "/en/lookup")
    assert agency.names.en in english
    assert "counted in working hours" in english


async def test_the_sent_reply_is_reported_and_lies_sealed(channel: Channel) -> None:
    _, _, account = await opened(channel)
    record = reply_record(account, "7KQX-4M9T-2BHW", "CANARY-5512")
    [message] = await Send(channel.web.documents, channel.web.vault, channel.clock)(record)
    event = ReplyEvent.model_validate_json(message.value)
    assert (message.topic, message.key, message.id) == ("reply.events", account, str(event.id))
    assert (event.state, str(event.reply_id)) == (ReplyState.SENT, record.message.id)
    document = await channel.web.documents.get("reply", record.message.id)
    assert document is not None
    assert document.sealed is not None
    assert b"CANARY" not in document.sealed
    assert "CANARY" not in str(document.body)


async def test_a_reply_to_an_erased_citizen_ends_as_failed(channel: Channel) -> None:
    _, _, account = await opened(channel)
    await channel.web.vault.erase(account)
    [message] = await Send(channel.web.documents, channel.web.vault, channel.clock)(reply_record(account, None, "x"))
    event = ReplyEvent.model_validate_json(message.value)
    assert (event.state, event.reason) == (ReplyState.FAILED, "erased")


async def test_replies_to_another_account_are_never_shown(channel: Channel) -> None:
    code, secret, account = await opened(channel)
    await channel.project(code, account)
    other = channel.web.identity.account("web", "form:other")
    await Send(channel.web.documents, channel.web.vault, channel.clock)(reply_record(other, code, "CANARY-9930"))
    assert "CANARY" not in await look_up(channel, code, secret)


async def test_a_merged_code_shows_what_it_was_merged_into_if_that_is_the_same_citizens(channel: Channel) -> None:
    first, _, account = await opened(channel)
    second, secret, _ = await opened(channel)
    await channel.project(first, account, aliases=(second,), outcome={"kind": "needs_review"})
    assert state_of(await look_up(channel, second, secret)) == "needs_review"
    await channel.project(second, account, outcome={"kind": "merged", "into": first})
    assert state_of(await look_up(channel, second, secret)) == "needs_review"


async def test_a_code_merged_into_another_citizens_submission_does_not_open_it(channel: Channel) -> None:
    first, _, account = await opened(channel)
    second, secret, other = await opened(channel)
    await channel.project(first, account, outcome={"kind": "rejected", "reason": "out_of_scope"})
    await channel.project(second, other, outcome={"kind": "merged", "into": first})
    assert state_of(await look_up(channel, second, secret)) == "merged"


@pytest.mark.parametrize(
    "kind", ["accepted", "merged", "pending_supplement", "rejected", "redirected", "needs_review", "ignored"]
)
async def test_every_outcome_has_its_sentence_in_both_languages(channel: Channel, kind: str) -> None:
    code, secret, account = await opened(channel)
    await channel.project(code, account, outcome={"kind": kind}, label=None, subfield=None)
    for path in ("/tra-cuu", "/en/lookup"):
        assert state_of(await look_up(channel, code, secret, path)) == kind


@pytest.mark.parametrize("kind", ["rejected", "needs_review", "ignored"])
async def test_a_field_that_nothing_came_of_is_not_told(channel: Channel, kind: str) -> None:
    code, secret, account = await opened(channel)
    await channel.project(code, account, outcome={"kind": kind}, label="public_service", subfield="waste")
    assert 'id="label"' not in await look_up(channel, code, secret)


async def test_a_redirected_matter_is_named_for_where_it_belongs(channel: Channel) -> None:
    code, secret, account = await opened(channel)
    outcome = {"kind": "redirected", "label": "emergency_fire_rescue"}
    await channel.project(code, account, outcome=outcome, label="infrastructure_incident", subfield="electricity")
    page = await look_up(channel, code, secret)
    named = channel.web.province.label_name(Label.EMERGENCY_FIRE_RESCUE, Language.VI)
    assert f'<dd id="label">{named}</dd>' in page


@pytest.mark.parametrize("label", list(Label))
async def test_every_label_has_its_name_on_the_page(channel: Channel, label: Label) -> None:
    code, secret, account = await opened(channel)
    await channel.project(code, account, outcome={"kind": "redirected", "label": label.value}, label=label.value)
    assert 'id="label"' in await look_up(channel, code, secret)


async def test_an_overdue_ticket_says_so(channel: Channel) -> None:
    code, secret, account = await opened(channel)
    await channel.project(code, account, ticket_id="t-1")
    body = {"transferred_at": "2026-11-26T01:30:06+00:00", "late": True, "steps": []}
    await channel.web.documents.put(Document("ticket", "t-1", 1, body))
    assert state_of(await look_up(channel, code, secret)) == "late"
