"""Sends webhooks as Facebook does: signed over JSON with escaped letters, repeated, batched, out of order."""

import asyncio
import hashlib
import hmac
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from tests.fakes.facebook.events import Event, Events, with_number_ids

ANSWER_SECONDS = 5.0
TRIES = 5


@dataclass
class Delivery:
    """How a request was delivered: the status of every attempt, 0 for none in time."""

    body: bytes
    statuses: list[int] = field(default_factory=list)

    @property
    def delivered(self) -> bool:
        """Whether the last attempt was answered with 200."""
        return self.statuses[-1:] == [200]


class Webhooks:
    """The sender for one app; after too many failures it sends nothing more, as Facebook does."""

    def __init__(self, url: str, secret: str, events: Events, *, pause: float = 0.05, tries: int = TRIES) -> None:
        """Take the webhook's URL, the app's secret, who writes requests, seconds between attempts, and how many."""
        self.url = url
        self._secret = secret
        self._events = events
        self._pause = pause
        self._tries = tries
        self._client = httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False)
        self.silent = False
        """Whether nothing is delivered: an outage that nobody is told of later."""

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    async def handshake(self, token: str, challenge: str = "1158201444") -> httpx.Response:
        """What happens when the webhook's URL is saved."""
        asked = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": challenge}
        return await self._client.get(self.url, params=asked)

    async def send(self, *events: Event, at: float, secret: str | None = None) -> Delivery:
        """Deliver events in one request; `secret` replaces the right one, to forge."""
        return await self.deliver(self._events.request(*events, at=at), secret=secret)

    async def deliver(self, request: Event, *, secret: str | None = None) -> Delivery:
        """Deliver a whole request, trying again at once a few times."""
        delivery = Delivery(written(request))
        if self.silent or not self.url:
            return delivery
        for number in range(self._tries):
            await asyncio.sleep(self._pause * number)
            delivery.statuses.append(await self._attempt(delivery.body, secret or self._secret))
            if delivery.delivered or delivery.statuses[-1] == 403:
                break
        return delivery

    async def storm(self, events: Sequence[Event], *, at: float, seed: int, copies: int = 2, most: int = 5) -> None:
        """Deliver each event several times, in batches and an order that the seed decides, some ids as numbers."""
        chance = random.Random(seed)  # noqa: S311 - a repeatable order, no secret
        several = [event for event in events for _ in range(copies)]
        chance.shuffle(several)
        while several:
            size = chance.randint(1, most)
            batch, several = several[:size], several[size:]
            request = self._events.batch(*batch, at=at) if chance.random() < 0.5 else None
            await self.deliver(with_number_ids(request or self._events.request(*batch, at=at), chance))

    async def _attempt(self, body: bytes, secret: str) -> int:
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature(body, secret)}
        try:
            return (await self._client.post(self.url, content=body, headers=headers)).status_code
        except httpx.HTTPError:
            return 0


def written(request: Event) -> bytes:
    """The bytes that Facebook sends and signs: every letter beyond ASCII escaped, and slashes too."""
    return json.dumps(request, ensure_ascii=True, separators=(",", ":")).replace("/", r"\/").encode()


def signature(body: bytes, secret: str) -> str:
    """The header's value."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
