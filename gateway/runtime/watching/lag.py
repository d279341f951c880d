"""Asks the bus how far every group is behind, whichever process runs it, and whether any process does."""

import logging
from collections.abc import Awaitable, Callable, Sequence

from gateway.bus.port import Bus
from gateway.errors import GatewayError
from gateway.runtime.metrics import Metrics
from schemas.topics import TOPICS, topic_for

log = logging.getLogger(__name__)

AGENCIES_ANSWERS = next(topic for topic in TOPICS if topic.name == "agency.<agency>.commands")


Reads = Callable[[], Awaitable[Sequence[tuple[str, str]]]]
"""Tells every group with each topic that it reads, whichever process runs it."""


class LagWatch:
    """Lag and age of the oldest record, per group and topic."""

    def __init__(self, bus: Bus, metrics: Metrics, reads: Reads) -> None:
        """Take any bus of the deployment, and what tells the groups there are; agencies' own topics are found."""
        self._bus = bus
        self._metrics = metrics
        self._reads = reads

    async def look(self) -> None:
        """Ask once for each; raises the last error when a group's lag could not be had, after asking for all."""
        fault: GatewayError | None = None
        for group, topic in dict.fromkeys([*await self._reads(), *await self._answers()]):
            try:
                lag = await self._bus.lag(topic, group=group)
            except GatewayError as error:
                log.warning("lag_unknown", extra={"group": group, "topic": topic, "reason": error.reason})
                fault = error
                continue
            self._metrics.lag_messages.labels(group, topic).set(lag.messages)
            self._metrics.lag_seconds.labels(group, topic).set(lag.oldest_seconds)
        if fault is not None:
            raise fault

    async def _answers(self) -> Sequence[tuple[str, str]]:
        """Topics of agencies that answer over the bus come to exist while the gateway runs."""
        (reader,) = AGENCIES_ANSWERS.consumers
        return [(reader, topic) for topic in await self._bus.topics() if topic_for(topic) is AGENCIES_ANSWERS]
