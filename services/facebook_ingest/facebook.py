"""What the Facebook channel needs from the process that runs it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from gateway.bus.port import Bus
from gateway.domain.identity import Identity
from gateway.domain.province import Province
from gateway.files.port import Files
from gateway.outbox.port import Outbox
from gateway.projections.port import Documents
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.metrics import Metrics
from gateway.store.port import Store
from gateway.vault.port import Vault
from services.facebook_ingest.page import Page
from services.facebook_ingest.page_token import PageToken
from services.facebook_ingest.settings import FacebookSettings


@dataclass(frozen=True)
class Secrets:
    """What signs and proves: the app's secrets, the newest first, and the handshake's token."""

    app: tuple[bytes, ...] = field(repr=False)
    verify_token: bytes = field(repr=False)


@dataclass(frozen=True)
class Facebook:
    """The opened ports and data; `bus` is the one of the stage `facebook_ingest.receive`, `clock` gives aware UTC.

    `check_room` raises `Unavailable("disk_full")` when nothing more may be acknowledged.
    """

    bus: Bus
    files: Files
    vault: Vault
    store: Store
    documents: Documents
    outbox: Outbox
    correspondents: Correspondents
    identity: Identity
    province: Province
    settings: FacebookSettings
    page: Page
    secrets: Secrets
    token: PageToken
    clock: Callable[[], datetime]
    metrics: Metrics
    check_room: Callable[[], None]
    trial: bool
