"""Deletes what topics and the outbox no longer need to keep, and never what a stage of ours has still to read."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from gateway.bus.port import Bus
from gateway.errors import GatewayError
from gateway.outbox.port import Outbox
from schemas.topics import topic_for

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0

PIECE = 500
"""Replies forgotten in one transaction: senders wait for no more."""

FIRST_SECONDS = 120.0
"""After a start; by then every service that runs has said what it reads."""


Reads = Sequence[tuple[str, str]]
"""Groups with each topic that they read."""


async def keep_trimming(
    buses: Mapping[str, Bus], reads: Callable[[], Awaitable[Reads]], clock: Callable[[], datetime]
) -> None:
    """Trim once an hour until cancelled; `buses` are this process's producers by stage, `reads` says who reads what."""
    await asyncio.sleep(FIRST_SECONDS)
    while True:
        for stage, bus in list(buses.items()):
            try:
                await trim_stage(bus, await reads(), clock())
            except GatewayError as error:
                log.warning("retention_waits", extra={"stage": stage, "reason": error.reason})
        await asyncio.sleep(EVERY_SECONDS)


async def keep_outbox_trimmed(outbox: Outbox, kept: timedelta, clock: Callable[[], datetime]) -> None:
    """Once an hour until cancelled, forget replies that ended longer ago than they are `kept`."""
    while True:
        try:
            while forgotten := await outbox.trim(clock() - kept, limit=PIECE):
                log.info("outbox_trimmed", extra={"replies": forgotten})
        except GatewayError as error:
            log.warning("outbox_retention_waits", extra={"reason": error.reason})
        await asyncio.sleep(EVERY_SECONDS)


async def trim_stage(bus: Bus, reads: Reads, now: datetime) -> int:
    """Trim every topic of one producer to its declared retention; returns how many records were deleted.

    A topic that one of the groups is behind on by more than its retention is left alone: its oldest records are
    still needed, and the lag alarm tells operators why the disk fills.
    """
    deleted = 0
    for name in await bus.topics():
        declared = topic_for(name)
        if declared is None or await _still_needed(bus, name, declared.retention.total_seconds(), reads):
            continue
        deleted += await bus.trim(name, before=now - declared.retention)
    return deleted


async def _still_needed(bus: Bus, topic: str, retention_seconds: float, reads: Reads) -> bool:
    for group, read in reads:
        if read != topic:
            continue
        lag = await bus.lag(topic, group=group)
        if lag.oldest_seconds >= retention_seconds:
            log.error("retention_held", extra={"topic": topic, "group": group, "seconds": lag.oldest_seconds})
            return True
    return False
