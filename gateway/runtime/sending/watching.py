"""Keeps the figures of a channel's outbox up to date, by which operations see that replies do not get out."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from gateway.errors import GatewayError
from gateway.outbox.port import Outbox, PartState
from gateway.runtime.metrics import Metrics

log = logging.getLogger(__name__)

EVERY_SECONDS = 5.0


async def watch_outbox(channel: str, outbox: Outbox, metrics: Metrics, clock: Callable[[], datetime]) -> None:
    """Export parts by state and the age of the oldest waiting one until cancelled, whoever is in charge of sending."""
    while True:
        try:
            for state, parts in (await outbox.counts(channel)).items():
                metrics.outbox_parts.labels(channel, state.value).set(parts)
            oldest = await outbox.open_parts(channel, PartState.WAITING, limit=1)
            age = (clock() - oldest[0].filed_at).total_seconds() if oldest else 0.0
            metrics.outbox_oldest.labels(channel).set(max(0.0, age))
        except GatewayError as error:
            log.warning("outbox_unwatched", extra={"channel": channel, "reason": error.reason})
        await asyncio.sleep(EVERY_SECONDS)
