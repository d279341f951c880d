"""Keeps the figures of the conservation ledger up to date, and says at once when something is unaccounted for."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from gateway.bus.port import Bus
from gateway.domain.conservation.balance import Balance
from gateway.errors import GatewayError
from gateway.runtime.ledger.reading import LedgerReader
from gateway.runtime.metrics import Metrics
from schemas.topics import CHANNELS

log = logging.getLogger(__name__)

LEDGER_STAGE = "ledger"
"""It reads and never publishes."""

EVERY_SECONDS = 15.0
FIRST_SECONDS = 5.0
"""What waits since the last stop goes first."""

PERIOD = timedelta(days=1)
"""How much the figures cover; `gateway status --ledger` covers whatever is kept."""

MOST = 60_000
"""Raw messages, and messages in them, remembered at once: some 23 MB. A busier gateway's figures cover less time."""

NAMED = 20
"""Unaccounted messages that one line of the log names."""


async def keep_ledger(bus: Bus, metrics: Metrics, clock: Callable[[], datetime]) -> None:
    """Export every channel's balance until cancelled; after a start the last day is read anew."""
    await asyncio.sleep(FIRST_SECONDS)
    reader = LedgerReader(bus, since=clock() - PERIOD, clock=clock, most=MOST)
    alarmed: Mapping[str, int] = {}
    while True:
        try:
            reader.ledger.forget(clock() - PERIOD)
            balances = await reader.balances()
            export(balances, metrics, clock())
            alarmed = _alarm(balances, alarmed)
        except GatewayError as error:
            log.warning("ledger_waits", extra={"reason": error.reason})
        await asyncio.sleep(EVERY_SECONDS)


def export(balances: Mapping[str, Balance], metrics: Metrics, now: datetime) -> None:
    """Set every channel's figures; a channel without messages has zeros, so that its alerts have something to watch."""
    for channel in CHANNELS:
        found = balances.get(channel)
        outcomes = sum(found.outcomes.values()) if found is not None else 0
        oldest = found.oldest_in_flight if found is not None else None
        metrics.ledger_received.labels(channel).set(found.received if found is not None else 0)
        metrics.ledger_outcomes.labels(channel).set(outcomes)
        metrics.ledger_in_flight.labels(channel).set(found.in_flight if found is not None else 0)
        metrics.ledger_unaccounted.labels(channel).set(len(found.unaccounted) if found is not None else 0)
        age = (now - oldest).total_seconds() if oldest is not None else 0.0
        metrics.ledger_oldest.labels(channel).set(max(0.0, age))


def _alarm(balances: Mapping[str, Balance], before: Mapping[str, int]) -> Mapping[str, int]:
    """Log what is unaccounted for, whenever there is more of it than before; returns how much there is."""
    found = {channel: len(one.unaccounted) for channel, one in balances.items()}
    for channel, count in found.items():
        if count > before.get(channel, 0):
            missing = [f"{one.name} at {one.seen}" for one in balances[channel].unaccounted[:NAMED]]
            log.error("unaccounted", extra={"channel": channel, "messages": count, "named": missing})
    return found
