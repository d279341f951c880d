"""Keeps a folder under watch whatever the network does: connected again after every loss, one receiver at a time."""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from gateway.errors import GatewayError, Unavailable
from gateway.runtime.metrics import Metrics
from gateway.runtime.sending.lease import SendingLease
from services.email_ingest.credentials import Credentials
from services.email_ingest.imap import ImapConnection, ImapServer, LoginRefused
from services.email_ingest.raw import CHANNEL
from services.email_ingest.receive import Receive

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
"""How often a receiver that waits for the lease looks, and how often a holder makes sure of it."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """Seconds between attempts: they double from `first` to `longest`; after a refused login `login` at least.

    Servers and providers lock accounts out that try a wrong password often.
    """

    first: float = 1.0
    longest: float = 60.0
    login: float = 60.0

    def after(self, failures: int, *, refused: bool, chance: Callable[[], float] = random.random) -> float:
        """The pause after the `failures`-th failure in a row; chance only ever makes a login's pause longer."""
        if refused:
            return self.login * (1.0 + chance())
        return min(self.longest, self.first * 2.0 ** min(failures - 1, 20)) * (0.5 + chance() / 2)


@dataclass(slots=True)
class State:
    """What operators are told of a folder; `contact_at` by the monotonic clock, None before the first contact."""

    connected: bool = False
    reason: str | None = None
    contact_at: float | None = None
    login_failures: int = 0

    def silent_seconds(self, now: float) -> float | None:
        """Seconds since the server last answered; None when it never did."""
        return None if self.contact_at is None else now - self.contact_at


class Mailbox:
    """One folder of the mailbox: `run` receives until cancelled."""

    def __init__(
        self,
        *,
        server: ImapServer,
        credentials: Credentials,
        folder: str,
        receive: Receive,
        lease: SendingLease,
        metrics: Metrics,
        idle_seconds: float,
        pauses: Pauses,
    ) -> None:
        """Take where the folder is, who may open it, what takes its mails in, and how long to wait for what."""
        self._server = server
        self._credentials = credentials
        self._folder = folder
        self._receive = receive
        self._lease = lease
        self._metrics = metrics
        self._idle_seconds = idle_seconds
        self._pauses = pauses
        self._failures = 0
        self.state = State()

    async def run(self) -> None:
        """Receive for as long as the lease is ours, else wait for it; until cancelled."""
        while True:
            if await self._held():
                await self._while_held()
            await asyncio.sleep(LOOK_SECONDS)

    async def _while_held(self) -> None:
        receiving = asyncio.create_task(self._keep_receiving())
        try:
            while await self._held() and not receiving.done():
                await asyncio.wait({receiving}, timeout=LOOK_SECONDS)
        finally:
            receiving.cancel()
            await asyncio.wait({receiving})
            self._show(connected=False)
            await self._released()
        if not receiving.cancelled():
            receiving.result()

    async def _keep_receiving(self) -> None:
        """One connection after the other; every error of the server, the network or our own disk ends in a pause."""
        while True:
            refused = False
            try:
                await self._connected()
            except GatewayError as error:
                refused = isinstance(error, LoginRefused)
                self._failed(error.reason, refused=refused)
            await asyncio.sleep(self._pauses.after(self._failures, refused=refused))

    async def _connected(self) -> None:
        connection = ImapConnection(self._server)
        try:
            await connection.open()
            await connection.login(self._credentials.user, self._credentials.secret())
            await self._receive.begin(connection, await connection.examine(self._folder))
            while True:
                await self._receive.catch_up(connection)
                self._in_contact()
                await connection.wait_for_news(self._idle_seconds)
        finally:
            await connection.close()

    async def _held(self) -> bool:
        try:
            return await self._lease.take()
        except Unavailable as error:
            log.warning("lease_unavailable", extra={"channel": CHANNEL, "reason": error.reason})
            return self._lease.sure

    async def _released(self) -> None:
        try:
            await self._lease.release()
        except Unavailable as error:
            # It lapses by itself.
            log.warning("lease_not_released", extra={"channel": CHANNEL, "reason": error.reason})

    def _in_contact(self) -> None:
        if not self.state.connected:
            log.info("mailbox_connected", extra={"channel": CHANNEL})
        self._failures = 0
        self.state.reason = None
        self.state.login_failures = 0
        self.state.contact_at = time.monotonic()
        self._metrics.mailbox_contact.labels(self._folder).set_to_current_time()
        self._show(connected=True)

    def _failed(self, reason: str, *, refused: bool) -> None:
        """Count it, and log it when it is another fault than the last one: a server that is down is one line."""
        self._failures += 1
        if refused:
            self.state.login_failures += 1
            self._metrics.mailbox_login_failures.labels(self._folder).inc()
        if self.state.reason != reason:
            log.log(
                logging.ERROR if refused else logging.WARNING,
                "mailbox_needs_a_person" if refused else "mailbox_unavailable",
                extra={"channel": CHANNEL, "reason": reason},
            )
        self.state.reason = reason
        self._show(connected=False)

    def _show(self, *, connected: bool) -> None:
        self.state.connected = connected
        self._metrics.mailbox_connected.labels(self._folder).set(1 if connected else 0)
