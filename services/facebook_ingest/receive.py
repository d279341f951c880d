"""The webhook: what Facebook signed is made durable and only then acknowledged; everything else is refused."""

import asyncio
import gzip
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl
from uuid import uuid5

from starlette.types import Receive, Scope

from gateway.domain.channel_messages import raw_message
from gateway.domain.identity import NAMESPACE
from gateway.runtime.request_body import whole_body
from gateway.runtime.webhook import BAD_SIGNATURE, Answer
from schemas.envelope import Message
from schemas.raw import Raw, RawPersonal
from schemas.vocabulary import Intake
from services.facebook_ingest.facebook import Facebook
from services.facebook_ingest.page import CHANNEL
from services.facebook_ingest.signature import is_signed

PATH = "/webhooks/facebook"

PUBLISH_SECONDS = 3.0
"""Facebook counts an answer after 5 s as a failure, and takes the webhook away after an hour of failures."""

PACKED_ABOVE = 600_000
"""Bytes; a record may have 1 000 000, and a payload takes a third more in base64."""

_CHALLENGE: Final = re.compile(r"[\w-]{1,200}", re.ASCII)
_QUERY_BYTES = 2_000

NO_HANDSHAKE: Final = Answer(403, reason="handshake")


class Receiver:
    """What is answered at `PATH`; any path that leads here is that one."""

    def __init__(self, facebook: Facebook) -> None:
        """Take the opened channel."""
        self._facebook = facebook
        self._received = facebook.metrics.received.labels(CHANNEL, Intake.CHAT)
        self._acknowledge = facebook.metrics.acknowledge.labels(CHANNEL)

    async def __call__(self, scope: Scope, receive: Receive) -> Answer:
        """Answer one request; raises `Invalid`, `Unavailable` or `TimeoutError` when nothing was acknowledged."""
        if scope["path"] != PATH:
            return Answer(404, reason="not_found")
        match scope["method"]:
            case "GET":
                return self._handshake(scope.get("query_string", b""))
            case "POST":
                return await self._event(scope, receive)
            case _:
                return Answer(405, reason="method")

    def _handshake(self, query: bytes) -> Answer:
        """The bare challenge for whoever knows the token; needs nothing that could be down."""
        try:
            given = parse_qsl(query[:_QUERY_BYTES].decode("ascii"), keep_blank_values=True, max_num_fields=20)
        except ValueError:
            return NO_HANDSHAKE
        asked = dict(given)
        token = asked.get("hub.verify_token", "").encode()
        right = hmac.compare_digest(token, self._facebook.secrets.verify_token)
        challenge = asked.get("hub.challenge", "")
        if not right or asked.get("hub.mode") != "subscribe" or len(asked) != len(given):
            return NO_HANDSHAKE
        if _CHALLENGE.fullmatch(challenge) is None:
            return NO_HANDSHAKE
        return Answer(body=challenge.encode())

    async def _event(self, scope: Scope, receive: Receive) -> Answer:
        facebook = self._facebook
        bounds = facebook.settings
        headers: Sequence[tuple[bytes, bytes]] = scope["headers"]
        body = await whole_body(headers, receive, limit=bounds.body_bytes, seconds=bounds.body_seconds)
        if not is_signed(body, headers, facebook.secrets.app):
            return Answer(403, reason=BAD_SIGNATURE)
        facebook.check_room()
        with self._acknowledge.time():
            async with asyncio.timeout(PUBLISH_SECONDS):
                await facebook.bus.publish(record_of(facebook, body))
        self._received.inc()
        return Answer()


def record_of(facebook: Facebook, body: bytes) -> Message:
    """The record of a request: named by its content, so that a repeated one is the same record."""
    page = facebook.page.id
    packed = len(body) > PACKED_ABOVE
    raw = Raw(
        id=uuid5(NAMESPACE, f"raw/{CHANNEL}/{page}/{hashlib.sha256(body).hexdigest()}"),
        channel=CHANNEL,
        intake=Intake.CHAT,
        endpoint=page,
        received_at=facebook.clock(),
        trusted=True,
        content_type="application/json",
        trial=facebook.trial,
        personal=RawPersonal(
            payload=gzip.compress(body, mtime=0) if packed else body,
            headers={"content-encoding": "gzip"} if packed else {},
        ),
    )
    return raw_message(raw)
