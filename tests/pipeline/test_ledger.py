"""The conservation ledger on what the real stages left: it balances, survives restarts, and names what is missing."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from gateway.bus.port import Beginning, End
from gateway.domain.conservation.balance import Balance
from gateway.runtime.deployment import Deployment, open_deployment
from gateway.runtime.ledger.keeping import export
from gateway.runtime.ledger.reading import LedgerReader
from schemas.inbound import Ignored, StaffMessage, Withdrawn
from tests.pipeline.test_beside_the_matter import Citizen
from tests.unit.filled import Commands, at_work, drained, fill, sent, settings_of, spoil

WORDS = "Đèn đường trước số nhà 12 đường Hùng Vương, phường Bình Phước bị hỏng ba ngày nay, đề nghị sửa giúp."
CONTACT = {"name": "Nguyễn Văn An", "phone": "0912345678", "address": "12 Hùng Vương, phường Bình Phước"}
NO_GRACE = timedelta(0)


def payload(words: str = WORDS, **more: object) -> bytes:
    return json.dumps({"user_id": "u", "content": words, **more}, ensure_ascii=False).encode()


def reader_on(deployment: Deployment, grace: timedelta = NO_GRACE) -> LedgerReader:
    now = datetime.now(UTC)
    return LedgerReader(deployment.bus("ledger"), since=now - timedelta(hours=1), clock=deployment.clock, grace=grace)


async def everything(deployment: Deployment) -> None:
    """One of each kind of what comes in."""
    await sent(deployment, payload(contact=CONTACT), user="an")
    await sent(deployment, payload(), user="binh")
    await spoil(deployment)
    now = datetime.now(UTC)
    citizen = Citizen(deployment, "chi")
    await citizen.say("m1", WORDS)
    common = {"channel": "zalo", "account": citizen.account, "received_at": now, "trial": True}
    await citizen.publish(Ignored(id=uuid4(), reason="sticker", sent_by_citizen=True, **common))
    await citizen.publish(Ignored(id=uuid4(), reason="seen", **common))
    await citizen.publish(StaffMessage(id=uuid4(), sent_at=now, **common))
    await citizen.publish(Withdrawn(id=uuid4(), what="personal_data", **common))


def checked(balances: dict[str, Balance]) -> None:
    """The web channel's three and Zalo's five."""
    web, zalo = balances["web"], balances["zalo"]
    assert dict(web.outcomes) == {"accepted": 1, "pending_supplement": 1, "dead_letter": 1}
    assert (web.raw, web.received, web.in_flight, web.unaccounted) == (3, 3, 0, ())
    assert (zalo.received, zalo.unaccounted) == (5, ())
    assert sum(zalo.outcomes.values()) + zalo.in_flight == 5
    assert {name: zalo.outcomes[name] for name in ("ignored", "staff", "withdrawal")} == {
        "ignored": 2,
        "staff": 1,
        "withdrawal": 1,
    }


async def test_every_kind_of_message_has_one_outcome_and_a_restart_counts_the_same(tmp_path: Path) -> None:
    deployment = await open_deployment(settings_of(tmp_path))
    reader = reader_on(deployment)
    assert await reader.balances() == {}
    async with at_work(deployment) as consumers:
        await everything(deployment)
        during = await reader.balances()
        assert not any(one.unaccounted for one in during.values()), "what waits is in flight and not missing"
        await drained(deployment, consumers)
        checked(dict(await reader.balances()))
    await deployment.close()
    again = await open_deployment(settings_of(tmp_path))
    anew = reader_on(again)
    checked(dict(await anew.balances()))
    checked(dict(await anew.balances()))
    export(await anew.balances(), again.metrics, again.clock())
    value = again.metrics.registry.get_sample_value
    figures = {name: value(f"gateway_ledger_{name}", {"channel": "web"}) for name in ("received", "outcomes")}
    assert figures == {"received": 3.0, "outcomes": 3.0}
    assert value("gateway_ledger_unaccounted", {"channel": "facebook"}) == 0.0
    await again.close()


async def test_what_waits_before_a_stage_is_in_flight_however_old(tmp_path: Path) -> None:
    deployment = await open_deployment(settings_of(tmp_path))
    await sent(deployment, payload(), user="an")
    deployment.clock = lambda: datetime.now(UTC) + timedelta(minutes=30)
    found = (await reader_on(deployment).balances())["web"]
    assert (found.received, found.in_flight, found.unaccounted) == (1, 1, ())
    await deployment.close()


def test_a_message_that_a_stage_went_past_is_missing_by_name(tmp_path: Path) -> None:
    data = tmp_path / "data"

    async def one(deployment: Deployment) -> None:
        await sent(deployment, payload(contact=CONTACT), user="an")

    async def lose_two() -> list[str]:
        deployment = await open_deployment(settings_of(data))
        await sent(deployment, payload(), user="binh")
        bus = deployment.bus("web_ingest.read")
        await bus.seek("raw.web", group="web_ingest.read", to=End())
        await Citizen(deployment, "chi").say("m1", WORDS)
        await deployment.bus("normalizer").seek("inbound", group="normalizer", to=End())
        records = [record async for record in bus.read("raw.web", start=Beginning())]
        await deployment.close()
        return [records[-1].message.id.replace("-", ""), str(Citizen(deployment, "chi").id("m1"))]

    fill(data, one)
    commands = Commands(data)
    good = commands.run("status", "--ledger", "--grace", "0")
    assert good.exit_code == 0, good.output
    assert "accepted 1" in good.stdout
    raw, item = asyncio.run(lose_two())
    assert commands.run("status", "--ledger").exit_code == 0, "within the grace it may still come"
    bad = commands.run("status", "--ledger", "--grace", "0", "--show")
    assert bad.exit_code == 1
    assert f"{raw}  received" in bad.stdout
    assert f"{item}  received" in bad.stdout
    told = commands.run("status", "--ledger", "--grace", "0", "--json")
    assert told.exit_code == 1
    channels = {one["channel"]: one for one in json.loads(told.stdout)["channels"]}
    assert [one["last_seen"] for one in channels["web"]["unaccounted"]] == ["raw.web"]
    assert [one["last_seen"] for one in channels["zalo"]["unaccounted"]] == ["inbound"]
    assert channels["web"]["received"] == 2
    later = (datetime.now(UTC) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")
    assert commands.run("status", "--ledger", "--grace", "0", "--since", later).exit_code == 0
