"""What the pages and the API share while they run: ports, texts, cookies, brakes, and how errors are answered."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.errors import GatewayError, Unavailable
from gateway.runtime.request_body import check_declared, chunks
from services.web_ingest import paths
from services.web_ingest.faults import Refused
from services.web_ingest.multipart import multipart_form
from services.web_ingest.parts import MAX_FIELD_BYTES, Bounds, Parts
from services.web_ingest.paths import language_of
from services.web_ingest.problems import problem, unforeseen
from services.web_ingest.render import Pages
from services.web_ingest.throttle import Throttle, client_of, is_public
from services.web_ingest.tokens import opened, signed
from services.web_ingest.upload_memory import UploadMemory
from services.web_ingest.urlencoded import URLENCODED, urlencoded_form
from services.web_ingest.web import CHANNEL, Web

Handler = Callable[[Request], Awaitable[Response]]
DRAIN = 3
"""How many times the kept bytes are read at most, so that a browser gets to see why photos were refused."""


@dataclass(frozen=True)
class Site:
    """One running web channel."""

    web: Web
    pages: Pages
    attempts: Throttle
    messages: Throttle
    memory: UploadMemory

    def page(self, handler: Handler) -> Handler:
        """Answer errors with a page in the request's language."""

        async def answered(request: Request) -> Response:
            try:
                return await handler(request)
            except GatewayError as error:
                return self._refused(error, request)
            except Exception as error:  # noqa: BLE001 - logged by class, answered with 503
                return self._refused(unforeseen(error), request)

        return answered

    def json(self, handler: Handler) -> Handler:
        """Answer errors with a problem document."""

        async def answered(request: Request) -> Response:
            try:
                return await handler(request)
            except GatewayError as error:
                self._count(error)
                return problem(error)
            except Exception as error:  # noqa: BLE001 - logged by class, answered with 503
                fault = unforeseen(error)
                self._count(fault)
                return problem(fault)

        return answered

    def form(self, request: Request, bounds: Bounds) -> AbstractAsyncContextManager[Parts]:
        """The form of a request, for the time it is handled."""
        check_declared(request.headers.raw, bounds.stream)
        content_type = request.headers.get("content-type", "")
        body = chunks(
            request.receive, seconds=self.web.settings.body_seconds, idle_seconds=self.web.settings.idle_seconds
        )
        if content_type.lower().startswith(URLENCODED):
            return urlencoded_form(body, bounds.stream)
        return multipart_form(content_type, body, bounds, self.memory)

    def photo_bounds(self, *, drain: int = 1, texts: frozenset[str] = frozenset()) -> Bounds:
        """Bounds of a citizen's form with photos; `drain` reads that many times more and passes over it."""
        own = self.web.settings
        return Bounds(
            stream=own.form_bytes * drain,
            files_bytes=own.photos_bytes,
            file_bytes=own.photo_bytes,
            files=own.photo_count,
            field_bytes=own.json_bytes if texts else MAX_FIELD_BYTES,
            texts=texts,
        )

    def entry_bounds(self, *, drain: int = 1, texts: frozenset[str] = frozenset()) -> Bounds:
        """Bounds of an operator's entry with a recording and scans."""
        own = self.web.settings
        return Bounds(
            stream=own.entry_bytes * drain,
            files_bytes=own.entry_bytes,
            file_bytes=own.recording_bytes,
            files=own.photo_count + 1,
            field_bytes=own.json_bytes if texts else MAX_FIELD_BYTES,
            texts=texts,
        )

    def token(self, purpose: str, value: Mapping[str, str], seconds: int) -> str:
        """A signed value that expires."""
        expires = self.web.clock() + timedelta(seconds=seconds)
        return signed(self.web.session_key, purpose, value, expires=expires)

    def opened(self, purpose: str, token: str) -> dict[str, str] | None:
        """The value of a token of ours; None when it does not hold."""
        return opened(self.web.session_key, purpose, token, now=self.web.clock())

    def nonce(self, purpose: str, **value: str) -> str:
        """A token that makes one rendered form recognisable when it is sent twice."""
        made = {**value, "nonce": secrets.token_hex(16)}
        return self.token(purpose, made, self.web.settings.form_seconds)

    def see(self, path: str, purpose: str, value: Mapping[str, str], seconds: int, *, at: str) -> Response:
        """Redirect to a page that shows what a short-lived cookie names: no secret is in an address.

        `at` is an entry in `paths`: the cookie holds for both of its addresses, so that the other language shows the
        same.
        """
        answer = RedirectResponse(path, 303)
        token = self.token(purpose, value, seconds)
        for address in paths.both(at):
            answer.set_cookie(
                purpose,
                token,
                max_age=seconds,
                path=address,
                secure=self.web.settings.secure,
                httponly=True,
                samesite="strict",
            )
        return answer

    def client(self, request: Request) -> str:
        """The client's address bucket."""
        return client_of(request, self.web.settings.trusted_proxies)

    def brake(self, who: str) -> None:
        """Raise `Refused("too_many_attempts")` while `who` has failed too often."""
        wait = self.attempts.wait(who)
        if wait > 0:
            raise Refused("too_many_attempts", "Too many failed attempts.", retry_after=wait)

    def admit(self, request: Request) -> None:
        """Count one message of a public address; raises `Refused("too_many_messages")` when it sent too many."""
        who = self.client(request)
        if not is_public(who):
            return
        wait = self.messages.wait(who)
        if wait > 0:
            error = Refused("too_many_messages", "Too many messages from this address.", retry_after=wait)
            self._count(error)
            raise error
        self.messages.count(who)

    def _refused(self, error: GatewayError, request: Request) -> Response:
        self._count(error)
        return self.pages.failure(error, language_of(request.url.path))

    def _count(self, error: GatewayError) -> None:
        self.web.metrics.refused.labels(CHANNEL, error.reason).inc()
        if isinstance(error, Unavailable):
            self.web.metrics.turned_away.labels(CHANNEL).inc()
