"""What the webhook needs from the process that runs it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.bus.port import Bus
from gateway.domain.identity import Identity
from gateway.runtime.metrics import Metrics
from services.zalo_ingest.settings import ZaloSettings


@dataclass(frozen=True)
class Endpoint:
    """The opened ports and settings; `bus` is the one of the stage `zalo_ingest.receive`, `clock` gives aware UTC.

    `check_room` raises `Unavailable("disk_full")` when nothing more may be acknowledged. `verifier` is name and
    content of the file that proves the domain, if there is one.
    """

    bus: Bus
    identity: Identity
    settings: ZaloSettings
    clock: Callable[[], datetime]
    metrics: Metrics
    check_room: Callable[[], None]
    trial: bool
    verifier: tuple[str, bytes] | None = None

    @property
    def secrets(self) -> Mapping[str, Sequence[str]]:
        """The secrets that hold for each OA."""
        return {oa: [one.get_secret_value() for one in keys] for oa, keys in self.settings.oas.items()}
