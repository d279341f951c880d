"""Deletes what topics and the outbox no longer need to keep, and never what a stage of ours has still to read."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from gateway.bus.port import Bus
from gateway.errors import GatewayError
from gateway.outbox.port import Outbox
from gateway.runtime.service import Consumer
from schemas.topics import topic_for

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0

PIECE = 500
"""Replies forgotten in one transaction: senders wait for no more."""


async def keep_trimming(buses: Mapping[str, Bus], consumers: Sequence[Consumer], clock: Callable[[], datetime]) -> None:
    """Trim once an hour until cancelled; `buses` are this process's producers by stage."""
    while True:
        for stage, bus in list(buses.items()):
            try:
                await trim_stage(bus, buses, consumers, clock())
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


async def trim_stage(bus: Bus, buses: Mapping[str, Bus], consumers: Sequence[Consumer], now: datetime) -> int:
    """Trim every topic of one producer to its declared retention; returns how many records were deleted.

    A topic that one of `consumers` is behind on by more than its retention is left alone: its oldest records are
    still needed, and the lag alarm tells operators why the disk fills.
    """
    deleted = 0
    for name in await bus.topics():
        declared = topic_for(name)
        if declared is None or await _still_needed(name, declared.retention.total_seconds(), buses, consumers):
            continue
        deleted += await bus.trim(name, before=now - declared.retention)
    return deleted


async def _still_needed(
    topic: str, retention_seconds: float, buses: Mapping[str, Bus], consumers: Sequence[Consumer]
) -> bool:
    for consumer in consumers:
        if consumer.topic != topic or consumer.stage not in buses:
            continue
        lag = await buses[consumer.stage].lag(topic, group=consumer.group)
        if lag.oldest_seconds >= retention_seconds:
            log.error("retention_held", extra={"topic": topic, "group": consumer.group, "seconds": lag.oldest_seconds})
            return True
    return False
