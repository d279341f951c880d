"""Sends webhooks as Zalo does: signed, one event a request, tried again when not answered with 200 in time."""

import asyncio
import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from tests.fakes.zalo.events import Event

ANSWER_SECONDS = 2.0
RETRIES = (30.0, 300.0, 900.0, 1800.0, 3600.0)
"""Seconds after which Zalo tries again; after the last one the app gets no more events."""


@dataclass
class Delivery:
    """How an event was delivered: the status of every attempt, 0 for none in time."""

    body: bytes
    statuses: list[int] = field(default_factory=list)

    @property
    def delivered(self) -> bool:
        """Whether the last attempt was answered with 200."""
        return self.statuses[-1:] == [200]


class Webhooks:
    """The sender for one app; `pace` is how many seconds stand for one second of Zalo's schedule."""

    def __init__(
        self, url: str, app_id: str, secrets: Mapping[str, str], *, pace: float = 0.001, answer: float = ANSWER_SECONDS
    ) -> None:
        """Take the webhook's URL, the app's id and the secret of each OA."""
        self.url = url
        self._app_id = app_id
        self._secrets = secrets
        self._pace = pace
        self._answer = answer
        self._client = httpx.AsyncClient(timeout=answer, trust_env=False)
        self.unsubscribed = False

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    async def send(self, event: Event, *, secret: str | None = None) -> Delivery:
        """Deliver an event, trying again as Zalo does; `secret` replaces the right one, to forge."""
        delivery = Delivery(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode())
        signature = self.signature(event, delivery.body, secret)
        for number, pause in enumerate((0.0, *RETRIES)):
            await asyncio.sleep(pause * self._pace)
            delivery.statuses.append(await self._attempt(delivery.body, signature, number))
            if delivery.delivered:
                return delivery
        self.unsubscribed = True
        return delivery

    async def send_all(self, events: Sequence[Event], *, seed: int, copies: int = 2) -> None:
        """Deliver each event several times, all of them in an order that the seed decides."""
        several = [event for event in events for _ in range(copies)]
        random.Random(seed).shuffle(several)  # noqa: S311 - a repeatable order, no secret
        for event in several:
            await self.send(event)

    def signature(self, event: Event, body: bytes, secret: str | None = None) -> str:
        """The header's value, for the OA that the event names."""
        named = (event.get("recipient", {}).get("id"), event.get("sender", {}).get("id"), event.get("oa_id"))
        oa = next((one for one in map(str, named) if one in self._secrets), next(iter(self._secrets)))
        return signature(self._app_id, body, event["timestamp"], self._secrets[oa] if secret is None else secret)

    async def _attempt(self, body: bytes, signature: str, number: int) -> int:
        headers = {"Content-Type": "application/json", "X-ZEvent-Signature": signature}
        if number:
            headers["num_retry"] = str(number)
        try:
            return (await self._client.post(self.url, content=body, headers=headers)).status_code
        except httpx.HTTPError:
            return 0


def signature(app_id: str, body: bytes, timestamp: str, secret: str) -> str:
    """The header's value."""
    return f"mac={hashlib.sha256(app_id.encode() + body + f'{timestamp}{secret}'.encode()).hexdigest()}"
