"""An embedded gateway with something in every state, and the same citizens after it was moved to a cluster."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx

from cli.demo.client import Receipt
from gateway.errors import Invalid
from gateway.outbox.port import Part
from gateway.projections.port import Document
from gateway.runtime.background import scheduler
from gateway.runtime.deployment import Deployment, open_deployment
from gateway.runtime.histories import to_message
from gateway.runtime.secret_files import trial_token
from gateway.runtime.settings import GatewaySettings
from schemas.commands import AnswerTicket, NotePersonal
from schemas.vocabulary import ReplyKind
from services.web_ingest import wiring as web_ingest
from services.web_ingest.app import create_app
from tests.unit.filled import Commands, at_work, drained, settings_of, spoil

SECONDS = 60.0
LOOK_SECONDS = 0.05
CONTACT = {"name": "Lê Minh Tâm", "phone": "0909888777", "address": "ấp 3, xã Thuận Lợi"}
NAMELESS = {"name": "Lê Minh Tâm", "phone": "0909888777"}
WATER = "Ống nước sạch ở ấp 3, xã Thuận Lợi bị vỡ, nước chảy tràn ra đường suốt ngày, đề nghị sửa giúp."
AN, BINH = "0a" * 16, "0b" * 16
JPEG = b"\xff\xd8\xff\xe0" + b"photo" * 40_000
LONG_AGO = timedelta(days=30)


@dataclass
class Clock:
    """The machine's clock, moved as a test wishes."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC) + self.ahead


@dataclass
class Desk:
    """The app of a trial, speaking to a deployment without sockets."""

    deployment: Deployment
    client: httpx.AsyncClient
    key: str

    async def submit(self, user: str, content: str, contact: dict[str, str], *, once: str) -> Receipt:
        """A submission; the same `once` is the same submission."""
        body = {"user_id": user, "content": content, "contact": contact}
        answer = await self.client.post("/v1/submissions", json=body, headers=self._headers(once=once))
        assert answer.status_code == 202, answer.text
        return Receipt(answer.json()["code"], answer.json()["secret"])

    async def add(self, receipt: Receipt, **what: object) -> None:
        """An addition, such as the answer to a supplement request."""
        url = f"/v1/submissions/{receipt.code}/additions"
        answer = await self.client.post(url, json=what, headers=self._headers(receipt, once=str(uuid4())))
        assert answer.status_code == 202, answer.text

    async def status(self, receipt: Receipt) -> dict[str, Any]:
        """What the citizen sees."""
        answer = await self.client.get(f"/v1/submissions/{receipt.code}", headers=self._headers(receipt))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def until(self, receipt: Receipt, settled: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for what must become of a submission."""
        end = asyncio.get_running_loop().time() + SECONDS
        while True:
            found = await self.status(receipt)
            if settled(found):
                return found
            assert asyncio.get_running_loop().time() < end, found
            await asyncio.sleep(LOOK_SECONDS)

    async def transferred(self, receipt: Receipt) -> dict[str, Any]:
        """Wait until an agency has it."""
        return await self.until(receipt, lambda seen: seen["transferred_at"] is not None)

    async def waiting(self, receipt: Receipt) -> dict[str, Any]:
        """Wait until the citizen is asked for what is missing."""
        return await self.until(receipt, lambda seen: seen["outcome"] == "pending_supplement")

    def _headers(self, receipt: Receipt | None = None, *, once: str = "") -> dict[str, str]:
        more = {"X-Lookup-Secret": receipt.secret} if receipt else {}
        return {"X-API-Key": self.key, **more, **({"Idempotency-Key": once} if once else {})}


@asynccontextmanager
async def desk(deployment: Deployment) -> AsyncIterator[Desk]:
    """The web channel of a deployment, opened."""
    app = create_app(web_ingest.web(deployment))
    transport = httpx.ASGITransport(app, client=("203.0.113.7", 4000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8022") as client:
        yield Desk(deployment, client, trial_token(deployment.folder.secrets, "app"))


@asynccontextmanager
async def opened(settings: GatewaySettings, clock: Clock) -> AsyncIterator[Deployment]:
    """A deployment under a clock."""
    deployment = await open_deployment(settings)
    deployment.clock = clock
    try:
        yield deployment
    finally:
        await deployment.close()


@dataclass
class Town:
    """Who wrote what, and what was seen of it before the move."""

    receipts: dict[str, Receipt] = field(default_factory=dict)
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)
    erased: str = ""
    sealed: tuple[str, bytes] = ("", b"")
    parts: dict[str, UUID] = field(default_factory=dict)


async def filled(data: Path) -> Town:
    """Fill an embedded gateway; the last message is received and not even read when it stops."""
    town = Town()
    clock = Clock(-LONG_AGO)
    async with opened(settings_of(data), clock) as deployment, desk(deployment) as app:
        async with at_work(deployment) as consumers:
            town.receipts["late"] = await app.submit("late", WATER, NAMELESS, once="late")
            await app.waiting(town.receipts["late"])
            clock.ahead = timedelta()
            town.receipts["asked"] = await app.submit("asked", WATER, NAMELESS, once="asked")
            for user in ("served", "answered", "agency", "gone"):
                town.receipts[user] = await app.submit(user, WATER, CONTACT, once=user)
                await app.transferred(town.receipts[user])
            await app.waiting(town.receipts["asked"])
            await _answer(data, town.receipts["answered"])
            await app.until(town.receipts["answered"], lambda seen: seen["answered_at"] is not None)
            await spoil(deployment)
            await drained(deployment, consumers)
        await _replies(deployment, town)
        await _beside(deployment, town)
        town.seen = {user: await app.status(receipt) for user, receipt in town.receipts.items()}
        await _answer_over_the_bus(deployment, town.receipts["agency"])
        town.receipts["unread"] = await app.submit("unread", WATER, CONTACT, once="unread")
    return town


async def _answer(data: Path, receipt: Receipt) -> None:
    photo = data.with_name("answer.jpg")
    photo.write_bytes(JPEG)
    words = ("--as", "op_lan", "--text", "Đã sửa xong.", "--file", str(photo))
    result = await asyncio.to_thread(Commands(data).run, "answer", receipt.code, *words)
    assert result.exit_code == 0, result.output


async def _answer_over_the_bus(deployment: Deployment, receipt: Receipt) -> None:
    """An agency's answer, of which nobody has read anything yet."""
    submission = await deployment.documents.get("submission", receipt.code)
    assert submission is not None
    ticket = await deployment.documents.get("ticket", submission.body["ticket_id"])
    assert ticket is not None
    given = AnswerTicket(
        id=uuid4(),
        ticket_id=UUID(ticket.key),
        version_seen=ticket.body["revision"],
        by="agency",
        at=deployment.clock(),
        personal=NotePersonal(text="Đã cử người đến sửa."),
    )
    topic = f"agency.{ticket.body['agency']}.commands"
    message = to_message(topic, ticket.key, given, source="/agency", at=given.at)
    await deployment.bus("agency").publish(message)


async def _replies(deployment: Deployment, town: Town) -> None:
    """Replies on a channel that hands over nothing here: unknown, waiting behind it, under way, done and forgotten."""
    outbox, now = deployment.outbox, deployment.clock()
    for name, account in (("unknown", AN), ("behind", AN), ("under way", BINH), ("forgotten", "0c" * 16)):
        town.parts[name] = uuid4()
        common = ("zalo", account, f"conversation/{account}", ReplyKind.RECEIPT, None, now, now)
        await outbox.file([Part(town.parts[name], 0, 1, *common, b"\x01sealed")])
    for part in await outbox.due("zalo", now, limit=10):
        await outbox.begin(part, now)
    await outbox.unknown(town.parts["unknown"], 0, reason="lost", now=now)
    await outbox.sent(town.parts["forgotten"], 0, remote_id="mid-1", now=now)
    for ending in await outbox.endings("zalo", limit=10):
        await outbox.told(ending)
    assert await outbox.trim(now + timedelta(seconds=1)) == 1


async def _beside(deployment: Deployment, town: Town) -> None:
    """A citizen who was erased, and what else must be known ever after, or must not."""
    town.erased = deployment.identity.account("web", "app:gone")
    (history,) = [name for name in await deployment.store.histories("conversation/") if name.endswith(town.erased)]
    (first, *_) = await deployment.store.commits(history)
    assert first.owner == town.erased
    town.sealed = (f"commit:{history}:1", first.sealed)
    await deployment.vault.erase(town.erased)
    await deployment.store.claim("zalo/token/oa/1", b"sealed pair")
    await deployment.store.claim("lease/scheduler", b"one", until=deployment.clock() + timedelta(days=1))
    await deployment.documents.put(Document("mail_cursor", "INBOX", 3, {"uid": 17}))


@asynccontextmanager
async def in_the_cluster(settings: GatewaySettings) -> AsyncIterator[Desk]:
    """Every stage at work on the cluster, with the clock that fires timers, and the edges with their spools."""
    async with opened(settings, Clock()) as deployment, desk(deployment) as app, at_work(deployment):
        beside = (scheduler(deployment).run(), *(edge.run() for edge in deployment.edges.values()))
        tasks = [asyncio.create_task(one) for one in beside]
        try:
            yield app
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def record(deployment: Deployment) -> dict[str, int]:
    """How many commits each history has."""
    names = await deployment.store.histories("")
    return {name: len(await deployment.store.commits(name)) for name in names}


async def refused(deployment: Deployment, town: Town) -> str:
    """Why what was sealed for the erased citizen does not open."""
    context, sealed = town.sealed
    try:
        await deployment.vault.open(town.erased, sealed, context=context)
    except Invalid as error:
        return error.reason
    return "opened"
