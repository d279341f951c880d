"""Publishes `TimerDue` for due times that were reached; what follows is the history's writer's business."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from gateway.bus.port import Bus
from gateway.domain.identity import timer_id
from gateway.domain.tracing import entering
from gateway.errors import GatewayError
from gateway.runtime.histories import to_message
from gateway.runtime.metrics import Metrics
from gateway.store.port import Store, Timer
from schemas.envelope import Message
from schemas.timer import TimerDue
from schemas.topics import consumers_of

log = logging.getLogger(__name__)

LEASE_KEY = "lease/scheduler"
LEASE = timedelta(seconds=10)
PAUSE_SECONDS = 0.5
AGAIN = timedelta(seconds=30)
"""A due time stays open until its history recorded a commit. It is published again when it seems lost: everything that
was published so much later was handled, and it is open still. One that waits its turn in a queue is not lost.
"""

LOOK = timedelta(seconds=10)
"""So often it is asked how far those who handle due times are."""

TOPIC = "timers"

BATCH = 200


class Scheduler:
    """One of possibly several; only the holder of the lease publishes."""

    def __init__(self, store: Store, bus: Bus, *, owner: str, clock: Callable[[], datetime], metrics: Metrics) -> None:
        """Take the store that knows open timers, the bus of the stage `scheduler`, and this process's name."""
        self._store = store
        self._bus = bus
        # A process that follows a killed one may have its name, and must not take its claim for its own.
        self._owner = f"{owner}/{secrets.token_hex(8)}".encode()
        self._clock = clock
        self._metrics = metrics
        self._published: dict[Timer, datetime] = {}
        self._looked: datetime | None = None

    async def run(self) -> None:
        """Look for due times until cancelled; an unavailable store or bus is waited for."""
        try:
            while True:
                try:
                    await self.tick()
                except GatewayError as error:
                    log.warning("scheduler_waits", extra={"reason": error.reason})
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            await self._release()

    async def _release(self) -> None:
        """Let another copy go on at once."""
        try:
            await self._store.release(LEASE_KEY, self._owner)
        except GatewayError as error:
            # It lapses by itself.
            log.warning("lease_not_released", extra={"reason": error.reason})

    async def tick(self) -> int:
        """Publish what is due now, if the lease is ours; returns how many due times were published."""
        now = self._clock()
        holder = await self._store.claim(LEASE_KEY, self._owner, until=now + LEASE)
        if holder != self._owner:
            return 0
        # Those already published stay open until their history records a commit; they must not hide the next ones.
        open_now = await self._store.due(now, limit=BATCH + len(self._published))
        under_way = {timer: self._published[timer] for timer in open_now if timer in self._published}
        self._published = await self._without_lost(under_way, now)
        due = [timer for timer in open_now if timer not in self._published]
        if due:
            await self._bus.publish(*_messages(due, now))
            self._published.update(dict.fromkeys(due, now))
            self._metrics.timers_fired.inc(len(due))
        return len(due)

    async def _without_lost(self, under_way: Mapping[Timer, datetime], now: datetime) -> dict[Timer, datetime]:
        """Those due times, published when, that may still be handled."""
        looking = self._looked is None or now - self._looked >= LOOK
        if not looking or all(now - at < AGAIN for at in under_way.values()):
            return dict(under_way)
        self._looked = now
        handled = await self._handled_until(now)
        return {timer: at for timer, at in under_way.items() if handled - at < AGAIN}

    async def _handled_until(self, now: datetime) -> datetime:
        """What was published before this instant was handled by all who handle due times."""
        lags = [await self._bus.lag(TOPIC, group=group) for group in consumers_of(TOPIC)]
        return now - timedelta(seconds=max((lag.oldest_seconds for lag in lags), default=0.0))


def _messages(due: Sequence[Timer], now: datetime) -> list[Message]:
    return [
        entering(to_message(TOPIC, timer.history, _firing(timer, now), source="scheduler", at=now)) for timer in due
    ]


def _firing(timer: Timer, now: datetime) -> TimerDue:
    return TimerDue(
        id=timer_id(timer.history, timer.kind, timer.due_at.astimezone(UTC).isoformat()),
        history=timer.history,
        kind=timer.kind,
        due_at=timer.due_at,
        fired_at=now,
    )
