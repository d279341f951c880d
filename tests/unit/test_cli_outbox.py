"""What operators see of replies on their way, and what they can say about them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from gateway.outbox.port import Ending, Part, PartState, context_of
from gateway.runtime.deployment import Deployment, open_deployment
from gateway.runtime.histories import to_message
from gateway.runtime.sending.telling import event_of
from schemas.vocabulary import ReplyKind
from tests.unit.filled import Commands, fill, sent, settings_of

AN = "0a" * 16
TEXT = "Kính gửi ông bà"


def on(commands: Commands, work: Callable[[Deployment], Awaitable[None]]) -> None:
    async def opened() -> None:
        deployment = await open_deployment(settings_of(commands.data))
        try:
            await work(deployment)
        finally:
            await deployment.close()

    asyncio.run(opened())


async def file(deployment: Deployment, channel: str = "zalo", count: int = 1, age: timedelta = timedelta()) -> UUID:
    reply_id, account, at = uuid4(), uuid4().hex, datetime.now(UTC) - age
    parts = [
        Part(
            reply_id=reply_id,
            number=number,
            count=count,
            channel=channel,
            account=account,
            history=f"conversation/{account}",
            kind=ReplyKind.RECEIPT,
            code="7KQX-4M9T-2BHW",
            filed_at=at,
            due_at=at,
            sealed=await deployment.vault.seal(account, TEXT.encode(), context=context_of(reply_id, number)),
        )
        for number in range(count)
    ]
    await deployment.outbox.file(parts)
    return reply_id


async def doubt(deployment: Deployment, reply_id: UUID) -> None:
    part = await deployment.outbox.part(reply_id, 0)
    assert part is not None
    assert await deployment.outbox.begin(part, datetime.now(UTC))
    await deployment.outbox.unknown(reply_id, 0, reason="timeout", now=datetime.now(UTC))


@pytest.fixture(scope="module")
def replies() -> dict[str, UUID]:
    return {}


@pytest.fixture
def commands(tmp_path: Path, replies: dict[str, UUID]) -> Commands:
    made = Commands(tmp_path / "data")

    async def work(deployment: Deployment) -> None:
        replies["unknown"] = await file(deployment, count=2, age=timedelta(hours=3))
        await doubt(deployment, replies["unknown"])
        replies["failed"] = await file(deployment, count=2)
        await deployment.outbox.failed(replies["failed"], 0, reason="blocked", now=datetime.now(UTC))
        replies["waiting"] = await file(deployment, "email")

    on(made, work)
    return made


def listed(commands: Commands, *arguments: str) -> list[tuple[str, int, str]]:
    result = commands.run("outbox", "list", "--json", *arguments)
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    return [(row["reply_id"], row["number"], row["state"]) for row in rows]


def test_what_is_open_is_listed_by_state_and_channel_without_texts(
    commands: Commands, replies: dict[str, UUID]
) -> None:
    names = {name: str(reply) for name, reply in replies.items()}
    assert listed(commands) == [
        (names["unknown"], 0, "unknown"),
        (names["failed"], 0, "failed"),
        (names["failed"], 1, "failed"),
        (names["unknown"], 1, "waiting"),
        (names["waiting"], 0, "waiting"),
    ]
    assert listed(commands, "--channel", "email") == [(names["waiting"], 0, "waiting")]
    assert listed(commands, "--state", "unknown", "--channel", "zalo") == [(names["unknown"], 0, "unknown")]
    shown = commands.run("outbox", "list", "--state", "unknown").stdout
    assert "3 h" in shown
    assert "timeout" in shown
    assert TEXT not in shown
    assert "No such replies." in commands.run("outbox", "list", "--channel", "facebook").stdout
    refused = commands.run("outbox", "list", "--channel", "fax")
    assert refused.exit_code == 1
    assert "unknown_channel" in refused.stderr


def test_an_operators_word_ends_an_unknown_message_once_and_is_shown(
    commands: Commands, replies: dict[str, UUID]
) -> None:
    name = str(replies["unknown"])
    assert commands.run("outbox", "resolve", name, "sent", "--as", "op1").exit_code == 0
    again = commands.run("outbox", "resolve", name, "failed", "--as", "op2")
    assert again.exit_code == 1
    assert "nothing_unknown" in again.stderr
    shown = commands.run("outbox", "show", name).stdout
    assert "settled_as_sent" in shown
    assert "op1" in shown
    assert TEXT not in shown
    assert (name, 1, "waiting") in listed(commands), "the rest of the reply goes on"


def test_a_repeat_is_asked_for_once_warns_and_is_recorded(commands: Commands, replies: dict[str, UUID]) -> None:
    name = str(replies["unknown"])
    refused = commands.run("outbox", "repeat", name, "--as", "op1", stdin=b"n\n")
    assert refused.exit_code == 1
    assert "twice" in refused.output
    assert (name, 0, "unknown") in listed(commands)
    assert commands.run("outbox", "repeat", name, "--as", "op1", stdin=b"y\n").exit_code == 0
    assert (name, 0, "waiting") in listed(commands)
    second = commands.run("outbox", "repeat", name, "--as", "op2", "--yes")
    assert second.exit_code == 1
    assert "nothing_to_repeat" in second.stderr
    assert commands.run("outbox", "show", name).stdout.count("repeated") == 1


def test_a_failed_reply_is_repeated_with_the_messages_that_were_to_follow(
    commands: Commands, replies: dict[str, UUID]
) -> None:
    name = str(replies["failed"])
    result = commands.run("outbox", "repeat", name, "--as", "op1", "--yes")
    assert "2 message(s)" in result.stdout
    assert [row for row in listed(commands) if row[0] == name] == [(name, 0, "waiting"), (name, 1, "waiting")]


def test_a_reply_that_was_unknown_and_turns_out_as_sent_is_recorded_as_both(tmp_path: Path) -> None:
    codes: list[str] = []
    words = "Đèn đường trước số nhà 12 đường Hùng Vương, phường Bình Phước bị hỏng ba ngày nay, đề nghị sửa giúp."

    async def work(deployment: Deployment) -> None:
        codes.append(await sent(deployment, json.dumps({"user_id": "u", "content": words}).encode(), user="an"))

    async def doubted(deployment: Deployment) -> None:
        (reply,) = await deployment.documents.newest("reply")
        account = reply.owner
        endings = (("unknown", "timeout", None), ("sent", None, None), ("failed", "by_operator", "op1"))
        for revision, (state, reason, by) in enumerate(endings, start=1):
            ending = Ending(
                reply_id=UUID(reply.key),
                channel="web",
                account=account,
                history=f"conversation/{account}",
                state=PartState(state),
                reason=reason,
                revision=revision,
                by=by,
            )
            told = event_of(ending, datetime.now(UTC))
            message = to_message("reply.events", account, told, source="/test", at=told.at)
            await deployment.bus("web_ingest.send").publish(message)

    fill(tmp_path / "data", work)
    fill(tmp_path / "data", doubted)
    result = Commands(tmp_path / "data").run("show", codes[0])
    assert result.exit_code == 0, result.output
    ends = [line.split() for line in result.stdout.splitlines() if "supplement_request" in line]
    assert [line[-1] for line in ends if line[-1] in ("sent", "timeout", "by_operator")] == [
        "sent",
        "timeout",
        "sent",
        "by_operator",
    ]
    assert any("op1" in line for line in ends)


def test_what_is_no_reply_and_who_is_no_operator_are_refused(commands: Commands, replies: dict[str, UUID]) -> None:
    nobody, name = str(uuid4()), str(replies["unknown"])
    for arguments, reason in (
        (["show", nobody], "unknown_reply"),
        (["resolve", nobody, "sent", "--as", "op1"], "unknown_reply"),
        (["repeat", nobody, "--as", "op1", "--yes"], "unknown_reply"),
        (["resolve", name, "sent", "--as", "Chị Hoa"], "bad_operator"),
        (["repeat", name, "--as", "", "--yes"], "bad_operator"),
    ):
        result = commands.run("outbox", *arguments)
        assert result.exit_code == 1
        assert reason in result.stderr
