"""Waits until nothing is under way: every stage has read everything that the stages before it published."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

from gateway.bus.opening import open_bus
from gateway.bus.port import Bus

READERS = (
    ("web_ingest.read", "raw.web"),
    ("normalizer", "inbound"),
    ("normalizer", "media"),
    ("normalizer", "timers"),
    ("normalizer", "submission.commands"),
    ("dispatcher", "tickets"),
    ("dispatcher", "ticket.commands"),
    ("dispatcher", "timers"),
    ("web_ingest.send", "replies.web"),
    ("normalizer", "reply.events"),
    ("dispatcher", "reply.events"),
    ("projections", "conversation.log"),
    ("projections", "ticket.log"),
)
"""Stage and topic in the order of the flow: output and progress are one, so what left one lies before the next."""

LOOK_SECONDS = 0.1


async def drained(bus_folder: Path, seconds: float) -> None:
    """Return when nothing is left; raises `TimeoutError` naming what still is."""
    stages = {stage for stage, _ in READERS}
    url = f"sqlite:///{bus_folder}"
    buses = {stage: open_bus(url, stage, clock=lambda: datetime.now(UTC)) for stage in stages}
    until = time.monotonic() + seconds
    try:
        while left := await _left(buses):
            if time.monotonic() > until:
                raise TimeoutError(f"still under way: {left}")
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        for bus in buses.values():
            await bus.close()


async def _left(buses: dict[str, Bus]) -> dict[str, int]:
    """What is left in two passes one after the other: the flow runs in a circle, from replies back into histories."""
    left: dict[str, int] = {}
    for _ in range(2):
        for stage, topic in READERS:
            lag = await buses[stage].lag(topic, group=stage)
            if lag.messages:
                left[f"{stage} {topic}"] = lag.messages
    return left
