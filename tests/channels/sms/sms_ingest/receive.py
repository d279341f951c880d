"""The webhook: what the SMS gateway signed is made durable and only then acknowledged."""

import asyncio
import hashlib
import hmac
from dataclasses import dataclass

from starlette.types import Receive, Scope

from gateway.domain.channel_messages import raw_message
from gateway.runtime.channel import stage
from gateway.runtime.deployment import Deployment
from gateway.runtime.request_body import whole_body
from gateway.runtime.webhook import Answer
from schemas.raw import Raw, RawPersonal
from schemas.vocabulary import Intake

CHANNEL, PATH = "sms", "/webhooks/sms"
BYTES, SECONDS = 100_000, 5.0


@dataclass(frozen=True)
class Receiver:
    """What is answered at `PATH`; `secret` signs every request."""

    deployment: Deployment
    secret: bytes

    async def __call__(self, scope: Scope, receive: Receive) -> Answer:
        """Answer one request; raises `Invalid`, `Unavailable` or `TimeoutError` when nothing was acknowledged."""
        if (scope["path"], scope["method"]) != (PATH, "POST"):
            return Answer(404, reason="not_found")
        body = await whole_body(scope["headers"], receive, limit=BYTES, seconds=SECONDS)
        signed = hmac.new(self.secret, body, hashlib.sha256).hexdigest().encode()
        if not hmac.compare_digest(signed, dict(scope["headers"]).get(b"x-sms-signature", b"")):
            return Answer(403, reason="bad_signature")
        deployment = self.deployment
        deployment.check_room()
        with deployment.metrics.acknowledge.labels(CHANNEL).time():
            async with asyncio.timeout(SECONDS):
                await deployment.edge(stage(CHANNEL, "receive")).publish(raw_message(self._raw(body)))
        deployment.metrics.received.labels(CHANNEL, Intake.CHAT).inc()
        return Answer()

    def _raw(self, body: bytes) -> Raw:
        """Named by its content, so that a repeated request is the same record."""
        return Raw(
            id=self.deployment.identity.inbound_id(CHANNEL, "1022", "raw", hashlib.sha256(body).hexdigest()),
            channel=CHANNEL,
            intake=Intake.CHAT,
            endpoint="1022",
            received_at=self.deployment.clock(),
            trusted=True,
            content_type="application/json",
            trial=self.deployment.trial,
            personal=RawPersonal(payload=body),
        )
