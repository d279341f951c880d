"""A webhook whose requests are signed with one shared secret: what was signed is durable before it is acknowledged."""

import asyncio
import hashlib
import hmac
from dataclasses import dataclass, field

from starlette.types import Receive, Scope

from gateway.domain.channel_messages import raw_message
from gateway.runtime.channel import stage
from gateway.runtime.deployment import Deployment
from gateway.runtime.request_body import whole_body
from gateway.runtime.webhook import Answer
from schemas.raw import Raw, RawPersonal
from schemas.vocabulary import Intake


@dataclass(frozen=True, slots=True)
class Signed:
    """Where requests come and what proves them: HMAC-SHA256 over the raw body, in hex, in `header` (lower case).

    `endpoint` is whom citizens write to. A body has at most `bytes_` bytes and comes within `seconds`.
    """

    path: str
    header: str
    secret: bytes = field(repr=False)
    endpoint: str
    bytes_: int = 100_000
    seconds: float = 5.0


class SignedReceiver:
    """What is answered at the path of a channel's webhook."""

    def __init__(self, deployment: Deployment, channel: str, signed: Signed) -> None:
        """Take where records go, whose they are, and what proves them."""
        self._deployment = deployment
        self._channel = channel
        self._signed = signed

    async def __call__(self, scope: Scope, receive: Receive) -> Answer:
        """Answer one request; raises `Invalid`, `Unavailable` or `TimeoutError` when nothing was acknowledged."""
        own, deployment = self._signed, self._deployment
        if (scope["path"], scope["method"]) != (own.path, "POST"):
            return Answer(404, reason="not_found")
        body = await whole_body(scope["headers"], receive, limit=own.bytes_, seconds=own.seconds)
        right = hmac.new(own.secret, body, hashlib.sha256).hexdigest().encode()
        if not hmac.compare_digest(right, dict(scope["headers"]).get(own.header.encode(), b"")):
            return Answer(403, reason="bad_signature")
        deployment.check_room()
        with deployment.metrics.acknowledge.labels(self._channel).time():
            async with asyncio.timeout(own.seconds):
                await deployment.edge(stage(self._channel, "receive")).publish(raw_message(self._raw(body)))
        deployment.metrics.received.labels(self._channel, Intake.CHAT).inc()
        return Answer()

    def _raw(self, body: bytes) -> Raw:
        """Named by its content, so that a repeated request is the same record."""
        deployment, own = self._deployment, self._signed
        named = deployment.identity.inbound_id(self._channel, own.endpoint, "raw", hashlib.sha256(body).hexdigest())
        return Raw(
            id=named,
            channel=self._channel,
            intake=Intake.CHAT,
            endpoint=own.endpoint,
            received_at=deployment.clock(),
            trusted=True,
            content_type="application/json",
            trial=deployment.trial,
            personal=RawPersonal(payload=body),
        )
