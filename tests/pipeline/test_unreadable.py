"""A record that cannot be read, among good ones: a stub holds its place, and it is mended or decided exactly once."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pytest

from gateway.domain.identity import Identity, stub_cause
from gateway.errors import Invalid
from gateway.runtime.deployment import Deployment, open_deployment
from schemas.envelope import Message
from schemas.inbound import Inbound
from schemas.raw import Raw, RawPersonal
from schemas.vocabulary import Intake
from services.normalizer import judge
from services.normalizer.reading import Reading
from services.normalizer.rules.emergency import EmergencyFound, emergency_in
from services.web_ingest import read
from services.web_ingest.inbound import inbound_of
from services.web_ingest.status import Status, status_of_code
from tests.unit.filled import Commands, fill, gateway, sent, settings_of

CITIZEN = {"name": "Nguyễn Văn An", "phone": "0912345678", "address": "12 Hùng Vương, phường Bình Phước"}
LAMP = "Đèn đường trước số nhà 12 đường Hùng Vương, phường Bình Phước bị hỏng ba ngày nay, đề nghị sửa giúp."
WASTE = "Rác thải sinh hoạt ở chợ Lộc Ninh ba ngày nay không có xe thu gom, bốc mùi rất hôi."
FLOOD = "Đường trước cổng trường ở xã Lộc Thái ngập nước mấy ngày nay, cống bị nghẹt, đề nghị khơi thông."

FoundT = TypeVar("FoundT")


def payload(words: str) -> bytes:
    return json.dumps({"user_id": "u", "content": words, "contact": CITIZEN}, ensure_ascii=False).encode()


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path / "data")


@pytest.fixture
def broken_reader(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A reader that a release broke for one kind of payload; undone, it is mended."""

    def reads(raw: Raw, identity: Identity) -> Inbound:
        if FLOOD.encode() in raw.personal.payload:
            raise Invalid("malformed", "content")
        return inbound_of(raw, identity)

    monkeypatch.setattr(read, "inbound_of", reads)
    return monkeypatch


def three(data: Path) -> tuple[str, str, str]:
    """One citizen's three submissions in order; what is wrong is wrong with the second."""
    codes: list[str] = []

    async def work(deployment: Deployment) -> None:
        codes.extend([await sent(deployment, payload(words), user="an") for words in (LAMP, FLOOD, WASTE)])

    fill(data, work)
    return codes[0], codes[1], codes[2]


def drain(data: Path) -> None:
    """Let every stage finish what waits."""

    async def nothing(_deployment: Deployment) -> None:
        return

    fill(data, nothing)


def look(data: Path, work: Callable[[Deployment], Awaitable[FoundT]]) -> FoundT:
    """What `work` finds in the data folder of a gateway that is not running."""

    async def looking() -> FoundT:
        deployment = await open_deployment(settings_of(data))
        try:
            return await work(deployment)
        finally:
            await deployment.close()

    return asyncio.run(looking())


def status(commands: Commands, code: str) -> Status:
    """What the citizen sees."""
    return look(commands.data, lambda one: status_of_code(one.documents, one.vault, code))


def lines(commands: Commands, *arguments: str) -> list[dict[str, Any]]:
    result = commands.run(*arguments)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def shown(commands: Commands, code: str) -> dict[str, Any]:
    (found,) = lines(commands, "show", code, "--json")
    return found


def events_of(commands: Commands, code: str) -> list[str]:
    return [str(one["event"]["event"]) for one in shown(commands, code)["history"]]


def tickets_of(commands: Commands, code: str) -> list[dict[str, Any]]:
    return [one for one in lines(commands, "tickets", "--json") if code in (one["code"], *one["aliases"])]


def replay_all(commands: Commands) -> None:
    """Put every dead letter back and let the stages have them."""
    result = commands.run("dlq", "replay", "--all")
    assert result.exit_code == 0, result.output
    drain(commands.data)


async def places(deployment: Deployment) -> list[str]:
    """Codes of messages and stubs in the order in which the one conversation has them."""
    (history,) = await deployment.store.histories("conversation/", after="")
    found = [json.loads(commit.events) for commit in await deployment.store.commits(history)]
    received = [event for events in found for event in events if "opens" in event]
    return [(event.get("stub") or event["inbound"])["code"] for event in received]


@pytest.mark.usefixtures("broken_reader")
def test_a_stub_holds_the_place_of_what_cannot_be_read(commands: Commands) -> None:
    codes = three(commands.data)
    assert look(commands.data, places) == list(codes)
    seen = status(commands, codes[1])
    assert (seen.state, [reply.kind for reply in seen.replies]) == ("needs_review", ["in_review"])
    assert [status(commands, code).state for code in (codes[0], codes[2])] == ["accepted", "accepted"]
    (waiting,) = lines(commands, "submissions", "--outcome", "needs_review", "--json")
    assert (waiting["code"], waiting["outcome"]["reasons"], waiting["alert"]) == (codes[1], ["unreadable"], True)
    (letter,) = lines(commands, "dlq", "list", "--json")
    assert (letter["stage"], letter["reason"]) == ("web_ingest.read", "malformed")
    told = commands.run("show", codes[1]).stdout
    assert f"could not be read: malformed; gateway dlq show {letter['id']}" in told
    assert "ngập nước" not in told


def test_put_back_after_mending_it_is_decided_anew_and_once(
    commands: Commands, broken_reader: pytest.MonkeyPatch
) -> None:
    code = three(commands.data)[1]
    replay_all(commands)
    assert shown(commands, code)["revision"] == 1, "put back too early it is put aside again and changes nothing"
    broken_reader.undo()
    replay_all(commands)
    found = shown(commands, code)
    assert (found["outcome"]["kind"], found["revision"]) == ("accepted", 2)
    assert len(tickets_of(commands, code)) == 1
    assert [reply.kind for reply in status(commands, code).replies] == ["in_review", "acceptance", "transferred"]
    again = commands.run("dlq", "replay", "--all", "--again")
    assert again.exit_code == 0, again.output
    drain(commands.data)
    assert shown(commands, code) == found


def test_accepted_by_an_operator_it_is_one_ticket_that_mending_does_not_double(
    commands: Commands, broken_reader: pytest.MonkeyPatch
) -> None:
    code = three(commands.data)[1]
    with gateway(commands.data):
        label = ("--label", "infrastructure_incident", "--subfield", "drainage")
        reviewed = commands.run("review", code, "accept", "--as", "op_lan", *label)
        assert reviewed.exit_code == 0, reviewed.output
    drain(commands.data)
    (opened,) = [one for one in shown(commands, code)["history"] if one["event"]["event"] == "ticket_opened"]
    assert "không đọc được" in opened["event"]["ticket"]["personal"]["content"]
    assert len(opened["event"]["ticket"]["originals"]) == 1
    broken_reader.undo()
    replay_all(commands)
    events = events_of(commands, code)
    counts = [events.count(name) for name in ("stub_received", "message_received", "decided", "ticket_opened")]
    assert counts == [1, 1, 2, 1]
    assert len(tickets_of(commands, code)) == 1


def test_what_the_rules_fail_on_waits_for_a_person_until_they_are_mended(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(reading: Reading, *more: Any) -> EmergencyFound | None:  # noqa: ANN401 - handed on as it comes
        if "ngập nước" in reading.text:
            raise ZeroDivisionError
        return emergency_in(reading, *more)

    monkeypatch.setattr(judge, "emergency_in", fails)
    codes = three(commands.data)
    assert look(commands.data, places) == list(codes)
    assert [status(commands, code).state for code in codes] == ["accepted", "needs_review", "accepted"]
    (letter,) = lines(commands, "dlq", "list", "--json")
    assert (letter["stage"], letter["reason"]) == ("normalizer", "unexpected")
    monkeypatch.undo()
    replay_all(commands)
    found = shown(commands, codes[1])
    assert (found["outcome"]["kind"], found["revision"]) == ("accepted", 2)
    assert len(tickets_of(commands, codes[1])) == 1


def test_a_payload_of_nobody_is_a_submission_of_its_own_and_nobody_is_answered(commands: Commands) -> None:
    codes: list[str] = []

    async def work(deployment: Deployment) -> None:
        raw = Raw(
            id=uuid4(),
            channel="web",
            intake=Intake.CHAT,
            endpoint="webhook",
            received_at=datetime.now(UTC),
            trusted=True,
            content_type="application/json",
            trial=True,
            personal=RawPersonal(payload=b"\xff\x00"),
        )
        codes.append(deployment.identity.receipt_code(stub_cause(raw.id)))
        value = raw.model_dump_json().encode()
        message = Message("raw.web", raw.endpoint, str(raw.id), Raw.TYPE, "/test", raw.received_at, value)
        await deployment.bus("web_ingest.receive").publish(message)

    fill(commands.data, work)
    assert events_of(commands, codes[0]) == ["stub_received", "decided"]
    assert shown(commands, codes[0])["outcome"] == {"kind": "needs_review", "reasons": ["unreadable"]}
