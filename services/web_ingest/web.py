"""What the web channel needs from the process that runs it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from prometheus_client import Counter, Histogram

from gateway.bus.port import Bus
from gateway.domain.identity import Identity
from gateway.domain.province import Province
from gateway.files.port import Files
from gateway.projections.port import Documents
from gateway.runtime.bounded_child import BoundedChildren
from gateway.runtime.metrics import Metrics
from gateway.store.port import Store
from gateway.vault.port import Vault
from schemas.vocabulary import Intake
from services.web_ingest.settings import WebSettings

CHANNEL = "web"
INTAKES = (Intake.FORM, Intake.APP, Intake.CALL, Intake.LETTER, Intake.PORTAL)


@dataclass(frozen=True)
class Web:
    """The opened ports and data; `bus` is the one of the stage `web_ingest.receive`, `clock` gives aware UTC.

    `session_key` signs cookies and forms: a new one logs everybody out and nothing else.
    `check_room` raises `Unavailable("disk_full")` when nothing more may be acknowledged.
    """

    bus: Bus
    files: Files
    vault: Vault
    store: Store
    documents: Documents
    identity: Identity
    province: Province
    settings: WebSettings
    session_key: bytes
    clock: Callable[[], datetime]
    metrics: Metrics
    check_room: Callable[[], None]
    trial: bool
    children: BoundedChildren

    @cached_property
    def acknowledge(self) -> Histogram:
        """This channel's times from a complete request to its acknowledgement."""
        return self.metrics.acknowledge.labels(CHANNEL)

    @cached_property
    def received(self) -> Mapping[Intake, Counter]:
        """This channel's counts of what was made durable and acknowledged."""
        return {intake: self.metrics.received.labels(CHANNEL, intake) for intake in INTAKES}
