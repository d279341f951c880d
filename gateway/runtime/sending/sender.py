"""The sender of a channel: takes what is due from the outbox, hands it over, and tells how replies ended."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from gateway.bus.port import Bus
from gateway.errors import Conflict, GatewayError
from gateway.outbox.carrier import Carrier, Handover, Later, Unclear
from gateway.outbox.port import Outbox, Part, Tenure
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.metrics import Metrics
from gateway.runtime.sending.circuit import Circuit, granted, growing
from gateway.runtime.sending.enclosing import Enclosures
from gateway.runtime.sending.handing import Handing, coded
from gateway.runtime.sending.lease import SendingLease
from gateway.runtime.sending.pace import Bucket, Pace
from gateway.runtime.sending.telling import Teller
from gateway.runtime.sending.watching import watch_outbox
from gateway.store.port import Store
from gateway.vault.port import Vault

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""How often work of other processes, and parts that were put off, are looked for."""

STEP_SECONDS = 0.02
"""What happens within so short a time is looked at together: each look is several questions to the outbox."""

TROUBLE_SECONDS = 1.0

NOT_PAUSED = "none"
"""Shown for a channel that is not paused, always as 0: a figure that is not there would look the same as no gateway."""

LONGEST_FOR_ONE = 86_400.0
"""Seconds that one citizen's part is put off at most, so that giving up is decided on in time."""

DRAIN_SECONDS = 5.0
"""What is under way when the gateway stops may finish; what does not is found as unknown at the next start."""


class Sender:
    """One of possibly several for a channel; only the one in charge hands over and tells."""

    def __init__(  # noqa: PLR0913 - everything that a reply passes on its way out
        self,
        *,
        outbox: Outbox,
        correspondents: Correspondents,
        enclosures: Enclosures,
        carrier: Carrier,
        store: Store,
        vault: Vault,
        bus: Bus,
        metrics: Metrics,
        clock: Callable[[], datetime],
        owner: str,
        pace: Pace,
    ) -> None:
        """Take the ports, the channel's carrier, a clock of aware UTC, this process's name, and the channel's pace."""
        self._channel = carrier.channel
        self._outbox = outbox
        self._metrics = metrics
        self._clock = clock
        self._pace = pace
        self._bucket = Bucket(pace.per_second)
        self._circuit = Circuit()
        self._lease = SendingLease(carrier.channel, store, owner=owner, clock=clock)
        self._handing = Handing(outbox, vault, carrier, correspondents, enclosures, clock)
        self._teller = Teller(carrier.channel, outbox, bus, metrics=metrics, clock=clock)
        self._tenure: Tenure | None = None
        self._running: dict[str, asyncio.Task[None]] = {}
        self._shown = NOT_PAUSED
        metrics.channel_paused.labels(self._channel, NOT_PAUSED).set(0)
        self._stopping = False

    async def run(self) -> None:
        """Send until cancelled; then what is under way is finished, the rest of it left to be found as unknown."""
        watching = asyncio.create_task(watch_outbox(self._channel, self._outbox, self._metrics, self._clock))
        try:
            while True:
                try:
                    await self._step()
                except GatewayError as error:
                    log.warning("sender_waits", extra={"channel": self._channel, "reason": error.reason})
                    await asyncio.sleep(TROUBLE_SECONDS)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await self._stop()

    async def _step(self) -> None:
        if not await self._in_charge():
            await asyncio.sleep(LOOK_SECONDS)
            return
        began = asyncio.get_running_loop().time()
        await self._teller.tell()
        await self._start_due()
        await self._something_happened()
        await asyncio.sleep(began + STEP_SECONDS - asyncio.get_running_loop().time())

    async def _in_charge(self) -> bool:
        """Hold the lease; whoever gets it begins a tenure, by which the outbox refuses the one before."""
        held = await self._lease.take()
        if held and self._tenure is None:
            tenure = await self._outbox.take_over(self._channel, self._clock())
            extra = {"channel": self._channel, "epoch": tenure.epoch, "interrupted": tenure.interrupted}
            log.info("sender_in_charge", extra=extra)
            held = self._lease.sure
            self._tenure = tenure if held else None
        elif not held and self._tenure is not None:
            self._tenure = None
            log.warning("sender_replaced", extra={"channel": self._channel})
        return held

    async def _start_due(self) -> None:
        """Begin with as many citizens as there is room for; those under way have their next part later."""
        tenure = self._tenure
        free = self._circuit.slots(self._pace.at_once) - len(self._running)
        if tenure is None or free <= 0:
            return
        due = await self._outbox.due(self._channel, self._clock(), limit=free + len(self._running))
        for part in [part for part in due if part.account not in self._running][:free]:
            task = asyncio.create_task(self._carry(part, tenure))
            self._running[part.account] = task

    async def _something_happened(self) -> None:
        """Wait until a part was filed or one under way ended, but not for ever: other processes file too."""
        changed = asyncio.create_task(self._outbox.changed(self._channel, within=LOOK_SECONDS))
        try:
            await asyncio.wait({changed, *self._running.values()}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()
            await asyncio.gather(changed, return_exceptions=True)
        for account, task in list(self._running.items()):
            if task.done():
                del self._running[account]
                task.result()

    async def _carry(self, part: Part, tenure: Tenure) -> None:
        """One part's way out; what goes wrong on our own side leaves it waiting, or unknown once it was begun."""
        try:
            await self._bucket.take()
            if self._stopping or not self._holds(tenure) or self._circuit.seconds > 0:
                return
            parcel = await self._handing.parcel(part)
            if parcel is None or not await self._begun(part, tenure):
                return
            handover = await self._handing.call(parcel)
            wait = self._learn(part, handover)
            if not await self._handing.record(part, handover, wait=wait, in_charge=lambda: self._holds(tenure)):
                # Whoever stood still may find that nobody followed: then nobody else would ever end this part.
                self._give_up(tenure)
        except GatewayError as error:
            log.warning("sender_waits", extra={"channel": self._channel, "reason": error.reason})
            await asyncio.sleep(TROUBLE_SECONDS)

    async def _begun(self, part: Part, tenure: Tenure) -> bool:
        try:
            return await self._outbox.begin(part, self._clock(), epoch=tenure.epoch)
        except GatewayError as error:
            # A failing disk may have kept what it refused: a new tenure finds a part begun by nobody.
            self._give_up(tenure)
            if isinstance(error, Conflict):
                return False
            raise

    def _give_up(self, tenure: Tenure) -> None:
        """Begin a new tenure, if this is still the one: it finds what was begun and not ended."""
        if self._tenure is tenure:
            self._tenure = None
            self._lease.doubt()

    def _holds(self, tenure: Tenure) -> bool:
        return self._tenure is tenure and self._lease.sure

    def _learn(self, part: Part, handover: Handover) -> float:
        """What the answer says of the channel; returns the seconds that the part waits if it was put off."""
        match handover:
            case Later(reason, seconds, whole_channel=True, alarm=alarm):
                self._circuit.failed(coded(reason), seconds)
                level = logging.ERROR if alarm else logging.WARNING
                extra = {"channel": self._channel, "reason": coded(reason), "seconds": round(self._circuit.seconds)}
                log.log(level, "channel_needs_a_person" if alarm else "channel_paused", extra=extra)
            case Unclear(reason):
                self._circuit.doubted(coded(reason))
            case _:
                self._circuit.worked()
        self._show_pause()
        if isinstance(handover, Later) and not handover.whole_channel:
            return max(granted(handover.seconds, LONGEST_FOR_ONE), growing(part.attempts))
        return self._circuit.seconds

    def _show_pause(self) -> None:
        reason = self._circuit.reason or NOT_PAUSED
        self._metrics.channel_paused.labels(self._channel, self._shown).set(0)
        self._metrics.channel_paused.labels(self._channel, reason).set(0 if reason == NOT_PAUSED else 1)
        self._shown = reason

    async def _stop(self) -> None:
        self._stopping = True
        tasks = list(self._running.values())
        if tasks:
            await asyncio.wait(tasks, timeout=DRAIN_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            if self._tenure is not None:
                await self._teller.tell()
            await self._lease.release()
        except GatewayError as error:
            log.warning("sender_stopped_hard", extra={"channel": self._channel, "reason": error.reason})
