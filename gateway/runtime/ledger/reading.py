"""Reads the topics into the conservation ledger, each record once: what was read before is not read again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from pydantic import ValidationError

from gateway.bus.port import At, Bus, Lag, Positions, Record
from gateway.domain.conservation.balance import Balance, Handled
from gateway.domain.conservation.ledger import Ledger
from gateway.runtime.ledger.facts import DECIDED_BY, INBOUND, RAW, TOPICS, facts_of
from schemas.topics import CHANNELS

log = logging.getLogger(__name__)

GRACE = timedelta(seconds=60)
"""How long something that was passed by may lack an outcome before it is called unaccounted."""

TURN = 100
"""Records after which others get their turn on the loop."""

LagOf = Callable[[str, str], Awaitable[Lag]]
"""How far a stage (first) is behind on a topic (second)."""


class LedgerReader:
    """Keeps a ledger up to date from a bus, with positions of its own in memory: a new one reads the period anew."""

    def __init__(
        self,
        bus: Bus,
        *,
        since: datetime,
        clock: Callable[[], datetime],
        most: int | None = None,
        grace: timedelta = GRACE,
        lag_of: LagOf | None = None,
    ) -> None:
        """Count what was received since an aware instant; `lag_of` says how far stages are, by default the bus."""
        self.ledger = Ledger(since=since, most=most)
        self._bus = bus
        self._clock = clock
        self._grace = grace
        self._lag_of = lag_of or self._asked
        self._next: dict[str, dict[str, int]] = {}

    async def balances(self) -> Mapping[str, Balance]:
        """Read what was published since the last call, and say how every channel stands; raises `Unavailable`."""
        # Asked before the topics are read: what was handled by then has left its traces there.
        handled = await self._handled()
        for topic in TOPICS:
            await self._read_on(topic)
        return self.ledger.balances(handled)

    async def _read_on(self, topic: str) -> None:
        known = self._next.get(topic)
        start = At(self.ledger.since) if known is None else Positions(known)
        places = self._next.setdefault(topic, {}) if known is None else known
        count = 0
        async for record in self._bus.read(topic, start=start):
            self._take(record)
            places[record.partition] = record.offset + 1
            count += 1
            if count % TURN == 0:
                await asyncio.sleep(0)

    def _take(self, record: Record) -> None:
        try:
            for fact in facts_of(record):
                self.ledger.add(fact)
        except ValidationError:
            # Written by nobody of ours: it cannot say anything, and must not hide what comes after it.
            place = {"topic": record.message.topic, "partition": record.partition, "offset": record.offset}
            log.warning("ledger_cannot_read", extra=place)

    async def _handled(self) -> Handled:
        decided = await self._until(DECIDED_BY, INBOUND)
        return Handled(
            read={
                channel: await self._until(f"{service}.read", RAW + channel) for channel, service in CHANNELS.items()
            },
            decided=decided,
            due=min(decided, await self._until(DECIDED_BY, "timers")),
        )

    async def _until(self, stage: str, topic: str) -> datetime:
        """Up to which instant a stage has certainly handled what was published."""
        now = self._clock()
        lag = await self._lag_of(stage, topic)
        return now - timedelta(seconds=lag.oldest_seconds if lag.messages else 0.0) - self._grace

    async def _asked(self, stage: str, topic: str) -> Lag:
        return await self._bus.lag(topic, group=stage)
