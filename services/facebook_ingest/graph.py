"""Asks Facebook for what webhooks do not bring: names, the app's subscription, and what citizens wrote meanwhile."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from gateway.errors import Invalid, Unavailable
from services.facebook_ingest.graph_api import RETRY_SECONDS, Access, called
from services.facebook_ingest.page_token import PageToken

MESSAGES = "id,message,from,created_time,attachments{mime_type,name,image_data,video_data,file_url}"
PER_PAGE = 25
COMMENT = "id,message,from,created_time,parent{id},attachment{type,media,target}"
ORDER = {"filter": "stream", "order": "reverse_chronological"}
"""Answers to comments among the comments, and the newest first (Graph API, "Object Comments")."""

POST = (
    "id,message,from,created_time,attachments{type,media,target,subattachments},"
    f"comments.filter({ORDER['filter']}).order({ORDER['order']}).limit({PER_PAGE}){{{COMMENT}}}"
)


class Graph:
    """Reads of one page; the library behind it is synchronous, so each call runs in a thread, bounded in time."""

    def __init__(self, access: Access, token: PageToken) -> None:
        """Take how the API is reached, and the page's token."""
        self._access = access
        self._token = token

    async def profile(self, user: str) -> str | None:
        """The name a person shows; None when Facebook does not tell, which is normal. Raises `Unavailable`."""
        try:
            found = await self._ask(lambda api: api.get_object(user, fields="first_name,last_name,name"))
        except Invalid:
            return None
        whole = found.get("name") or " ".join(filter(None, (found.get("last_name"), found.get("first_name"))))
        return whole if isinstance(whole, str) and whole else None

    async def subscribed_fields(self, page: str, app: str) -> frozenset[str]:
        """The webhook fields that the app is subscribed to for the page; empty when it is not.

        This and the other reads raise `Invalid("graph_refuses")` or `Unavailable`.
        """
        found = await self._ask(lambda api: api.get_connection(page, "subscribed_apps"))
        apps = [one for one in _dicts(found.get("data")) if str(one.get("id")) == app]
        return frozenset(str(name) for one in apps for name in one.get("subscribed_fields") or ())

    async def conversations(self, page: str, after: str | None = None) -> Mapping[str, Any]:
        """One page of conversations, the last changed first, each with its newest messages."""
        return await self._page(page, "conversations", f"updated_time,messages.limit({PER_PAGE}){{{MESSAGES}}}", after)

    async def messages(self, conversation: str, after: str) -> Mapping[str, Any]:
        """Older messages of a conversation."""
        return await self._page(conversation, "messages", MESSAGES, after)

    async def feed(self, page: str, after: str | None = None) -> Mapping[str, Any]:
        """One page of posts on the page, its own and visitors', the newest first, each with its newest comments."""
        return await self._page(page, "feed", POST, after)

    async def comments(self, post: str, after: str) -> Mapping[str, Any]:
        """Older comments under a post and answers to them."""
        return await self._page(post, "comments", COMMENT, after, **ORDER)

    async def _page(self, thing: str, edge: str, fields: str, after: str | None, **asked: str) -> Mapping[str, Any]:
        more = {**asked, "after": after} if after else asked
        return await self._ask(lambda api: api.get_connection(thing, edge, fields=fields, limit=PER_PAGE, **more))

    async def _ask(self, call: Callable[[Any], Any]) -> dict[str, Any]:
        token = self._token.current()
        try:
            async with asyncio.timeout(self._access.seconds * 2):
                return await asyncio.to_thread(called, self._access, token, call)
        except TimeoutError:
            raise Unavailable("graph_too_slow", "Facebook took too long.", retry_after=RETRY_SECONDS) from None


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
