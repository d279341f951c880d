"""Asks Facebook for what webhooks do not bring: names, the app's subscription, and messages that were missed.

By python-facebook-api, which is synchronous: each call runs in a thread, bounded in time. Its ways of failing that
would hurt are closed here: no retry of its own matters, since nothing in here changes anything at Facebook.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pyfacebook import FacebookError, GraphAPI, LibraryError
from pyfacebook.ratelimit import RateLimit

from gateway.errors import Invalid, Unavailable
from services.facebook_ingest.page_token import PageToken
from services.facebook_ingest.refusals import DEAD_TOKEN, PASSING, RATE_LIMITS
from services.facebook_ingest.signature import proof

Found = TypeVar("Found")

MESSAGES = "id,message,from,created_time,attachments{mime_type,name,image_data,video_data,file_url}"
PER_PAGE = 25


class _NoRates(RateLimit):  # type: ignore[misc]  # the library has no types
    """Leaves usage headers alone: the library raises for any member that it does not know."""

    def set_limit(self, headers: object) -> None:
        """Take no notice."""


class _Api(GraphAPI):  # type: ignore[misc]  # the library has no types
    """Keeps the token out of URLs, where the library would put it for every read."""

    def _append_token(self, args: dict[str, Any] | None) -> dict[str, Any]:
        return {**(args or {}), "appsecret_proof": proof(self.app_secret.encode(), self.access_token)}


class Graph:
    """Reads of one page."""

    def __init__(self, *, base: str, version: str, app_secret: bytes, token: PageToken, seconds: float) -> None:
        """Take the API's address and version, what proves the caller, the page's token, and the time for one call."""
        self._base = f"{base}/"
        self._version = version
        self._app_secret = app_secret.decode()
        self._token = token
        self._seconds = seconds

    async def profile(self, user: str) -> str | None:
        """The name a person shows; None when Facebook does not tell, which is normal. Raises `Unavailable`."""
        try:
            found = await self._ask(lambda api: api.get_object(user, fields="first_name,last_name,name"))
        except Invalid:
            return None
        whole = found.get("name") or " ".join(filter(None, (found.get("last_name"), found.get("first_name"))))
        return whole if isinstance(whole, str) and whole else None

    async def subscribed_fields(self, page: str, app: str) -> frozenset[str]:
        """The webhook fields that the app is subscribed to for the page; empty when it is not. Raises `Unavailable`."""
        found = await self._ask(lambda api: api.get_connection(page, "subscribed_apps"))
        apps = [one for one in _dicts(found.get("data")) if str(one.get("id")) == app]
        return frozenset(str(name) for one in apps for name in one.get("subscribed_fields") or ())

    async def conversations(self, page: str, after: str | None) -> Mapping[str, Any]:
        """One page of conversations, the last changed first, each with its newest messages. Raises `Unavailable`."""
        fields = f"updated_time,participants,messages.limit({PER_PAGE}){{{MESSAGES}}}"
        more = {"after": after} if after else {}
        return await self._ask(
            lambda api: api.get_connection(page, "conversations", fields=fields, limit=PER_PAGE, **more)
        )

    async def messages(self, conversation: str, after: str) -> Mapping[str, Any]:
        """Older messages of a conversation. Raises `Unavailable`."""
        return await self._ask(
            lambda api: api.get_connection(conversation, "messages", fields=MESSAGES, limit=PER_PAGE, after=after)
        )

    async def _ask(self, call: Callable[[GraphAPI], Any]) -> dict[str, Any]:
        """Run a call in a thread; raises `Invalid` for what Facebook will never answer, else `Unavailable`."""
        token = self._token.current()
        try:
            async with asyncio.timeout(self._seconds * 2):
                found = await asyncio.to_thread(self._called, call, token)
        except FacebookError as error:
            if error.code in DEAD_TOKEN:
                raise Unavailable("token_dead", "Facebook refuses the page's token.", retry_after=60.0) from None
            if error.code in RATE_LIMITS | PASSING:
                raise Unavailable("graph_failing", f"Facebook's error {error.code}.", retry_after=60.0) from None
            raise Invalid("graph_refuses", f"Facebook's error {error.code}.") from None
        except (LibraryError, OSError, TimeoutError, ValueError, TypeError, KeyError) as error:
            # The library lets some errors of requests (which are OSError) and of its own parsing through.
            raise Unavailable("graph_unreachable", type(error).__name__, retry_after=60.0) from None
        if not isinstance(found, dict):
            raise Unavailable("graph_unreadable", "Facebook's answer is no object.", retry_after=60.0)
        return found

    def _called(self, call: Callable[[GraphAPI], Found], token: str) -> Found:
        api = _Api(
            access_token=token,
            app_secret=self._app_secret,
            version=self._version,
            base_url=self._base,
            timeout=self._seconds,
        )
        api.rate_limit = _NoRates()
        session = api.session
        # No proxy, credentials or redirect from the surroundings may lead the token elsewhere.
        session.trust_env = False
        session.max_redirects = 0
        session.headers["Authorization"] = f"Bearer {token}"
        try:
            return call(api)
        finally:
            session.close()


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
