"""The outermost layer: security headers on every response, and no exception ever leaves as a 500."""

from collections.abc import MutableMapping
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.web_ingest.problems import problem, unforeseen

CONTENT_SECURITY_POLICY: Final = (
    b"default-src 'none'; style-src 'self'; img-src 'self' data:; "
    b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS: Final = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), interest-cohort=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
NO_STORE: Final = (b"cache-control", b"no-store")
TRANSPORT: Final = (b"strict-transport-security", b"max-age=31536000")


class Edge:
    """Wraps the channel's application."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        """Take the application, and whether it is reached over TLS."""
        self._app = app
        self._headers = (*HEADERS, TRANSPORT) if secure else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other kinds of scope pass through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._add(message)
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except Exception as error:  # noqa: BLE001 - the last resort: logged by class, answered with 503
            answer = problem(unforeseen(error))
            if not started:
                await answer(scope, receive, guarded)

    def _add(self, message: MutableMapping[str, Any]) -> None:
        given = list(message.get("headers", []))
        if b"cache-control" not in [name for name, _ in given]:
            given.append(NO_STORE)
        message["headers"] = [*given, *self._headers]
