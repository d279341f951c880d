"""Keeps each OA's access alive: one refresher at a time, and the new pair durable before anybody uses it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
from uuid import uuid4

from tenacity import AsyncRetrying, RetryError, retry_if_exception_type, stop_after_delay, wait_fixed

from gateway.errors import GatewayError, Unavailable
from gateway.runtime.calling import Unanswered, Unreached
from gateway.runtime.metrics import Metrics
from gateway.store.port import Store
from services.zalo_ingest.event import CHANNEL
from services.zalo_ingest.oauth import Exchanged, Rejected
from services.zalo_ingest.token_alarm import TokenAlarm
from services.zalo_ingest.token_pairs import Held, Mark, Pair, Pairs

log = logging.getLogger(__name__)

AHEAD = timedelta(hours=3)
LOOK_SECONDS = 30.0
LEASE = timedelta(seconds=60)
"""Longer than two exchanges take, so that nobody starts a third with the same token."""

TURN_SECONDS = 45.0
ASK_SECONDS = 0.25
POLL_SECONDS = 0.01
PAUSE_UNREACHED = timedelta(seconds=15)
PAUSE_FAILED = timedelta(minutes=5)
"""After an alarm the old token is still tried, seldom: if Zalo had merely been down, access comes back by itself."""

KEEP_SECONDS = 60.0

ResultT = TypeVar("ResultT")


class Renewing(Protocol):
    """What gives a new pair for a refresh token; see `services.zalo_ingest.oauth`."""

    async def renew(self, refresh: str) -> Exchanged:
        """Use up a refresh token."""


class TokenKeeper:
    """The only one that renews; any number of processes may have one."""

    def __init__(
        self,
        *,
        oas: Sequence[str],
        pairs: Pairs,
        oauth: Renewing,
        store: Store,
        owner: str,
        clock: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        """Take the OAs served, where pairs lie, what renews them, and this process's name."""
        self._oas = oas
        self._pairs = pairs
        self._oauth = oauth
        self._store = store
        self._owner = f"{owner}/{uuid4().hex[:8]}".encode()
        self._clock = clock
        self._alarm = TokenAlarm(metrics)
        self._expires = metrics.token_expires.labels(CHANNEL)
        self._ends: dict[str, float] = {}
        self._turns = {oa: asyncio.Lock() for oa in oas}
        self._not_before: dict[str, datetime] = {}

    async def run(self) -> None:
        """Renew what has less than three hours left, until cancelled."""
        while True:
            for oa in self._oas:
                try:
                    await self.look_after(oa)
                except GatewayError as error:
                    log.warning("token_waits", extra={"channel": CHANNEL, "reason": error.reason})
            await asyncio.sleep(LOOK_SECONDS)

    async def look_after(self, oa: str) -> None:
        """Renew an OA's pair if it is time, and show when the first of all OAs' pairs ends."""
        held = await self.current(oa)
        if held is not None and held.pair.expires_at - self._clock() < AHEAD:
            held = await self.renewed(oa, seen=held.generation) or held
        self._ends[oa] = 0.0 if held is None else held.pair.expires_at.timestamp()
        self._expires.set(min(self._ends.values()))

    async def current(self, oa: str) -> Held | None:
        """The pair to use now; None, with an alarm, when the OA has to consent (again)."""
        held = await self._pairs.latest(oa)
        if held is None or await self._pairs.marked(oa, held.generation, Mark.REVOKED):
            self._alarm.sound(oa, held, "no_consent" if held is None else "consent_revoked")
            return None
        self._alarm.calm(oa, held)
        if held.pair.expires_at <= self._clock():
            return await self.renewed(oa, seen=held.generation)
        return held

    async def renewed(self, oa: str, *, seen: int) -> Held | None:
        """A pair of a later generation than the one `seen` to be bad or old; None when there is none to be had now."""
        async with self._turns[oa]:
            held = await self._pairs.latest(oa)
            if held is None or held.generation > seen:
                return held
            not_before = self._not_before.get(oa)
            if not_before is not None and self._clock() < not_before:
                return None
            return await self._in_turn(oa, seen)

    async def adopt(self, oa: str, pair: Pair) -> Held:
        """Keep a pair that a consent gave, as the newest; raises `Unavailable` when another process holds the turn."""
        async with self._turns[oa]:
            if not await self._has_turn(oa):
                raise Unavailable("token_busy", "Another process renews this token; try again in a minute.")
            try:
                return await self._kept(oa, pair)
            finally:
                await self._store.release(_lease(oa), self._owner)

    async def revoke(self, oa: str, at: datetime) -> None:
        """The OA took its consent back at this time; a consent given since then stands."""
        held = await self._pairs.latest(oa)
        if held is not None and at >= held.pair.obtained_at:
            await self._pairs.mark(oa, held.generation, Mark.REVOKED, at)
            self._alarm.sound(oa, held, "consent_revoked")

    async def _in_turn(self, oa: str, seen: int) -> Held | None:
        """Wait for the lease; whoever had it before may have brought what is needed."""
        now = asyncio.get_running_loop().time
        until = now() + TURN_SECONDS
        while not await self._has_turn(oa):
            # Looking for its outcome costs the holder nothing, while asking for the lease would hold it up.
            again = now() + ASK_SECONDS
            while now() < again:
                held = await self._pairs.latest(oa)
                if held is not None and held.generation > seen:
                    return held
                await asyncio.sleep(POLL_SECONDS)
            if now() > until:
                return None
        return await _finished(self._exchanged(oa, seen))

    async def _has_turn(self, oa: str) -> bool:
        return await self._store.claim(_lease(oa), self._owner, until=self._clock() + LEASE) == self._owner

    async def _exchanged(self, oa: str, seen: int) -> Held | None:
        try:
            held = await self._pairs.latest(oa)
            if held is None or held.generation > seen:
                return held
            answer = await self._oauth.renew(held.pair.refresh)
            if isinstance(answer, Unanswered):
                # Either the old pair still holds, and this gives a new one, or it was used up and a person is needed.
                log.warning("token_unanswered", extra={"channel": CHANNEL})
                answer = await self._oauth.renew(held.pair.refresh)
                answer = Unanswered() if isinstance(answer, Unreached) else answer
            return await self._judged(oa, held, answer)
        finally:
            await self._store.release(_lease(oa), self._owner)

    async def _judged(self, oa: str, held: Held, answer: Exchanged) -> Held | None:
        match answer:
            case Pair():
                return await self._kept(oa, answer)
            case Unreached():
                self._not_before[oa] = self._clock() + PAUSE_UNREACHED
                log.warning("token_unreached", extra={"channel": CHANNEL})
            case Rejected() | Unanswered():
                self._not_before[oa] = self._clock() + PAUSE_FAILED
                await self._pairs.mark(oa, held.generation, Mark.NOT_RENEWED, self._clock())
                self._alarm.sound(oa, held, "needs_consent")
        return None

    async def _kept(self, oa: str, pair: Pair) -> Held:
        """Make a new pair durable, whatever it takes: the only copy is in memory, and the old pair is dead."""
        try:
            async for attempt in AsyncRetrying(
                retry=retry_if_exception_type(Unavailable), stop=stop_after_delay(KEEP_SECONDS), wait=wait_fixed(0.5)
            ):
                with attempt:
                    held = await self._added(oa, pair)
        except RetryError as error:
            self._alarm.sound(oa, await self._pairs.latest(oa), "needs_consent")
            raise Unavailable("token_not_durable", "A new token could not be stored.") from error
        self._not_before.pop(oa, None)
        self._alarm.calm(oa, held)
        log.info("token_renewed", extra={"channel": CHANNEL})
        return held

    async def _added(self, oa: str, pair: Pair) -> Held:
        while True:
            before = await self._pairs.latest(oa)
            generation = before.generation + 1 if before else 1
            if await self._pairs.add(oa, generation, pair):
                return Held(generation, pair)


def _lease(oa: str) -> str:
    return f"lease/zalo/token/{oa}"


async def _finished(work: Awaitable[ResultT]) -> ResultT:
    """The work's result, brought to its end even when the one who waits is cancelled: a used-up token has no second."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled() and task.exception() is not None:
            log.warning("token_failed_while_stopping", extra={"channel": CHANNEL})
        raise
