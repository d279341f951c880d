"""`gateway reread` through the running stages: dry run, approval once, and the original once the topic is empty."""

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.readers import READERS, Reader
from gateway.domain.identity import Identity
from gateway.errors import Invalid
from gateway.runtime.deployment import Deployment, open_deployment
from schemas.inbound import Inbound
from schemas.raw import Raw
from services.web_ingest.filed import filed_raw
from services.web_ingest.inbound import inbound_of
from tests.unit.filled import SECONDS, Commands, fill, gateway, sent, settings_of

LAMP = "Đèn đường trước số nhà 12 đường Hùng Vương, phường Tân Phú, thành phố Đồng Xoài hỏng ba ngày nay."
CITIZEN = {"name": "Lê Minh Tâm", "address": "ấp 3, xã Thuận Lợi"}
PHONE = "+84909888777"
RUN = ("reread", "--channel", "web", "--run", "phones_1")
APPROVE = (*RUN, "--approve", "--as", "op_lan")


def mended(raw: Raw, identity: Identity) -> tuple[Inbound]:
    """A reader that finds the phone number that today's overlooks."""
    read = inbound_of(raw, identity)
    contact = read.personal.contact.model_copy(update={"phone": PHONE})
    return (read.model_copy(update={"personal": read.personal.model_copy(update={"contact": contact})}),)


@pytest.fixture
def code(tmp_path: Path) -> str:
    """A submission that lacks a phone number."""
    found: list[str] = []

    async def work(deployment: Deployment) -> None:
        payload = json.dumps({"user_id": "u", "content": LAMP, "contact": CITIZEN}).encode()
        found.append(await sent(deployment, payload, user="tam"))

    fill(tmp_path / "data", work)
    return found[0]


@pytest.fixture
def commands(tmp_path: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Commands]:
    monkeypatch.setitem(READERS, "web", Reader(mended, filed_raw))
    with gateway(tmp_path / "data"):
        yield Commands(tmp_path / "data")


def on(commands: Commands, topic: str) -> list[dict[str, Any]]:
    result = commands.run("tail", topic, "--from-beginning", "--json", "--personal")
    return [json.loads(line) for line in result.stdout.splitlines()]


def arrived(commands: Commands, topic: str, count: int) -> list[dict[str, Any]]:
    """What lies on a topic as soon as it is so much: stages publish a moment after they recorded."""
    until = time.monotonic() + SECONDS
    while len(found := on(commands, topic)) < count:
        assert time.monotonic() < until, f"{len(found)} of {count} on {topic}"
    return found


def reply_kinds(commands: Commands, count: int) -> list[str]:
    return sorted(record["value"]["kind"] for record in arrived(commands, "replies.web", count))


def test_a_dry_run_tells_what_differs_and_changes_nothing(commands: Commands, code: str) -> None:
    before = commands.run("show", code, "--json").stdout
    result = commands.run(*RUN)
    assert result.exit_code == 0, result.output
    assert code in result.stdout
    assert "personal.contact.phone: none -> (12 signs)" in result.stdout
    assert "1 read again: 1 changed." in result.stdout
    assert PHONE not in result.output
    assert PHONE in commands.run(*RUN, "--personal").stdout
    assert commands.run("show", code, "--json").stdout == before
    assert on(commands, "submission.commands") == []


def test_an_approved_correction_becomes_the_ticket_and_is_told_once(commands: Commands, code: str) -> None:
    result = commands.run(*APPROVE, "--code", code)
    assert result.exit_code == 0, result.output
    assert "recorded in version" in result.stdout
    shown = json.loads(commands.run("show", code, "--json").stdout)
    assert shown["outcome"]["kind"] == "accepted"
    corrected = next(one["event"] for one in shown["history"] if one["event"]["event"] == "corrected")
    assert (corrected["by"], corrected["run"]) == ("op_lan", "phones_1")
    [ticket] = arrived(commands, "tickets", 1)
    assert ticket["value"]["personal"]["contact"]["phone"] == PHONE

    again = commands.run(*APPROVE)
    assert again.exit_code == 0, again.output
    assert "1 read again: 1 same." in again.stdout, "what was corrected reads as it is recorded"
    assert reply_kinds(commands, 3) == ["acceptance", "supplement_request", "transferred"]
    assert len(on(commands, "submission.commands")) == len(on(commands, "tickets")) == 1


def test_a_ticket_gets_the_correction_without_a_reply(
    commands: Commands, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert commands.run(*APPROVE).exit_code == 0
    told = reply_kinds(commands, 3)
    monkeypatch.setattr("tests.pipeline.test_reread.PHONE", "+84909888778")
    late = commands.run(*APPROVE)
    assert "1 done in this run" in late.stdout, "a run corrects a message once"
    second = commands.run(*APPROVE[:4], "phones_2", *APPROVE[5:])
    assert second.exit_code == 0, second.output
    [addition] = arrived(commands, "ticket.commands", 1)
    assert addition["value"]["corrects"]
    assert "+84909888778" in addition["value"]["personal"]["text"]
    agency = on(commands, "ticket.events")[-1]["value"]["agency"]
    _, passed_on = arrived(commands, f"agency.{agency}", 2)
    assert passed_on["value"]["corrects"]
    assert reply_kinds(commands, 3) == told
    assert len(on(commands, "tickets")) == 1


def test_the_filed_original_is_read_when_the_topic_has_it_no_longer(tmp_path: Path, commands: Commands) -> None:
    async def emptied() -> int:
        deployment = await open_deployment(settings_of(tmp_path / "data"))
        try:
            bus = deployment.bus("web_ingest.receive")
            return await bus.trim("raw.web", before=datetime.now(UTC) + timedelta(hours=1))
        finally:
            await deployment.close()

    assert asyncio.run(emptied()) == 1
    result = commands.run(*RUN)
    assert "1 read again: 1 changed." in result.stdout, result.output


def test_of_an_erased_citizen_nothing_is_read(tmp_path: Path, commands: Commands) -> None:
    async def erased() -> None:
        deployment = await open_deployment(settings_of(tmp_path / "data"))
        try:
            await deployment.vault.erase(deployment.identity.account("web", "app:tam"))
        finally:
            await deployment.close()

    asyncio.run(erased())
    result = commands.run(*APPROVE, "--personal")
    assert "1 read again: 1 erased." in result.stdout, result.output
    assert LAMP not in result.output
    assert on(commands, "submission.commands") == []


def test_only_what_was_received_since_is_read_again(commands: Commands) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%d")
    assert "No messages in this scope." in commands.run(*RUN, "--since", tomorrow).stdout


def test_what_can_no_longer_be_read_is_counted(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(raw: Raw, identity: Identity) -> tuple[Inbound]:
        raise Invalid("unreadable", "A reader that was mended too much.")

    monkeypatch.setitem(READERS, "web", Reader(failing, filed_raw))
    result = commands.run(*RUN)
    assert result.exit_code == 0
    assert "1 read again: 1 unreadable." in result.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((*RUN, "--approve"), "no_operator"),
        (("reread", "--channel", "web", "--run", "Not a name"), "bad_run"),
        (("reread", "--channel", "fax", "--run", "phones_1"), "unknown_channel"),
        ((*RUN, "--code", "1111"), "bad_code"),
    ],
)
def test_what_does_not_fit_is_told(tmp_path: Path, arguments: tuple[str, ...], reason: str) -> None:
    result = Commands(tmp_path).run(*arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith(reason)
