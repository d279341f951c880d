"""Gathers the figures that nobody who does the work can be trusted to export: a dead consumer reports no lag."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from gateway.errors import GatewayError
from gateway.runtime.metrics import Metrics

log = logging.getLogger(__name__)


async def keep_watching(what: str, look: Callable[[], Awaitable[None]], metrics: Metrics, *, every: float) -> None:
    """Look every so many seconds until cancelled, and show when it last succeeded."""
    while True:
        try:
            await look()
        except GatewayError as error:
            log.warning("unwatched", extra={"what": what, "reason": error.reason})
        else:
            metrics.watched.labels(what).set(time.time())
        await asyncio.sleep(every)
