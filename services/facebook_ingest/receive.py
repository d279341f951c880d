"""The webhook: what Facebook signed is made durable and only then acknowledged; everything else is refused."""

import asyncio
import gzip
import hashlib
import hmac
import logging
import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl
from uuid import uuid5

from starlette.types import Receive, Scope, Send

from gateway.domain.channel_messages import raw_message
from gateway.domain.identity import NAMESPACE
from gateway.errors import GatewayError
from schemas.envelope import Message
from schemas.raw import Raw, RawPersonal
from schemas.vocabulary import Intake
from services.facebook_ingest.facebook import Facebook
from services.facebook_ingest.page import CHANNEL
from services.facebook_ingest.signature import is_signed

log = logging.getLogger(__name__)

PATH = "/webhooks/facebook"

PUBLISH_SECONDS = 3.0
"""Facebook counts an answer after 5 s as a failure, and takes the webhook away after an hour of failures."""

PACKED_ABOVE = 600_000
"""Bytes; a record may have 1 000 000, and a payload takes a third more in base64."""

_CHALLENGE: Final = re.compile(r"[\w-]{1,200}", re.ASCII)
_QUERY_BYTES = 2_000


class _RefusedError(Exception):
    """An answer other than 200, with the reason that is counted."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Webhook:
    """The ASGI application at `PATH`; any path that leads here is that one."""

    def __init__(self, facebook: Facebook) -> None:
        """Take the opened channel."""
        self._facebook = facebook

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; no exception leaves it."""
        if scope["type"] != "http":
            return
        try:
            body = await self._answer(scope, receive)
        except _RefusedError as refused:
            self._facebook.metrics.refused.labels(CHANNEL, refused.reason).inc()
            await _respond(send, refused.status, b"")
        except GatewayError as error:
            await self._not_now(send, error.reason)
        except TimeoutError:
            await self._not_now(send, "too_slow")
        except Exception as error:
            log.exception("webhook_failed", extra={"channel": CHANNEL, "error": type(error).__name__})
            await self._not_now(send, "unexpected")
        else:
            await _respond(send, 200, body)

    async def _answer(self, scope: Scope, receive: Receive) -> bytes:
        if scope["path"] != PATH:
            raise _RefusedError(404, "not_found")
        match scope["method"]:
            case "GET":
                return self._handshake(scope.get("query_string", b""))
            case "POST":
                await self._event(scope, receive)
                return b""
            case _:
                raise _RefusedError(405, "method")

    def _handshake(self, query: bytes) -> bytes:
        """The bare challenge for whoever knows the token; needs nothing that could be down."""
        try:
            given = parse_qsl(query[:_QUERY_BYTES].decode("ascii"), keep_blank_values=True, max_num_fields=20)
        except ValueError:
            raise _RefusedError(403, "handshake") from None
        asked = dict(given)
        token = asked.get("hub.verify_token", "").encode()
        right = hmac.compare_digest(token, self._facebook.secrets.verify_token)
        challenge = asked.get("hub.challenge", "")
        if not right or asked.get("hub.mode") != "subscribe" or len(asked) != len(given):
            raise _RefusedError(403, "handshake")
        if _CHALLENGE.fullmatch(challenge) is None:
            raise _RefusedError(403, "handshake")
        return challenge.encode()

    async def _event(self, scope: Scope, receive: Receive) -> None:
        facebook = self._facebook
        headers: Sequence[tuple[bytes, bytes]] = scope["headers"]
        body = await _body(headers, receive, limit=facebook.settings.body_bytes, seconds=facebook.settings.body_seconds)
        if not is_signed(body, headers, facebook.secrets.app):
            raise _RefusedError(403, "bad_signature")
        facebook.check_room()
        with facebook.metrics.acknowledge.labels(CHANNEL).time():
            async with asyncio.timeout(PUBLISH_SECONDS):
                await facebook.bus.publish(record_of(facebook, body))
        facebook.metrics.received.labels(CHANNEL, Intake.CHAT).inc()

    async def _not_now(self, send: Send, reason: str) -> None:
        """Nothing was acknowledged: Facebook tries again, which gives the same record."""
        self._facebook.metrics.refused.labels(CHANNEL, reason).inc()
        log.warning("webhook_not_now", extra={"channel": CHANNEL, "reason": reason})
        await _respond(send, 503, b"", (b"retry-after", b"5"))


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


async def _body(headers: Sequence[tuple[bytes, bytes]], receive: Receive, *, limit: int, seconds: float) -> bytes:
    declared = next((value for name, value in headers if name == b"content-length"), b"0")
    if not declared.isdigit() or len(declared) > 15:
        raise _RefusedError(400, "bad_content_length")
    if int(declared) > limit:
        raise _RefusedError(413, "too_large")
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _RefusedError(400, "disconnected")
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > limit:
                    raise _RefusedError(413, "too_large")
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError:
        raise _RefusedError(408, "timeout") from None


async def _respond(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    kept = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-store"),
        *headers,
    ]
    await send({"type": "http.response.start", "status": status, "headers": kept})
    await send({"type": "http.response.body", "body": body})
