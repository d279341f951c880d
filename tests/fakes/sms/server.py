"""An SMS operator's gateway of one's own on a real port: signs what citizens write, and takes what is sent to them.

It shares no code with the product: what it checks and how it signs is written here once more.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import socket
from dataclasses import dataclass, field
from typing import Any, Self

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:  # noqa: ANN401 - as in uvicorn
        """Leave signals to the tests."""
        yield


@dataclass
class FakeSms:
    """Start it with `async with`; `answers` are statuses for the next messages, before it takes them with 202."""

    secret: str
    sent: dict[str, dict[str, str]] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)
    calls: int = 0

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        sock = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{sock.getsockname()[1]}"
        app = Starlette(
            routes=[
                Route("/messages", self._taken, methods=["POST"]),
                Route("/pictures/{name}", self._picture),
            ]
        )
        self._server = _Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        self._serving = asyncio.create_task(self._server.serve(sockets=[sock]))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening."""
        self._server.should_exit = True
        await self._serving

    async def deliver(self, url: str, message: dict[str, Any], *, secret: str | None = None) -> int:
        """Send what a citizen wrote to a webhook, once; its status."""
        body = json.dumps(message, ensure_ascii=False).encode()
        mac = hmac.new((secret or self.secret).encode(), body, hashlib.sha256).hexdigest()
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            return (await client.post(url, content=body, headers={"X-Sms-Signature": mac})).status_code

    def texts_to(self, phone: str) -> list[str]:
        """What somebody got, in order."""
        return [one["text"] for one in self.sent.values() if one["to"] == phone]

    async def _taken(self, request: Request) -> Response:
        self.calls += 1
        if request.headers.get("authorization") != f"Bearer {self.secret}":
            return JSONResponse({"error": "unauthorized"}, 401)
        if self.answers:
            return JSONResponse({"error": "scripted"}, self.answers.pop(0))
        message = await request.json()
        self.sent.setdefault(message["reference"], message)
        return JSONResponse({"accepted": True}, 202)

    async def _picture(self, request: Request) -> Response:
        found = self.pictures.get(request.path_params["name"])
        return Response(status_code=404) if found is None else Response(found, media_type="image/jpeg")
