"""Keeps a folder under watch whatever the network does: connected again after every loss, one receiver at a time."""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass

from gateway.errors import GatewayError, Unavailable
from gateway.runtime.metrics import Metrics
from gateway.runtime.sending.lease import SendingLease
from services.email_ingest.credentials import Credentials
from services.email_ingest.imap import ABSENT, ImapConnection, ImapServer, LoginRefused
from services.email_ingest.raw import CHANNEL
from services.email_ingest.receive import Receive
from services.email_ingest.standing import Standing

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


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, the server it is on, and what opens it."""

    server: ImapServer
    credentials: Credentials
    name: str


class Mailbox:
    """One folder of the mailbox: `run` receives until cancelled."""

    def __init__(
        self,
        *,
        folder: Folder,
        receive: Receive,
        standing: Standing,
        lease: SendingLease,
        metrics: Metrics,
        idle_seconds: float,
        pauses: Pauses,
    ) -> None:
        """Take where it is, who may open it, what takes its mails in, who is told, and how long to wait for what."""
        self._folder = folder
        self._receive = receive
        self._lease = lease
        self._metrics = metrics
        self._idle_seconds = idle_seconds
        self._pauses = pauses
        self._standing = standing
        self._failures = 0
        metrics.channel_alarm.labels(CHANNEL, "login").set(0)
        metrics.mailbox_connected.labels(folder.name).set(0)
        metrics.mailbox_contact.labels(folder.name)
        metrics.mailbox_login_failures.labels(folder.name)

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
            self._metrics.mailbox_connected.labels(self._folder.name).set(0)
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
                await self._failed(error.reason, refused=refused)
            except Exception:
                # The last resort: one mail of a stranger must not stop every other channel's messages.
                log.exception("receiving_failed", extra={"channel": CHANNEL})
                await self._failed("unexpected", refused=False)
            await asyncio.sleep(self._pauses.after(self._failures, refused=refused))

    async def _connected(self) -> None:
        credentials = self._folder.credentials
        connection = ImapConnection(self._folder.server)
        try:
            await connection.open()
            await connection.login(credentials.user, credentials.secret())
            await self._receive.begin(connection, await connection.examine(self._folder.name))
            while True:
                await self._receive.catch_up(connection)
                await self._in_contact()
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

    async def _in_contact(self) -> None:
        self._failures = 0
        self._metrics.channel_alarm.labels(CHANNEL, "login").set(0)
        self._metrics.mailbox_connected.labels(self._folder.name).set(1)
        self._metrics.mailbox_contact.labels(self._folder.name).set_to_current_time()
        if await self._standing.say(None):
            log.info("mailbox_connected", extra={"channel": CHANNEL})

    async def _failed(self, reason: str, *, refused: bool) -> None:
        """Count it, and log it when it is another fault than the last one: a server that is down is one line."""
        self._failures += 1
        self._metrics.mailbox_connected.labels(self._folder.name).set(0)
        if refused:
            self._metrics.channel_alarm.labels(CHANNEL, "login").set(1)
            self._metrics.mailbox_login_failures.labels(self._folder.name).inc()
        try:
            changed = await self._standing.say(reason)
        except Unavailable as error:
            changed, reason = True, error.reason
        if changed:
            event, level = self._told(reason, refused=refused)
            log.log(level, event, extra={"channel": CHANNEL, "reason": reason})

    def _told(self, reason: str, *, refused: bool) -> tuple[str, int]:
        if refused:
            return "mailbox_needs_a_person", logging.ERROR
        if reason == ABSENT and self._folder.server.tls is None:
            # A trial waits for `gateway demo` or whoever else starts one.
            return "trial_mail_server_not_running", logging.INFO
        return "mailbox_unavailable", logging.WARNING
