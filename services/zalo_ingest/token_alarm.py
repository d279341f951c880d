"""Calls a person while an OA's access is lost, once for each loss, and says when it is back."""

import logging

from gateway.runtime.metrics import Metrics
from services.zalo_ingest.event import CHANNEL
from services.zalo_ingest.token_pairs import Held

log = logging.getLogger(__name__)


class TokenAlarm:
    """The alarms of one process, by OA."""

    def __init__(self, metrics: Metrics) -> None:
        """Take where the number of OAs without access is shown."""
        self._gauge = metrics.channel_alarm.labels(CHANNEL, "token")
        self._lost: dict[str, int] = {}

    def sound(self, oa: str, held: Held | None, reason: str) -> None:
        """The access that this generation gave is lost, or cannot be renewed."""
        generation = held.generation if held else 0
        if self._lost.get(oa) != generation:
            log.critical("channel_dead", extra={"channel": CHANNEL, "reason": reason})
        self._lost[oa] = generation
        self._gauge.set(len(self._lost))

    def calm(self, oa: str, held: Held) -> None:
        """A later generation, by whichever process, ends the alarm."""
        if held.generation > self._lost.get(oa, held.generation):
            del self._lost[oa]
            self._gauge.set(len(self._lost))
