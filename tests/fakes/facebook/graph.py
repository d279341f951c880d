"""The Graph API as far as the gateway uses it, with Facebook's windows, limits and errors."""

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.facebook.errors import graph_error
from tests.fakes.facebook.feed import RefusedAsking, comments_under, feed, written
from tests.fakes.facebook.inbox import conversations, messages_of
from tests.fakes.facebook.state import DAY, GraphError, PublicReply, Sent, State, Trouble
from tests.fakes.facebook.troubles import Troubles

LONGEST_TEXT = 2000
LARGEST_FILE = 25_000_000
OUTSIDE = GraphError(10, 2018278)
Handler = Callable[[Request], Awaitable[Response]]


class GraphServer:
    """Its endpoints; `told` is called with every message that was taken."""

    def __init__(self, state: State, troubles: Troubles, told: Callable[[Sent], None]) -> None:
        """Take what is known, what goes wrong, and who is told of messages."""
        self._state = state
        self._troubles = troubles
        self._told = told

    def routes(self) -> list[Route]:
        """The edges before the objects: the last one answers for everything else."""
        return [
            Route("/v{version}/{page}/messages", self._checked("messages", self._messages), methods=["POST"]),
            Route("/v{version}/{page}/message_attachments", self._checked("uploads", self._upload), methods=["POST"]),
            Route("/v{version}/{thing}/messages", self._checked("conversations", self._older), methods=["GET"]),
            Route("/v{version}/{thing}/comments", self._checked("comments", self._comment), methods=["POST"]),
            Route("/v{version}/{thing}/comments", self._checked("reading_comments", self._comments), methods=["GET"]),
            Route("/v{version}/{page}/feed", self._checked("feed", self._feed), methods=["GET"]),
            Route("/v{version}/{page}/subscribed_apps", self._checked("subscribed_apps", self._subscribe)),
            Route(
                "/v{version}/{page}/subscribed_apps",
                self._checked("subscribed_apps", self._subscribe),
                methods=["POST"],
            ),
            Route("/v{version}/{page}/conversations", self._checked("conversations", self._conversations)),
            Route("/v{version}/{user}", self._checked("profile", self._profile)),
        ]

    def _checked(self, place: str, handler: Handler) -> Handler:
        """The handler behind what every call must show, and with what was asked to go wrong here."""

        async def answer(request: Request) -> Response:
            try:
                return await answered(request)
            finally:
                # Uploaded files are let go, whoever looked at them.
                await request.close()

        async def answered(request: Request) -> Response:
            self._state.requests.append(f"{request.method} {request.url.path}")
            fault = await self._fault(request)
            if fault is not None:
                return self._refused(fault)
            match self._troubles.next(place):
                case GraphError() as error:
                    return self._refused(error)
                case Trouble.DROP_AFTER:
                    await handler(request)
                    return await self._troubles.answer(Trouble.DROP_AFTER)
                case Trouble.NEW_USAGE_MEMBER:
                    response = await handler(request)
                    response.headers["X-App-Usage"] = json.dumps({"call_count": 1, "a_member_of_next_year": 7})
                    return response
                case Trouble() as trouble:
                    return await self._troubles.answer(trouble)
                case None:
                    return await handler(request)

        return answer

    async def _fault(self, request: Request) -> GraphError | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self._state.tokens or "access_token" in request.query_params:
            return GraphError(190, 460)
        given = request.query_params.get("appsecret_proof") or (await self._body(request)).get("appsecret_proof")
        right = hmac.new(self._state.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        return None if given == right else GraphError(100)

    async def _messages(self, request: Request) -> Response:
        body = await self._body(request)
        text = body["message"].get("text", "")
        if len(text.encode("utf-16-le")) // 2 > LONGEST_TEXT:
            return self._refused(GraphError(100, 2018109))
        attachment = body["message"].get("attachment")
        kept = self._state.uploads.get(attachment["payload"].get("attachment_id", "")) if attachment else None
        if attachment and (kept is None or kept[0] != attachment["type"] or text):
            return self._refused(GraphError(100))
        if not attachment and not text:
            return self._refused(GraphError(100, 2018034))
        user = self._recipient(body)
        if isinstance(user, GraphError):
            return self._refused(user)
        sent = Sent(
            recipient=body["recipient"],
            user=user,
            text=text,
            metadata=body["message"].get("metadata", ""),
            tag=body.get("tag", ""),
            message_id=f"m_sent{self._state.number()}",
            at=self._state.clock(),
            file=kept[1] if kept else None,
        )
        self._state.sent.append(sent)
        self._state.keep(user, sent.message_id, self._state.page, text, [])
        self._told(sent)
        named = {"recipient_id": user} if "id" in body["recipient"] else {}
        return JSONResponse({**named, "message_id": sent.message_id})

    async def _upload(self, request: Request) -> Response:
        async with request.form() as form:
            message, file = form.get("message"), form.get("filedata")
            if not isinstance(message, str) or not isinstance(file, UploadFile):
                return self._refused(GraphError(100))
            content = await file.read()
            asked = json.loads(message)["attachment"]
        kind = (file.content_type or "").partition("/")[0]
        if asked["type"] != (kind if kind in ("image", "video", "audio") else "file"):
            return self._refused(GraphError(100, 2018047))
        if len(content) > LARGEST_FILE:
            return self._refused(GraphError(100, 2018109))
        name = str(self._state.number())
        self._state.uploads[name] = (asked["type"], content)
        return JSONResponse({"attachment_id": name})

    def _recipient(self, body: dict[str, Any]) -> str | GraphError:
        """Who gets a message, or why nobody does."""
        recipient = body["recipient"]
        thing = recipient.get("comment_id") or recipient.get("post_id")
        if thing is not None:
            author, at = self._state.authors.get(thing, ("", 0.0))
            if not author:
                return GraphError(100, 2018001)
            if thing in self._state.privately_answered:
                return GraphError(10900)
            if self._state.clock() - at > 7 * DAY:
                return OUTSIDE
            self._state.privately_answered.add(thing)
            return author
        user = recipient["id"]
        since = self._state.clock() - self._state.last_words.get(user, 0.0)
        tagged = body["messaging_type"] == "MESSAGE_TAG"
        if tagged and not (body.get("tag") == "HUMAN_AGENT" and self._state.human_agent):
            return GraphError(100)
        return user if since < (7 * DAY if tagged else DAY) else OUTSIDE

    async def _comment(self, request: Request) -> Response:
        body = await self._body(request)
        comment = f"c_{self._state.number()}"
        under = request.path_params["thing"]
        self._state.public.append(PublicReply(under, body["message"], comment))
        own = {"id": comment, "message": body["message"], "from": {"id": self._state.page, "name": "1022"}}
        self._state.comments.setdefault(self._post_of(under), []).append(
            {**own, "parent": {"id": under}, "created_time": written(self._state.clock())}
        )
        return JSONResponse({"id": comment})

    def _post_of(self, thing: str) -> str:
        """The post that a comment stands under, or the post itself."""
        under = (post for post, comments in self._state.comments.items() if any(one["id"] == thing for one in comments))
        return next(under, thing)

    async def _feed(self, request: Request) -> Response:
        if request.path_params["page"] != self._state.page:
            return self._refused(GraphError(100, 33))
        try:
            return JSONResponse(feed(self._state, request.query_params))
        except RefusedAsking:
            return self._refused(GraphError(100))

    async def _comments(self, request: Request) -> Response:
        post = request.path_params["thing"]
        if post not in self._state.posts:
            return self._refused(GraphError(100, 33))
        try:
            return JSONResponse(comments_under(self._state, post, request.query_params))
        except RefusedAsking:
            return self._refused(GraphError(100))

    async def _subscribe(self, request: Request) -> Response:
        if request.method == "POST":
            self._state.subscribed |= set((await self._body(request)).get("subscribed_fields", "").split(","))
            return JSONResponse({"success": True})
        if not self._state.subscribed:
            return JSONResponse({"data": []})
        own = {"id": self._state.app, "name": "1022", "subscribed_fields": sorted(self._state.subscribed)}
        return JSONResponse({"data": [own]})

    async def _profile(self, request: Request) -> Response:
        user = request.path_params["user"]
        if user not in self._state.names:
            return JSONResponse({})
        name = self._state.names[user]
        if name is None:
            return self._refused(GraphError(100, 2018218))
        return JSONResponse({"last_name": name[0], "first_name": name[1], "id": user})

    async def _conversations(self, request: Request) -> Response:
        return JSONResponse(conversations(self._state, request.query_params))

    async def _older(self, request: Request) -> Response:
        user = request.path_params["thing"].removeprefix("t_")
        return JSONResponse(messages_of(self._state.threads.get(user, []), request.query_params))

    async def _body(self, request: Request) -> dict[str, Any]:
        if request.headers.get("content-type", "").startswith("application/json"):
            found = json.loads(await request.body())
            return found if isinstance(found, dict) else {}
        return dict(await request.form()) if request.method == "POST" else {}

    def _refused(self, error: GraphError) -> Response:
        self._state.refused.append(error.code)
        return graph_error(error, self._state.page)
