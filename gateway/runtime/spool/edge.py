"""Publishes to the bus while it confirms in time, else through the spool, and never past what waits in it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

from gateway.bus.port import Bus, Handler, Lag, Place, Record
from gateway.errors import GatewayError, Invalid, Unavailable
from gateway.runtime.metrics import Metrics
from gateway.runtime.spool.backlog import BATCH, Backlog
from gateway.runtime.spool.flights import Flights
from schemas.envelope import Message

log = logging.getLogger(__name__)

CONFIRM_SECONDS = 1.0
"""For so long the bus may take to confirm; a platform waits two to five seconds for its answer."""

HAND_ON_SECONDS = 15.0
CHANGE_SECONDS = 1.0
"""For at most so long newcomers wait while the last of the spool is handed on, so that they do not overtake it."""

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
LOOK_SECONDS = 0.01
FIGURES_SECONDS = 1.0


class EdgeBus(Bus):
    """`Bus` for a stage that receives: `publish` is durable on return, on the bus or on this machine's disk.

    Everything else is the bus's own. `run` must run beside it; what a process that ended left in the spool is handed
    on by the next one. Ids stay what they are, so that what reaches the bus twice is one message to every stage.
    """

    def __init__(
        self, target: Bus, backlog: Backlog, check_room: Callable[[], None], *, confirm_seconds: float = CONFIRM_SECONDS
    ) -> None:
        """Take the bus, what waits for it, and what raises `Unavailable` when the disk must not be filled further."""
        self._target = target
        self._backlog = backlog
        self._check_room = check_room
        self._flights = Flights(confirm_seconds, self._late)
        # What an earlier process left comes first: until the spool was seen to be empty, everything goes through it.
        self._direct = False
        self._open = asyncio.Event()
        self._open.set()
        self._wanted = asyncio.Event()
        self._wanted.set()
        self._flying = 0
        self._adding = 0
        self._told = ""

    @property
    def spooling(self) -> bool:
        """Whether messages go through the spool now."""
        return not self._direct

    def not_ready(self) -> str | None:
        """Why nothing can be acknowledged now: the bus does not confirm and the disk is full; else None."""
        if self._direct:
            return None
        try:
            self._check_room()
        except Unavailable as error:
            return error.reason
        return None

    async def publish(self, *messages: Message) -> None:
        """Make all of them durable, or none. Raises like `Bus.publish`; `Unavailable` only if the disk is full too."""
        while not self._open.is_set():
            await self._open.wait()
        if not self._direct:
            await self._add(messages)
            return
        self._flying += 1
        try:
            if not await self._confirmed(messages):
                await self._add(messages)
        finally:
            self._flying -= 1
            self._let_in()

    async def run(self) -> None:
        """Hand on what waits in the spool whenever there is something, until cancelled."""
        pause = FIRST_PAUSE
        while True:
            await self._wanted.wait()
            try:
                with self._backlog.alone():
                    await self._hand_on()
                pause = FIRST_PAUSE
            except (GatewayError, TimeoutError) as error:
                self._tell(error)
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)

    async def size(self) -> Lag:
        """What waits in the spool; nothing is looked up while messages go straight to the bus."""
        return Lag(0, 0.0) if self._direct else await self._backlog.size()

    async def consume(self, topic: str, *, group: str, handler: Handler) -> None:
        """As the bus does."""
        await self._target.consume(topic, group=group, handler=handler)

    async def lag(self, topic: str, *, group: str) -> Lag:
        """As the bus says."""
        return await self._target.lag(topic, group=group)

    async def seek(self, topic: str, *, group: str, to: Place) -> None:
        """As the bus does."""
        await self._target.seek(topic, group=group, to=to)

    def read(self, topic: str, *, start: Place, follow: bool = False) -> AsyncIterator[Record]:
        """What lies on the bus."""
        return self._target.read(topic, start=start, follow=follow)

    async def topics(self) -> Sequence[str]:
        """As the bus says."""
        return await self._target.topics()

    async def trim(self, topic: str, *, before: datetime) -> int:
        """As the bus does."""
        return await self._target.trim(topic, before=before)

    async def close(self) -> None:
        """Close the spool; the bus is closed by whoever opened it."""
        await self._flights.close()
        await self._backlog.close()

    async def _confirmed(self, messages: Sequence[Message]) -> bool:
        """Whether the bus confirmed in time; raises `Invalid`. The first that fails sends all others under way along.

        What was under way is not called back: it may have arrived, and its id makes it one message.
        """
        try:
            return await self._flights.answered(self._target.publish(*messages))
        except Invalid:
            raise
        except GatewayError as error:
            self._fall_back(error.reason)
            return False

    def _late(self) -> None:
        self._fall_back("not_confirmed_in_time")

    def _fall_back(self, reason: str) -> None:
        """Go through the spool from now on; those under way go in first, before anybody who comes later."""
        if self._direct:
            log.warning("spool_in_use", extra={"reason": reason})
            self._direct = False
            self._open.clear()
            self._flights.give_up()

    def _let_in(self) -> None:
        if not self._direct and not self._flying:
            self._open.set()

    async def _add(self, messages: Sequence[Message]) -> None:
        self._adding += 1
        try:
            self._check_room()
            await self._backlog.add(messages)
        finally:
            self._adding -= 1
            self._wanted.set()

    async def _hand_on(self) -> None:
        total = 0
        while not self._direct:
            async with asyncio.timeout(HAND_ON_SECONDS):
                count = await self._backlog.hand_on(self._target)
                if not total + count:
                    # Nothing was handed on that would show that the bus answers.
                    await self._target.topics()
            total += count
            if count < BATCH and not self._flying:
                total += await self._change_over()
            elif not count:
                await asyncio.sleep(LOOK_SECONDS)
        self._told = ""
        if total:
            log.info("spool_empty", extra={"count": total})
            await self._backlog.shrink()

    async def _change_over(self) -> int:
        """Hand on the last ones while newcomers wait, and go straight to the bus again; returns how many they were.

        Raises `TimeoutError` after a second, and everybody goes on through the spool.
        """
        total = 0
        self._open.clear()
        try:
            async with asyncio.timeout(CHANGE_SECONDS):
                while True:
                    count = await self._backlog.hand_on(self._target)
                    total += count
                    # From here on nobody else runs before it is decided.
                    if not count and not self._adding:
                        break
                    await asyncio.sleep(LOOK_SECONDS if self._adding else 0)
            self._wanted.clear()
            self._direct = True
        finally:
            self._open.set()
        return total

    def _tell(self, error: GatewayError | TimeoutError) -> None:
        if isinstance(error, Invalid):
            # It was checked before it was kept: the bus takes less than we were told, which only a person can change.
            log.critical("spool_refused", extra={"reason": error.reason})
            return
        reason = error.reason if isinstance(error, GatewayError) else "not_confirmed_in_time"
        if reason != self._told:
            log.info("spool_waits", extra={"reason": reason})
        self._told = reason


async def keep_figures(edges: Sequence[EdgeBus], metrics: Metrics) -> None:
    """Show what waits in all spools of this process until cancelled."""
    while True:
        try:
            found = [await edge.size() for edge in edges]
        except GatewayError as error:
            log.warning("spool_unknown", extra={"reason": error.reason})
        else:
            metrics.spool_messages.set(sum(one.messages for one in found))
            metrics.spool_oldest.set(max((one.oldest_seconds for one in found), default=0.0))
        await asyncio.sleep(FIGURES_SECONDS)
