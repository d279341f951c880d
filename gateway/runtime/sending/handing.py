"""Hands over one part: `sending` is durable before the call, and how the call ended is durable after it."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

from gateway.errors import Invalid, Unavailable
from gateway.outbox.carrier import Carrier, Delivered, Handover, Later, Parcel, Refused, Unclear
from gateway.outbox.payload import unpacked
from gateway.outbox.port import Outbox, Part, context_of, token_of
from gateway.runtime.correspondents import Correspondents
from gateway.runtime.sending.enclosing import Enclosures
from gateway.vault.port import Vault

log = logging.getLogger(__name__)

CALL_SECONDS = 180.0
"""A carrier bounds its calls itself; one that does not must not hold up the channel for ever."""

GIVE_UP = timedelta(days=3)
"""After this long since it was filed, one more `Later` for this citizen only is the last."""

REASON = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
LONGEST_NAME = 1000


class Handing:
    """What it takes to hand over parts of one channel."""

    def __init__(
        self,
        outbox: Outbox,
        vault: Vault,
        carrier: Carrier,
        correspondents: Correspondents,
        enclosures: Enclosures,
        clock: Callable[[], datetime],
    ) -> None:
        """Take where parts lie, what opens them, the way out, what is known of accounts, and what opens files.

        `clock` gives aware UTC.
        """
        self._outbox = outbox
        self._vault = vault
        self._carrier = carrier
        self._correspondents = correspondents
        self._enclosures = enclosures
        self._clock = clock

    async def parcel(self, part: Part) -> Parcel | None:
        """What is handed over; None, and the part has failed, when its words or address are not to be had any more.

        A file that is not to be had, or that the channel does not take, is told of in words instead. Raises
        `Unavailable`.
        """
        try:
            plain = await self._vault.open(part.account, part.sealed, context=context_of(part.reply_id, part.number))
            payload = unpacked(plain)
            correspondent = await self._correspondents.of(part.account)
        except Invalid as error:
            await self._outbox.failed(part.reply_id, part.number, reason=error.reason, now=self._clock())
            return None
        files = await self._enclosures.of(payload.files, self._carrier.takes)
        lost = len(files) < len(payload.files)
        return Parcel(
            reply_id=part.reply_id,
            number=part.number,
            count=part.count,
            token=token_of(part.reply_id, part.number),
            account=part.account,
            kind=part.kind,
            code=part.code,
            filed_at=part.filed_at,
            text="\n\n".join(filter(None, (payload.text, payload.instead if lost else ""))),
            correspondent=correspondent,
            files=files,
            instead=payload.instead,
        )

    async def call(self, parcel: Parcel) -> Handover:
        """Hand it over; whatever a faulty carrier raises leaves open whether the message went out."""
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await self._carrier.hand_over(parcel)
        except TimeoutError:
            return Unclear("no_answer_in_time")
        except Exception as error:  # noqa: BLE001 - a carrier's fault must not stop the channel; its class is logged
            # The traceback would quote the citizen's text; the class is enough to find the fault.
            log.error("carrier_failed", extra={"channel": self._carrier.channel, "error": type(error).__name__})  # noqa: TRY400 - see above
            return Unclear("carrier_failed")

    async def record(self, part: Part, handover: Handover, *, wait: float, in_charge: Callable[[], bool]) -> bool:
        """Make durable how it ended, however long the disk is full: the call cannot be taken back.

        `wait` is how many seconds a put-off part waits at least. A sender that is not in charge any more puts nothing
        off: its successor took the part for unknown, and may hand it over again at an operator's word. False then:
        the part still stands as under way, which only a new tenure ends.
        """
        now = self._clock()
        name = (part.reply_id, part.number)
        match handover:
            case Delivered(remote_id):
                await _insist(partial(self._outbox.sent, *name, remote_id=_usable(remote_id), now=now))
            case Refused(reason):
                self._log_failure(part, reason)
                await _insist(partial(self._outbox.failed, *name, reason=coded(reason), now=now))
            case Unclear(reason):
                await _insist(partial(self._outbox.unknown, *name, reason=coded(reason), now=now))
            case Later(reason, _, whole_channel):
                if not in_charge():
                    return False
                if not whole_channel and now - part.filed_at > GIVE_UP:
                    self._log_failure(part, reason)
                    await _insist(partial(self._outbox.failed, *name, reason=coded(reason), now=now))
                    return True
                until = now + timedelta(seconds=wait)
                await _insist(partial(self._outbox.put_off, *name, reason=coded(reason), until=until))
        return True

    def _log_failure(self, part: Part, reason: str) -> None:
        extra = {"channel": part.channel, "reply": str(part.reply_id), "reason": coded(reason)}
        log.warning("reply_failed", extra=extra)


def coded(reason: str) -> str:
    """A carrier's reason as the contract's code; one that is none says at least that there was one."""
    return reason if REASON.fullmatch(reason) else "unnamed_reason"


async def _insist(work: Callable[[], Awaitable[None]]) -> None:
    retrying = AsyncRetrying(retry=retry_if_exception_type(Unavailable), wait=wait_random_exponential(0.1, max=5))
    await retrying(work)


def _usable(name: str | None) -> str | None:
    """The platform's name for a message if it can be kept and found again."""
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        return None
    return name
