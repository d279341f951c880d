"""Looks after the page while nobody watches: is the app still subscribed, and which messages did no webhook bring."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from gateway.bus.port import Bus
from gateway.errors import GatewayError
from gateway.projections.port import Document, Documents
from gateway.runtime.metrics import Metrics
from schemas.envelope import Message
from services.facebook_ingest.graph import Graph
from services.facebook_ingest.members import mapping, object_of, sequence, words
from services.facebook_ingest.missed import requests_of, time_of
from services.facebook_ingest.page import CHANNEL, Page

log = logging.getLogger(__name__)

KIND = "channel_state"
NEEDED = frozenset({"messages", "message_echoes", "feed"})
"""Webhook fields without which citizens are not heard, or replies not known as sent."""

OVERLAP = timedelta(minutes=10)
"""Messages are looked for from this long before the last look: clocks differ, and what is found twice is one."""

TOKEN_FAULTS = frozenset({"token_missing", "token_exposed", "token_dead"})
"""What only a person can mend, by giving the page a token."""

PAUSE_SECONDS = 0.5
"""Facebook allows two of these calls a second."""

MOST_PAGES = 200


class Upkeep:
    """One round after another: subscription first, then what was missed."""

    def __init__(
        self,
        *,
        page: Page,
        graph: Graph,
        documents: Documents,
        bus: Bus,
        to_record: Callable[[bytes], Message],
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the ports; `to_record` makes a raw record of a webhook request's bytes, `clock` gives aware UTC.

        `bus` is the webhook's own: one message after the other, whether it was brought or fetched.
        """
        self._page = page
        self._graph = graph
        self._documents = documents
        self._bus = bus
        self._to_record = to_record
        self._metrics = metrics
        self._clock = clock
        self._failed = False

    async def run(self, every: float) -> None:
        """A round at once and then every so many seconds, until cancelled."""
        while True:
            await self.round()
            await asyncio.sleep(every)

    async def round(self) -> None:
        """One round; what cannot be had now, or not be kept, is left to the next."""
        found = {"subscription": "unknown"}
        for look in (self._subscription, self._caught_up):
            try:
                found.update(await look())
            except GatewayError as error:
                found["fault"] = error.reason
        self._tell(found.get("fault"))
        try:
            await self._keep(found)
        except GatewayError as error:
            log.warning("state_not_kept", extra={"channel": CHANNEL, "reason": error.reason})

    async def catch_up(self) -> datetime:
        """Publish citizens' messages since the last time that this succeeded; returns until when all are here.

        At first there is no such time, and what lies in the inbox from before is left alone. Raises `GatewayError`.
        """
        now = self._clock()
        since = _since(await self.state())
        if since is None:
            return now
        count = 0
        after: str | None = None
        for _ in range(MOST_PAGES):
            answer = await self._graph.conversations(self._page.id, after)
            threads = _listed(answer)
            recent = [one for one in threads if (time_of(one, "updated_time") or now) >= since]
            for thread in recent:
                count += await self._publish(thread, since)
            after = _next(answer)
            if after is None or len(recent) < len(threads):
                log.info("caught_up", extra={"channel": CHANNEL, "count": count})
                return now
            await asyncio.sleep(PAUSE_SECONDS)
        self._metrics.channel_alarm.labels(CHANNEL, "too_much_missed").set(1)
        log.critical("too_much_missed", extra={"channel": CHANNEL, "count": count})
        return now

    async def state(self) -> Mapping[str, Any]:
        """What the last round found: subscription, until when all messages are here, and what failed."""
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

    async def _caught_up(self) -> dict[str, str]:
        return {"caught_up_at": (await self.catch_up()).isoformat()}

    def _tell(self, fault: str | None) -> None:
        """One round that fails happens; that Facebook cannot be asked for longer is worth somebody's look."""
        self._metrics.channel_alarm.labels(CHANNEL, "token").set(1 if fault in TOKEN_FAULTS else 0)
        if fault is not None:
            level = logging.WARNING if self._failed else logging.INFO
            log.log(level, "page_not_looked_after", extra={"channel": CHANNEL, "reason": fault})
        self._failed = fault is not None

    async def _publish(self, thread: dict[str, Any], since: datetime) -> int:
        """Everything of one conversation that is not older, in one durable step; returns how many messages."""
        answer = mapping(thread, "messages")
        messages = _listed(answer)
        for _ in range(MOST_PAGES):
            after = _next(answer)
            if after is None or not messages or (time_of(messages[-1], "created_time") or since) < since:
                break
            await asyncio.sleep(PAUSE_SECONDS)
            answer = await self._graph.messages(object_of(thread, "id"), after)
            messages += _listed(answer)
        records = [self._to_record(request) for request in requests_of(messages, self._page.id, since)]
        if records:
            await self._bus.publish(*records)
        return len(records)

    async def _keep(self, found: Mapping[str, Any]) -> None:
        document = await self._documents.get(KIND, CHANNEL)
        before = {} if document is None else dict(document.body)
        before.pop("fault", None)
        body = {**before, **found}
        if "caught_up_at" in body:
            body.setdefault("begun_at", body["caught_up_at"])
        await self._documents.put(Document(KIND, CHANNEL, 1 if document is None else document.version + 1, body=body))


def _since(state: Mapping[str, Any]) -> datetime | None:
    """From when on messages may have been missed; None before the first look, never before it."""
    last, begun = state.get("caught_up_at"), state.get("begun_at")
    if not (isinstance(last, str) and isinstance(begun, str)):
        return None
    return max(datetime.fromisoformat(begun), datetime.fromisoformat(last) - OVERLAP)


def _listed(answer: Mapping[str, Any]) -> list[Any]:
    return [one for one in sequence(answer, "data") if isinstance(one, dict)]


def _next(answer: Mapping[str, Any]) -> str | None:
    """The cursor of the next page; None on the last."""
    paging = mapping(answer, "paging")
    after = words(mapping(paging, "cursors"), "after")
    return after if after and paging.get("next") else None
