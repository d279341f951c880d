"""A channel made of the shared parts and two lines elsewhere runs end to end, and the guide shows this very one."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from gateway.bus.opening import open_bus
from gateway.bus.port import Beginning, Record
from gateway.domain.identity import Identity
from gateway.errors import Invalid
from gateway.runtime.deployment import utc_now
from schemas.files import AttachmentStored
from schemas.inbound import Ignored, Inbound, Unreadable
from schemas.raw import Raw, RawPersonal
from schemas.reply import ReplyEvent
from schemas.ticket import Ticket
from schemas.topics import CHANNELS, topic_for
from schemas.vocabulary import Intake, ReplyState
from tests.channels.sms.sms_ingest.read import heard
from tests.channels.sms.sms_ingest.wiring import PATH
from tests.channels.zalo.running import province
from tests.fakes.sms.server import FakeSms
from tests.gateway_process import ROOT, GatewayProcess
from tests.waiting import until

CHANNEL = Path(__file__).with_name("sms_ingest")
CAPTURED = ROOT / "tests/captured/sms"
GUIDE = ROOT / "docs/adding-a-channel.md"
IDENTITY = Identity(b"k" * 32)
NOW = datetime(2026, 11, 26, 1, 30, tzinfo=UTC)
PHONE = "+84912345678"
SECRET = "secret-between-hotline-and-operator"
JPEG = b"\xff\xd8\xff\xe0" + b"photo" * 50
SECONDS = 60.0
MOST_LINES = 150


def captured(name: str) -> dict[str, object]:
    found = json.loads((CAPTURED / f"{name}.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def raw_of(payload: bytes) -> Raw:
    return Raw(
        id=UUID(int=1),
        channel="sms",
        intake=Intake.CHAT,
        endpoint="1022",
        received_at=NOW,
        trusted=True,
        content_type="application/json",
        personal=RawPersonal(payload=payload),
    )


@dataclass
class Running:
    """The gateway with the channel, and the operator's side of it."""

    sms: FakeSms
    gateway: GatewayProcess

    async def write(self, message: dict[str, object], *, secret: str | None = None) -> int:
        """The status of one webhook."""
        return await self.sms.deliver(f"{self.gateway.address}{PATH}", message, secret=secret)

    async def records(self, topic: str) -> list[Record]:
        """Everything on a topic."""
        bus = open_bus(f"sqlite:///{self.gateway.data / 'bus'}", "tests", clock=utc_now)
        try:
            return [record async for record in bus.read(topic, start=Beginning())]
        finally:
            await bus.close()

    async def of(self, topic: str, kind: str, count: int) -> list[bytes]:
        """The values of a type on a topic, once there are so many."""
        found: list[bytes] = []

        async def come() -> bool:
            found[:] = [one.message.value for one in await self.records(topic) if one.message.type == kind]
            return len(found) >= count

        await until(come)
        return found

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; fails when it does not in time."""
        await until(holds)


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line in `schemas/topics.py`, for what tests read themselves."""
    monkeypatch.setitem(CHANNELS, "sms", "sms_ingest")
    topic_for.cache_clear()


@asynccontextmanager
async def running(folder: Path, **settings: str) -> AsyncIterator[Running]:
    async with FakeSms(SECRET) as sms:
        chosen = {
            "GATEWAY_PROVINCE": str(province(folder, quiet_seconds=1)),
            "SMS_SECRET": SECRET,
            "SMS_GATEWAY_URL": sms.address,
            "SMS_MEDIA_HOSTS": json.dumps([sms.address]),
            **settings,
        }
        gateway = GatewayProcess(folder / "data", launcher="tests.channels.sms.gateway", **chosen)
        gateway.start()
        try:
            await asyncio.to_thread(gateway.ready)
            yield Running(sms, gateway)
        finally:
            await asyncio.to_thread(gateway.stop)


@pytest.mark.slow
async def test_a_message_becomes_a_ticket_and_is_answered_once_where_it_was_written(tmp_path: Path) -> None:
    async with running(tmp_path) as both:
        both.sms.answers = [503]
        both.sms.pictures = {"1.jpg": JPEG}
        message = {**captured("pictures"), "pictures": [f"{both.sms.address}/pictures/1.jpg"]}
        assert [await both.write(message) for _ in range(3)] == [200, 200, 200]
        assert await both.write({**message, "id": "forged"}, secret="guessed") == 403
        await both.until(lambda: len(both.sms.texts_to(PHONE)) >= 2)
        first, second = both.sms.texts_to(PHONE)
        assert "đã tiếp nhận" in first
        assert "đã được chuyển" in second
        (ticket,) = [Ticket.model_validate_json(one) for one in await both.of("tickets", Ticket.TYPE, 1)]
        assert ticket.personal.contact.phone == PHONE
        assert len(await both.of("inbound", Inbound.TYPE, 1)) == 1
        assert len(await both.of("media", AttachmentStored.TYPE, 1)) == 1
        endings = [ReplyEvent.model_validate_json(one) for one in await both.of("reply.events", ReplyEvent.TYPE, 2)]
        assert [one.state for one in endings] == [ReplyState.SENT, ReplyState.SENT]
        assert await both.records("dlq") == []
        assert both.gateway.stop() == 0
        assert [one for one in both.gateway.events() if one["level"] in ("error", "critical")] == []


async def test_what_cannot_be_read_leaves_its_stub_and_a_report_its_reason(tmp_path: Path) -> None:
    async with running(tmp_path) as both:
        assert await both.write({"kind": "call"}) == 200
        assert await both.write(captured("report")) == 200
        assert len(await both.of("inbound", Unreadable.TYPE, 1)) == 1
        (ignored,) = await both.of("inbound", Ignored.TYPE, 1)
        assert Ignored.model_validate_json(ignored).reason == "report"


async def test_without_its_settings_the_channel_is_off_and_wrong_ones_keep_the_gateway_from_starting(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, SMS_SECRET="") as both:
        assert await both.write(captured("text")) == 404
    gateway = GatewayProcess(
        tmp_path / "other",
        launcher="tests.channels.sms.gateway",
        SMS_SECRET=SECRET,
        SMS_GATEWAY_URL="http://sms.example.vn",
    )
    assert await asyncio.to_thread(gateway.start().wait) == 1
    assert "SMS_GATEWAY_URL" in gateway.logged()
    assert SECRET not in gateway.logged()


@pytest.mark.parametrize("path", sorted(CAPTURED.glob("*.json")), ids=lambda path: path.stem)
def test_every_captured_payload_ends_in_one_record_the_same_each_time(path: Path) -> None:
    raw = raw_of(path.read_bytes())
    said = heard(raw, IDENTITY).said
    assert said == heard(raw, IDENTITY).said
    assert isinstance(said, Ignored if path.stem == "report" else Inbound)
    if isinstance(said, Inbound):
        assert said.sent_at <= NOW
        assert said.personal.contact.phone == PHONE
        assert len(said.attachments) == (2 if path.stem == "pictures" else 0)


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b'{"kind":"sms","id":"1","sender":"an","at":"now"}'])
def test_what_is_no_message_is_said_to_be_unreadable(payload: bytes) -> None:
    with pytest.raises(Invalid, match="unreadable"):
        heard(raw_of(payload), IDENTITY)


def test_the_channel_has_fewer_than_150_lines_in_all() -> None:
    lines = [line for path in CHANNEL.rglob("*.py") for line in path.read_text(encoding="utf-8").splitlines()]
    assert 0 < len(lines) < MOST_LINES


def test_the_guide_shows_this_channel_and_nothing_else() -> None:
    shown = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    files = {path.name: path.read_text(encoding="utf-8") for path in CHANNEL.glob("*.py")}
    assert set(shown) == set(files.values())
    assert all(f"`{name}`" in GUIDE.read_text(encoding="utf-8") for name in files)


def test_the_guide_names_the_lines_that_register_it() -> None:
    added = re.findall(r"^\+ *(.+)$", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert added == ['"sms": "sms_ingest",', "sms_ingest.opened,"]
    for path, sign in (
        ("schemas/topics.py", '"email": "email_ingest",'),
        ("services/all_in_one.py", "_ingest.opened,"),
    ):
        assert sign in (ROOT / path).read_text(encoding="utf-8")
        assert f"`{path}`" in GUIDE.read_text(encoding="utf-8")
