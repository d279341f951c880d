"""Fetches what no webhook brought: private messages of the inbox, and comments and visitors' posts on the page."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from gateway.bus.port import Bus
from gateway.errors import Invalid
from gateway.runtime.metrics import Metrics
from schemas.envelope import Message
from services.facebook_ingest.graph import Graph
from services.facebook_ingest.members import mapping, object_of
from services.facebook_ingest.missed import requests_of, time_of
from services.facebook_ingest.missed_feed import Found, found_comment, found_post
from services.facebook_ingest.page import CHANNEL, Page
from services.facebook_ingest.pages import TooMuch, pages

log = logging.getLogger(__name__)

COMMENTED = timedelta(days=30)
"""How long after a post comments under it are looked for."""

SETTLED = timedelta(minutes=5)
"""A post of several events is left to the webhook for this long: fetched beside it, its words could come twice."""

Owners = Callable[[frozenset[str]], Awaitable[Mapping[str, str]]]
"""Which of these comments and posts were read already, and whose they are."""


class CatchingUp:
    """Publishes what it finds as webhook requests; what a webhook brought too is the same message."""

    def __init__(
        self,
        *,
        page: Page,
        graph: Graph,
        bus: Bus,
        to_record: Callable[[bytes], Message],
        owners: Owners,
        metrics: Metrics,
    ) -> None:
        """Take the ports; `to_record` makes a raw record of a webhook request's bytes.

        `bus` is the webhook's own: one message after the other, whether it was brought or fetched.
        """
        self._page = page
        self._graph = graph
        self._bus = bus
        self._to_record = to_record
        self._owners = owners
        self._metrics = metrics

    async def messages(self, since: datetime) -> None:
        """Publish citizens' private messages that are not older than `since`. Raises `GatewayError`."""
        count = 0
        first = await self._graph.conversations(self._page.id)
        try:
            async for threads in pages(first, lambda after: self._graph.conversations(self._page.id, after)):
                recent = [one for one in threads if (time_of(one, "updated_time") or since) >= since]
                for thread in recent:
                    count += await self._publish_thread(thread, since)
                if len(recent) < len(threads):
                    break
        except TooMuch:
            self._too_much(count)
        log.info("caught_up", extra={"channel": CHANNEL, "count": count, "detail": "messages"})

    async def feed(self, since: datetime, now: datetime) -> None:
        """Publish comments and visitors' posts that are not older than `since`. Raises `GatewayError`.

        Comments are looked for under posts of the last `COMMENTED`. What was changed or removed cannot be seen there.
        """
        count = 0
        first = await self._graph.feed(self._page.id)
        try:
            async for posts in pages(first, lambda after: self._graph.feed(self._page.id, after)):
                recent = [one for one in posts if (_written(one) or since) >= since - COMMENTED]
                for post in recent:
                    count += await self._publish_post(post, since, now)
                if posts and not recent:
                    break
        except TooMuch:
            self._too_much(count)
        log.info("caught_up", extra={"channel": CHANNEL, "count": count, "detail": "feed"})

    async def _publish_thread(self, thread: dict[str, Any], since: datetime) -> int:
        """Everything of one conversation that is not older, in one durable step; returns how many messages."""
        name, messages = object_of(thread, "id"), list[dict[str, Any]]()
        shown = mapping(thread, "messages")
        try:
            async for some in pages(shown, lambda after: self._graph.messages(name, after)):
                messages += some
                if not some or (time_of(some[-1], "created_time") or since) < since:
                    break
        except TooMuch:
            self._too_much(len(messages))
        return await self._publish(list(requests_of(messages, self._page.id, since)))

    async def _publish_post(self, post: dict[str, Any], since: datetime, now: datetime) -> int:
        """The post and what was written under it, as far as it is not known, in one durable step; returns how many."""
        candidates = [found_post(post, self._page.id), *reversed(await self._comments(post, since))]
        found = [one for one in candidates if one and one.at >= since and not (one.in_parts and one.at > now - SETTLED)]
        if not found:
            return 0
        known = await self._owners(frozenset(one.thing for one in found))
        return await self._publish([request for one in found if one.thing not in known for request in one.requests])

    async def _comments(self, post: dict[str, Any], since: datetime) -> list[Found | None]:
        """Comments under a post, the newest first, at least all that are not older."""
        try:
            name, shown = object_of(post, "id"), mapping(post, "comments")
        except Invalid:
            return []
        found: list[Found | None] = []
        try:
            async for some in pages(shown, lambda after: self._graph.comments(name, after)):
                found += [found_comment(one, name, self._page.id) for one in some]
                if not some or (_written(some[-1]) or since) < since:
                    break
        except TooMuch:
            self._too_much(len(found))
        return found

    async def _publish(self, requests: list[bytes]) -> int:
        if requests:
            await self._bus.publish(*[self._to_record(request) for request in requests])
        return len(requests)

    def _too_much(self, count: int) -> None:
        self._metrics.channel_alarm.labels(CHANNEL, "too_much_missed").set(1)
        log.critical("too_much_missed", extra={"channel": CHANNEL, "count": count})


def _written(thing: Mapping[str, Any]) -> datetime | None:
    """When it was written; None where that cannot be read."""
    try:
        return time_of(thing, "created_time")
    except Invalid:
        return None
