"""The whole gateway as a process beside the fake Zalo, and what a test wants to see of both."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.bus.opening import open_bus
from gateway.bus.port import Beginning, Record
from gateway.runtime.deployment import utc_now
from gateway.runtime.secret_files import trial_token
from schemas.base import Contract
from schemas.events import SubmissionEvent
from services.zalo_ingest.configuration import TRIAL_APP, TRIAL_OA, trial_pair
from services.zalo_ingest.receive import PATH
from tests.fakes.zalo.server import FakeZalo
from tests.gateway_process import ROOT, GatewayProcess
from tests.waiting import until


@dataclass
class Running:
    """A gateway and its Zalo."""

    zalo: FakeZalo
    gateway: GatewayProcess

    async def records(self, topic: str) -> list[Record]:
        """Everything on a topic."""
        bus = open_bus(f"sqlite:///{self.gateway.data / 'bus'}", "cli", clock=utc_now)
        try:
            return [record async for record in bus.read(topic, start=Beginning())]
        finally:
            await bus.close()

    async def of(self, topic: str, kind: type[Contract]) -> list[Contract]:
        """Every message of a type on a topic."""
        found = await self.records(topic)
        return [kind.model_validate_json(one.message.value) for one in found if one.message.type == kind.TYPE]

    async def outcomes(self) -> list[str]:
        """Every outcome of a submission so far."""
        events = await self.of("submission.events", SubmissionEvent)
        return [event.outcome.kind for event in events if isinstance(event, SubmissionEvent)]

    async def replied(self, user: str, count: int) -> list[str]:
        """The texts a citizen got, once there are so many."""
        await self.until(lambda: len(self.zalo.state.replies_to(user)) >= count)
        return [one.text for one in self.zalo.state.replies_to(user)]

    async def handled(self, topic: str, count: int) -> list[Record]:
        """The records of a topic, once there are so many."""
        found: list[Record] = []

        async def come() -> bool:
            found[:] = await self.records(topic)
            return len(found) >= count

        await until(come)
        return found

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; fails when it does not in time."""
        await until(holds)


def province(folder: Path, *, quiet_seconds: int) -> Path:
    """The province with another time of quiet after which a chat's fragments are judged."""
    copied = folder / "province"
    shutil.copytree(ROOT / "deploy/provinces/binh_phuoc", copied)
    settings = copied / "province.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("quiet_seconds: 45 ", f"quiet_seconds: {quiet_seconds} "), encoding="utf-8")
    return copied


@asynccontextmanager
async def running(folder: Path, *, quiet_seconds: int = 2, **settings: str) -> AsyncIterator[Running]:
    """Start both on a folder, with further settings of the gateway."""
    data = folder / "data"
    secrets = data / "secrets"
    data.mkdir(mode=0o700)
    secrets.mkdir(mode=0o700)
    fake = FakeZalo(
        app_id=TRIAL_APP,
        app_secret=trial_token(secrets, "zalo_app"),
        oas={TRIAL_OA: trial_token(secrets, "zalo_oa")},
        tokens={TRIAL_OA: trial_pair(secrets)},
    )
    async with fake:
        chosen = {
            "GATEWAY_PROVINCE": str(province(folder, quiet_seconds=quiet_seconds)),
            "ZALO_API_URL": fake.address,
            "ZALO_OAUTH_URL": fake.address,
            "ZALO_SEND_SECONDS": "5",
            **settings,
        }
        gateway = GatewayProcess(data, **chosen)
        fake.webhooks.url = f"{gateway.address}{PATH}"
        gateway.start()
        try:
            await asyncio.to_thread(gateway.ready)
            yield Running(fake, gateway)
        finally:
            await asyncio.to_thread(gateway.stop)
