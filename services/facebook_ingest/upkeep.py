"""Looks after the page while nobody watches: is the app still subscribed, and what did no webhook bring."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from gateway.errors import GatewayError, Invalid
from gateway.projections.port import Document, Documents
from gateway.runtime.metrics import Metrics
from gateway.runtime.sending.lease import SendingLease
from services.facebook_ingest.catching_up import CatchingUp
from services.facebook_ingest.graph import Graph
from services.facebook_ingest.page import CHANNEL, Page

log = logging.getLogger(__name__)

KIND = "channel_state"
KINDS = ("", "feed_")
"""What is caught up, as its members of the state begin: private messages, and comments with visitors' posts."""

NEEDED = frozenset({"messages", "message_echoes", "feed"})
"""Webhook fields without which citizens are not heard, or replies not known as sent."""

OVERLAP = timedelta(minutes=10)
"""What was missed is looked for from this long before the last look: clocks differ, and what is found twice is one."""

TOKEN_FAULTS = frozenset({"token_missing", "token_exposed", "token_dead"})
"""What only a person can mend, by giving the page a token."""

LOOK_SECONDS = 2.0
"""How often a copy that waits for the lease looks, and the holder makes sure of it."""


class Upkeep:
    """One round after another: subscription first, then what was missed."""

    def __init__(
        self,
        *,
        page: Page,
        graph: Graph,
        missed: CatchingUp,
        documents: Documents,
        metrics: Metrics,
        clock: Callable[[], datetime],
        lease: SendingLease,
    ) -> None:
        """Take the ports; `missed` fetches, `clock` gives aware UTC.

        Of several copies the one that holds `lease` asks Facebook, which counts every call.
        """
        self._page = page
        self._graph = graph
        self._documents = documents
        self._missed = missed
        self._metrics = metrics
        self._clock = clock
        self._lease = lease
        self._failed = False

    async def run(self, every: float) -> None:
        """As long as the lease is ours, a round at once and then every so many seconds, until cancelled."""
        now = asyncio.get_running_loop().time
        again = 0.0
        try:
            while True:
                if not await self._in_charge():
                    again = 0.0
                elif now() >= again:
                    await self.round()
                    again = now() + every
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await self._give_up_lease()

    async def round(self) -> None:
        """One round; what cannot be had now, or not be kept, is left to the next."""
        found = {"subscription": "unknown"}
        for look in (self._subscription, self._messages, self._feed):
            try:
                found.update(await look())
            except GatewayError as error:
                found["fault"] = error.reason
        self._tell(found.get("fault"))
        try:
            await self._keep(found)
        except GatewayError as error:
            log.warning("state_not_kept", extra={"channel": CHANNEL, "reason": error.reason})

    async def state(self) -> Mapping[str, Any]:
        """What the last round found: subscription, until when messages and comments are all here, and what failed."""
        document = await self._documents.get(KIND, CHANNEL)
        return {} if document is None else document.body

    async def _subscription(self) -> dict[str, str]:
        """Whether the app hears of the page; an alarm when it does not: Facebook unsubscribes one that failed."""
        fields = await self._graph.subscribed_fields(self._page.id, self._page.app_id)
        missing = NEEDED - fields
        self._metrics.channel_alarm.labels(CHANNEL, "not_subscribed").set(1 if missing else 0)
        if missing:
            log.critical("not_subscribed", extra={"channel": CHANNEL, "detail": ", ".join(sorted(missing))})
        return {"subscription": "not_subscribed" if missing else "subscribed"}

    async def _messages(self) -> dict[str, str]:
        """Citizens' private messages since the last time that this succeeded."""
        return await self._caught_up("", lambda since, _now: self._missed.messages(since))

    async def _feed(self) -> dict[str, str]:
        """The same for comments and visitors' posts; an alarm where a page gave no permission to read them."""
        try:
            found = {"feed": "read", **await self._caught_up("feed_", self._missed.feed)}
        except Invalid as error:
            if error.reason != "graph_refuses":
                raise
            log.warning("feed_refused", extra={"channel": CHANNEL})
            found = {"feed": "refused"}
        self._metrics.channel_alarm.labels(CHANNEL, "feed_refused").set(1 if found["feed"] == "refused" else 0)
        return found

    async def _caught_up(self, what: str, catch_up: Callable[[datetime, datetime], Awaitable[None]]) -> dict[str, str]:
        """Until when all of this kind are here; at first nothing is fetched: what lies there is left alone."""
        now = self._clock()
        since = _since(await self.state(), what)
        if since is not None:
            await catch_up(since, now)
        return {f"{what}caught_up_at": now.isoformat()}

    async def _in_charge(self) -> bool:
        try:
            return await self._lease.take()
        except GatewayError as error:
            log.warning("lease_unavailable", extra={"channel": CHANNEL, "reason": error.reason})
            return False

    async def _give_up_lease(self) -> None:
        try:
            await self._lease.release()
        except GatewayError as error:
            # It lapses by itself.
            log.warning("lease_not_released", extra={"channel": CHANNEL, "reason": error.reason})

    def _tell(self, fault: str | None) -> None:
        """One round that fails happens; that Facebook cannot be asked for longer is worth somebody's look."""
        self._metrics.channel_alarm.labels(CHANNEL, "token").set(1 if fault in TOKEN_FAULTS else 0)
        if fault is not None:
            level = logging.WARNING if self._failed else logging.INFO
            log.log(level, "page_not_looked_after", extra={"channel": CHANNEL, "reason": fault})
        self._failed = fault is not None

    async def _keep(self, found: Mapping[str, Any]) -> None:
        document = await self._documents.get(KIND, CHANNEL)
        before = {} if document is None else dict(document.body)
        before.pop("fault", None)
        body = {**before, **found}
        for what in KINDS:
            if f"{what}caught_up_at" in body:
                body.setdefault(f"{what}begun_at", body[f"{what}caught_up_at"])
        await self._documents.put(Document(KIND, CHANNEL, 1 if document is None else document.version + 1, body=body))


def _since(state: Mapping[str, Any], what: str) -> datetime | None:
    """From when on something of a kind may have been missed; None before the first look, never before it."""
    last, begun = state.get(f"{what}caught_up_at"), state.get(f"{what}begun_at")
    if not (isinstance(last, str) and isinstance(begun, str)):
        return None
    return max(datetime.fromisoformat(begun), datetime.fromisoformat(last) - OVERLAP)
