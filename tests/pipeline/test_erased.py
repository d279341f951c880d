"""What still comes for a citizen whose data was erased ends once, and stops nobody else's."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest_asyncio

from gateway.bus.port import Beginning, Record
from gateway.domain.channel_messages import inbound_message
from gateway.runtime.deployment import Deployment, open_deployment
from gateway.runtime.scheduler import AGAIN, Scheduler
from schemas.conversation import history_of
from schemas.dead_letter import DeadLetter
from schemas.inbound import Withdrawn
from schemas.reply import ReplyEvent
from tests.unit.filled import Commands, at_work, drained, fill, gateway, sent, settings_of

LAMP = "Đèn đường trước số nhà 12 đường Hùng Vương, phường Bình Phước bị hỏng ba ngày nay, đề nghị sửa giúp."
CITIZEN = {"name": "Nguyễn Văn An", "phone": "0912345678", "address": "12 Hùng Vương, phường Bình Phước"}
DAYS = timedelta(days=30)


class Clock:
    """The machine's clock, as far ahead as a test says."""

    ahead = timedelta(0)

    def __call__(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC) + self.ahead


def payload(**contact: str) -> bytes:
    return json.dumps({"user_id": "u", "content": LAMP, "contact": contact}, ensure_ascii=False).encode()


@pytest_asyncio.fixture
async def deployment(tmp_path: Path) -> AsyncIterator[Deployment]:
    opened = await open_deployment(settings_of(tmp_path / "data"))
    opened.clock = Clock()
    yield opened
    await opened.close()


async def on(deployment: Deployment, topic: str) -> list[Record]:
    return [record async for record in deployment.bus("look").read(topic, start=Beginning())]


async def dead(deployment: Deployment) -> list[tuple[str, str]]:
    letters = [DeadLetter.model_validate_json(one.message.value) for one in await on(deployment, "dlq")]
    return [(letter.topic, letter.reason) for letter in letters]


async def later(deployment: Deployment, ahead: timedelta) -> int:
    """Let due times come, `ahead` from now; how many were published."""
    assert isinstance(deployment.clock, Clock)
    deployment.clock.ahead += ahead
    scheduler = Scheduler(
        deployment.store,
        deployment.bus("scheduler"),
        owner="test",
        clock=deployment.clock,
        metrics=deployment.metrics,
    )
    return await scheduler.tick()


async def test_due_times_of_the_erased_end_and_are_not_published_for_ever(deployment: Deployment) -> None:
    async with at_work(deployment) as consumers:
        await sent(deployment, payload(**CITIZEN), user="an")
        await sent(deployment, payload(), user="binh")
        await drained(deployment, consumers)
        for user in ("an", "binh"):
            await deployment.vault.erase(deployment.identity.account("web", f"app:{user}"))
        fired = await later(deployment, DAYS)
        assert fired >= 2, "that of the ticket's agency, and that of the supplement"
        await drained(deployment, consumers)
        assert await later(deployment, AGAIN + timedelta(minutes=1)) == 0
        assert await dead(deployment) == []
        assert await deployment.store.due(deployment.clock()) == []


def test_an_operator_erases_and_says_so(tmp_path: Path) -> None:
    commands, codes = Commands(tmp_path / "data"), list[str]()

    async def work(deployment: Deployment) -> None:
        codes.extend([await sent(deployment, payload(**CITIZEN), user=user) for user in ("an", "an", "binh")])
        account = deployment.identity.account("web", "app:an")
        wish = Withdrawn(
            id=uuid4(), channel="web", account=account, what="personal_data", received_at=datetime.now(UTC)
        )
        await deployment.bus("web_ingest.read").publish(inbound_message(wish, account))

    fill(tmp_path / "data", work)
    (wish,) = [json.loads(line) for line in commands.run("withdrawals", "list", "--json").stdout.splitlines()]
    with gateway(tmp_path / "data"):
        assert commands.run("withdrawals", "erase", codes[0], stdin=b"n\n").exit_code == 1
        assert "12 Hùng Vương" in commands.run("show", codes[0]).stdout
        assert commands.run("withdrawals", "erase", codes[0], "--yes").exit_code == 0
        for code in codes[:2]:
            assert "12 Hùng Vương" not in commands.run("show", code).stdout
        assert "12 Hùng Vương" in commands.run("show", codes[2]).stdout
        settled = commands.run("withdrawals", "settle", str(wish["id"]), "--as", "op_lan", "--note", "Đã xóa.")
        assert settled.exit_code == 0, settled.output
    fill(tmp_path / "data", nothing)
    assert commands.run("withdrawals", "list", "--json").stdout == ""
    for unknown in ("f" * 32, "2222-2222-2222"):
        assert commands.run("withdrawals", "erase", unknown, "--yes").exit_code == 1


async def nothing(_deployment: Deployment) -> None:
    return


async def test_how_a_reply_of_the_erased_ended_is_recorded(deployment: Deployment) -> None:
    async with at_work(deployment) as consumers:
        await sent(deployment, payload(**CITIZEN), user="an")
        await drained(deployment, consumers)
        account = deployment.identity.account("web", "app:an")
        told = [ReplyEvent.model_validate_json(one.message.value) for one in await on(deployment, "reply.events")]
        await deployment.vault.erase(account)
        before = len(await deployment.store.commits(history_of(account)))
        again = next(one for one in await on(deployment, "reply.events"))
        fresh = told[0].model_copy(update={"id": told[0].reply_id})
        message = again.message
        await deployment.bus("test").publish(
            message.__class__(
                topic=message.topic,
                key=message.key,
                id=str(fresh.id),
                type=message.type,
                source=message.source,
                time=message.time,
                value=fresh.model_dump_json().encode(),
                traceparent=message.traceparent,
            )
        )
        await drained(deployment, consumers)
        assert await dead(deployment) == []
        assert len(await deployment.store.commits(history_of(account))) == before + 1
