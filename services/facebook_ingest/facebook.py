"""What the webhook of the Facebook channel needs from the process that runs it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from gateway.bus.port import Bus
from gateway.runtime.metrics import Metrics
from services.facebook_ingest.page import Page
from services.facebook_ingest.settings import FacebookSettings


@dataclass(frozen=True)
class Secrets:
    """What signs and proves: the app's secrets, the newest first, and the handshake's token."""

    app: tuple[bytes, ...] = field(repr=False)
    verify_token: bytes = field(repr=False)


@dataclass(frozen=True)
class Facebook:
    """The page and what its requests become durable on; `bus` is the one of the stage `facebook_ingest.receive`.

    `clock` gives aware UTC; `check_room` raises `Unavailable("disk_full")` when nothing more may be acknowledged.
    """

    bus: Bus
    settings: FacebookSettings
    page: Page
    secrets: Secrets
    clock: Callable[[], datetime]
    metrics: Metrics
    check_room: Callable[[], None]
    trial: bool
