"""The webhook: signed, durable, and only then acknowledged, all within the two seconds that Zalo waits."""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from typing import Final

from starlette.types import Receive, Scope

from gateway.domain.channel_messages import raw_message
from gateway.errors import Unavailable
from gateway.runtime.request_body import whole_body
from gateway.runtime.webhook import BAD_SIGNATURE, Answer
from schemas.envelope import Message
from schemas.raw import Raw, RawPersonal
from schemas.vocabulary import Intake
from services.zalo_ingest.endpoint import Endpoint
from services.zalo_ingest.event import CHANNEL
from services.zalo_ingest.inbound import NO_OA
from services.zalo_ingest.payload import MAX_BODY
from services.zalo_ingest.signature import Forged, Genuine, checked

log = logging.getLogger(__name__)

PATH: Final = "/webhooks/zalo"
VERIFIER_PREFIX: Final = "/zalo_verifier"

ANSWER_SECONDS: Final = 1.5
"""Zalo counts an answer after two seconds as none; an honest 503 before that is tried again."""

BODY_SECONDS: Final = 10 * ANSWER_SECONDS
"""The time for the whole answer ends first, with that 503: a slow line of Zalo's is no reason to give an event up."""

KEPT_HEADERS: Final = (b"num_retry", b"x-zevent-server")
SIGNATURE: Final = b"x-zevent-signature"
MAX_KEPT: Final = 100
MOST_UNDER_WAY: Final = 500
"""Publishes that may hang at once; beyond it requests are refused before they cost memory."""


class Receiver:
    """What is answered by the webhook, and the domain's verifier file beside it."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Take what it works with."""
        self._endpoint = endpoint
        self._secrets = endpoint.secrets
        self._refused = endpoint.metrics.refused
        self._received = endpoint.metrics.received.labels(CHANNEL, Intake.CHAT)
        self._acknowledge = endpoint.metrics.acknowledge.labels(CHANNEL)
        self._under_way: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive) -> Answer:
        """Answer one request; raises `Invalid`, `Unavailable` or `TimeoutError` when nothing was acknowledged."""
        path, method, verifier = scope["path"], scope["method"], self._endpoint.verifier
        if path == PATH:
            if method != "POST":
                return Answer(405, headers=((b"allow", b"POST"),))
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._taken(scope, receive)
            return Answer()
        if verifier is not None and path == f"/{verifier[0]}" and method in ("GET", "HEAD"):
            return Answer(body=verifier[1], headers=((b"content-type", b"text/html; charset=utf-8"),))
        return Answer(404)

    async def _taken(self, scope: Scope, receive: Receive) -> None:
        endpoint = self._endpoint
        endpoint.check_room()
        body = await whole_body(scope["headers"], receive, limit=MAX_BODY, seconds=BODY_SECONDS)
        verdict = checked(body, _all(scope, SIGNATURE), endpoint.settings.app_id, self._secrets)
        if isinstance(verdict, Forged):
            self._refused.labels(CHANNEL, BAD_SIGNATURE).inc()
            if endpoint.settings.signature_enforce:
                # Still a 200: Zalo's console tests the address with an unsigned body and takes no other answer.
                return
        with self._acknowledge.time():
            await self._durable(raw_message(_raw(endpoint, scope, body, verdict)))
        self._received.inc()

    async def _durable(self, message: Message) -> None:
        """Publish; when that takes too long it goes on alone, and Zalo's next attempt is the same record."""
        if len(self._under_way) >= MOST_UNDER_WAY:
            raise Unavailable("publishing_busy", "Too much waits to become durable.")
        publishing = asyncio.create_task(self._endpoint.bus.publish(message))
        self._under_way.add(publishing)
        publishing.add_done_callback(self._under_way.discard)
        publishing.add_done_callback(_late)
        await asyncio.shield(publishing)


def _late(publishing: asyncio.Task[None]) -> None:
    """Whoever waited may have answered already; a failure after that was told to Zalo as 503."""
    if not publishing.cancelled() and publishing.exception() is not None:
        log.warning("publish_failed", extra={"channel": CHANNEL})


def _raw(endpoint: Endpoint, scope: Scope, body: bytes, verdict: Genuine | Forged) -> Raw:
    trusted = isinstance(verdict, Genuine)
    oa = verdict.oa or NO_OA
    # What nobody signed must never stand in the place of the genuine message with the same body.
    kind = "raw" if trusted else "untrusted"
    return Raw(
        id=endpoint.identity.inbound_id(CHANNEL, oa, kind, hashlib.sha256(body).hexdigest()),
        channel=CHANNEL,
        intake=Intake.CHAT,
        endpoint=oa,
        received_at=endpoint.clock(),
        trusted=trusted,
        content_type="application/json",
        trial=endpoint.trial,
        personal=RawPersonal(payload=body, headers=_kept(scope)),
    )


def _kept(scope: Scope) -> dict[str, str]:
    """The few headers a reader or an operator may want to see, such as how often Zalo tried."""
    return {
        name.decode("ascii"): value[:MAX_KEPT].decode("latin-1")
        for name, value in scope["headers"]
        if name in KEPT_HEADERS
    }


def _all(scope: Scope, wanted: bytes) -> Sequence[bytes]:
    return [value for name, value in scope["headers"] if name == wanted]
