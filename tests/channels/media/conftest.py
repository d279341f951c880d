"""An opened data folder, and messages as a channel's reader publishes them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.bus.port import Record
from gateway.egress.fetcher import Fetcher
from gateway.egress.policy import EgressPolicy
from gateway.runtime.deployment import Deployment, open_deployment
from gateway.runtime.histories import to_message
from gateway.runtime.media import FetchMedia
from gateway.runtime.metrics import Metrics
from schemas.base import Contract
from schemas.envelope import Message
from schemas.files import Attachment, AttachmentPersonal, AttachmentState
from schemas.inbound import Inbound, InboundPersonal
from schemas.vocabulary import Intake
from tests.unit.filled import settings_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BOUND = 50_000


@pytest.fixture
async def deployment(tmp_path: Path) -> AsyncIterator[Deployment]:
    found = await open_deployment(settings_of(tmp_path / "data"))
    yield found
    await found.close()


@dataclass
class Stage:
    """The media stage of one channel over one data folder, with a clock that only the test moves."""

    deployment: Deployment
    metrics: Metrics = field(default_factory=Metrics)
    now: datetime = NOON

    def fetching(self, *origins: str, seconds: float = 5.0) -> FetchMedia:
        """The stage, with these hosts listed beside Zalo's."""
        policy = EgressPolicy((".zdn.vn", *origins), allow_loopback=True, max_bytes=BOUND, seconds=seconds)
        return FetchMedia(
            "zalo",
            fetcher=Fetcher(policy),
            files=self.deployment.files,
            clock=lambda: self.now,
            metrics=self.metrics,
        )

    def counted(self, outcome: str) -> float:
        """How often an attachment ended so."""
        return (
            self.metrics.registry.get_sample_value("gateway_media_total", {"channel": "zalo", "outcome": outcome})
            or 0.0
        )


@pytest.fixture
def stage(deployment: Deployment) -> Stage:
    return Stage(deployment)


def pending(number: int, url: str, kind: str = "image") -> Attachment:
    personal = AttachmentPersonal(name=f"{number}.jpg", source_url=url)
    return Attachment(number=number, kind=kind, state=AttachmentState.PENDING, personal=personal)


def message(deployment: Deployment, *attachments: Attachment, text: str = "", channel: str = "zalo") -> Inbound:
    account = deployment.identity.account(channel, "oa:citizen")
    inbound_id = deployment.identity.inbound_id(channel, account, str(uuid4()))
    now = datetime.now(UTC)
    return Inbound(
        id=inbound_id,
        channel=channel,
        intake=Intake.CHAT,
        account=account,
        code=deployment.identity.receipt_code(inbound_id),
        sent_at=now,
        received_at=now,
        attachments=attachments,
        personal=InboundPersonal(text=text),
    )


def record_of(value: Contract, topic: str = "inbound", published_at: datetime = NOON) -> Record:
    return Record(to_message(topic, "key", value, source="/test", at=NOON), "zalo_ingest.read/0", 1, published_at)


def again(waiting: Message) -> Record:
    """A message of the stage as it comes back to it."""
    return Record(waiting, "zalo_ingest.media/0", 1, NOON)
