"""The shell of a channel's webhook: whatever happens ends in an answer by which the platform knows what to do."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from starlette.types import Receive, Scope, Send

from gateway.errors import GatewayError, Invalid
from gateway.runtime.metrics import Metrics

log = logging.getLogger(__name__)

Headers = tuple[tuple[bytes, bytes], ...]

STATUS: Final = {"too_large": 413, "message_too_large": 413, "timeout": 408}
"""Of what is refused for good, by its reason; anything else is 400."""

BAD_SIGNATURE: Final = "bad_signature"
"""The reason for which what the platform did not sign is refused, on every channel that signs."""

AGAIN: Final[Headers] = ((b"retry-after", b"5"),)
KEPT: Final[Headers] = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with; a `reason` says that it was refused, and is counted."""

    status: int = 200
    body: bytes = b""
    reason: str = ""
    headers: Headers = ()


class Webhook:
    """The ASGI application around `answer`; no exception leaves it.

    `Invalid` is refused for good, `Unavailable` and `TimeoutError` are a 503: nothing was acknowledged, so the platform
    tries again, which must give the same record.
    """

    def __init__(self, channel: str, metrics: Metrics, answer: Callable[[Scope, Receive], Awaitable[Answer]]) -> None:
        """Take the channel's code, what counts refusals, and what answers one request."""
        self._channel = channel
        self._refused = metrics.refused
        self._turned_away = metrics.turned_away.labels(channel)
        self._refused.labels(channel, BAD_SIGNATURE)
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP is not for us."""
        if scope["type"] != "http":
            return
        answer = await self._answered(scope, receive)
        if answer.reason:
            self._refused.labels(self._channel, answer.reason).inc()
        headers = list((dict(KEPT) | dict(answer.headers)).items())
        length = (b"content-length", str(len(answer.body)).encode())
        await send({"type": "http.response.start", "status": answer.status, "headers": [*headers, length]})
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send({"type": "http.response.body", "body": body})

    async def _answered(self, scope: Scope, receive: Receive) -> Answer:
        try:
            return await self._answer(scope, receive)
        except Invalid as error:
            return Answer(STATUS.get(error.reason, 400), reason=error.reason)
        except GatewayError as error:
            return self._not_now(error.reason)
        except TimeoutError:
            return self._not_now("too_slow")
        except Exception as error:
            # The last resort: logged by its class, and the platform tries again.
            log.exception("webhook_failed", extra={"channel": self._channel, "error": type(error).__name__})
            return self._not_now("unexpected")

    def _not_now(self, reason: str) -> Answer:
        self._turned_away.inc()
        log.warning("webhook_not_now", extra={"channel": self._channel, "reason": reason})
        return Answer(503, reason=reason, headers=AGAIN)
