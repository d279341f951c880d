"""The fake's other OpenAPI calls: who a citizen is, quota, the OA itself, recent chats, uploads; and its media host."""

import json
import secrets
from collections.abc import Awaitable, Callable

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.zalo.messages import refused
from tests.fakes.zalo.state import State
from tests.fakes.zalo.troubles import Troubles

IMAGE_BYTES = 1_048_576
FILE_BYTES = 5 * 1_048_576
PAGE = 10

Answer = Callable[[Request, str], Awaitable[Response]]


class LookupServer:
    """Everything but messages and tokens."""

    def __init__(self, state: State, troubles: Troubles) -> None:
        """Take what the fake knows, and what is to go wrong with uploads."""
        self._state = state
        self._troubles = troubles

    def routes(self) -> list[Route]:
        """Where it answers; media need no token."""
        return [
            Route("/v3.0/oa/user/detail", self._granted(self.user_detail), methods=["GET"]),
            Route("/v3.0/oa/quota/message", self._granted(self.quota), methods=["POST"]),
            Route("/v2.0/oa/getoa", self._granted(self.getoa), methods=["GET"]),
            Route("/v2.0/oa/listrecentchat", self._granted(self.recent), methods=["GET"]),
            Route("/v2.0/oa/upload/image", self._granted(self.upload_image), methods=["POST"]),
            Route("/v2.0/oa/upload/gif", self._granted(self.upload_gif), methods=["POST"]),
            Route("/v2.0/oa/upload/file", self._granted(self.upload_file), methods=["POST"]),
            Route("/media/{name:path}", self.media, methods=["GET"]),
        ]

    def _granted(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        async def checked(request: Request) -> Response:
            oa, error = self._state.owner_of(request.headers.get("access_token", ""))
            return refused(error) if oa is None else await answer(request, oa)

        return checked

    async def user_detail(self, request: Request, _: str) -> Response:
        """A follower's profile."""
        user = json.loads(request.query_params.get("data", "{}")).get("user_id", "")
        if user not in self._state.names:
            return refused(-213)
        data = {"user_id": user, "display_name": self._state.names[user], "user_is_follower": True, "shared_info": {}}
        return JSONResponse({"data": data, "error": 0, "message": "Success"})

    async def quota(self, _: Request, __: str) -> Response:
        """What may still be sent."""
        data = [{"product_type": "cs", "quota_type": "sub_quota", "total": 10_000, "remain": self._state.quota_left}]
        return JSONResponse({"data": data, "error": 0, "message": "Success"})

    async def getoa(self, _: Request, oa: str) -> Response:
        """The OA itself."""
        data = {"oaid": oa, "name": "Tổng đài 1022", "oa_type": 4, "is_verified": True}
        return JSONResponse({"data": data, "error": 0, "message": "Success"})

    async def recent(self, _: Request, __: str) -> Response:
        """The last messages, ten at most."""
        data = [
            {"src": 0, "message_id": one.message_id, "message": one.text, "time": int(one.at * 1000)}
            for one in self._state.taken[-PAGE:]
        ]
        return JSONResponse({"data": data, "error": 0, "message": "Success"})

    async def upload_image(self, request: Request, _: str) -> Response:
        """A picture for a message."""
        return await self._uploaded(request, "attachment_id", IMAGE_BYTES, (b"\xff\xd8\xff", b"\x89PNG"))

    async def upload_gif(self, request: Request, _: str) -> Response:
        """A moving picture for a message."""
        return await self._uploaded(request, "attachment_id", FILE_BYTES, (b"GIF87a", b"GIF89a"))

    async def upload_file(self, request: Request, _: str) -> Response:
        """A document for a message."""
        return await self._uploaded(request, "token", FILE_BYTES, (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))

    async def _uploaded(self, request: Request, name: str, most: int, heads: tuple[bytes, ...]) -> Response:
        trouble = self._troubles.next("upload")
        if isinstance(trouble, int):
            return refused(trouble)
        if trouble is not None:
            return await self._troubles.answer(trouble)
        async with request.form() as form:
            file = form.get("file")
            content = await file.read() if isinstance(file, UploadFile) else b""
        if not content.startswith(heads) or len(content) > most:
            return refused(-201)
        made = secrets.token_urlsafe(12)
        self._state.uploads[made] = content
        return JSONResponse({"data": {name: made}, "error": 0, "message": "Success"})

    async def media(self, request: Request) -> Response:
        """What a citizen sent."""
        content, kind = self._state.media.get(request.path_params["name"], (b"", ""))
        return Response(content, media_type=kind) if content else Response(status_code=404)
