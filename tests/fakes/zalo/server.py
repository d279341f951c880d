"""A Zalo of one's own on a real port: OAuth, OpenAPI, media host and webhooks, with tricks to play on the gateway.

It shares no code with the product: what it checks and how it signs is written here once more, from Zalo's pages.
"""

import asyncio
import contextlib
import socket
import time
from collections.abc import Mapping
from typing import Self

import uvicorn
from starlette.applications import Starlette

from tests.fakes.zalo.events import Event, Events
from tests.fakes.zalo.lookups import LookupServer
from tests.fakes.zalo.messages import MessageServer
from tests.fakes.zalo.oauth import OAuthServer
from tests.fakes.zalo.state import TOKEN_SECONDS, State, Taken, Tokens
from tests.fakes.zalo.troubles import Troubles
from tests.fakes.zalo.webhooks import Webhooks


class FakeZalo:
    """Start it with `async with`; then `state` says what was sent, `webhooks` sends, `troubles` goes wrong."""

    def __init__(
        self,
        *,
        app_id: str,
        app_secret: str,
        oas: Mapping[str, str],
        tokens: Mapping[str, tuple[str, str]] | None = None,
        webhook_url: str = "",
        port: int = 0,
    ) -> None:
        """Take the app, each OA with its secret, the pairs granted before, and where events go (empty: nowhere)."""
        until = time.time() + TOKEN_SECONDS
        granted = {oa: Tokens(access, refresh, until) for oa, (access, refresh) in (tokens or {}).items()}
        self.state = State(app_id, app_secret, dict(oas), granted)
        self.troubles = Troubles()
        self.webhooks = Webhooks(webhook_url, app_id, oas)
        self.echoes = True
        self.echo_seconds = 0.0
        """After how long an echo is sent."""
        self._port = port
        self._tasks: set[asyncio.Task[object]] = set()
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """Its base address, for OpenAPI, OAuth and media alike."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def now(self) -> int:
        """Its time in milliseconds."""
        return int(self.state.clock() * 1000)

    def events(self, oa: str = "") -> Events:
        """Writes events for an OA, by default the first."""
        return Events(self.state.app_id, oa or next(iter(self.state.oas)))

    async def say(self, user: str, text: str) -> None:
        """A citizen writes, which opens the window for answers."""
        self.state.interactions[user] = self.state.clock()
        await self.webhooks.send(self.events().text(user, text, self.now))

    async def show(self, user: str, *names: str) -> None:
        """A citizen sends pictures: one event each."""
        self.state.interactions[user] = self.state.clock()
        for name in names:
            await self.webhooks.send(self.events().image(user, f"{self.address}/media/{name}", self.now))

    async def __aenter__(self) -> Self:
        """Listen."""
        # With the protocol named, asyncio sends small answers at once instead of waiting for an acknowledgement.
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", self._port))
        sock.listen()
        self._port = sock.getsockname()[1]
        routes = [
            *OAuthServer(self.state, self.troubles).routes(),
            *MessageServer(self.state, self.troubles, self._told).routes(),
            *LookupServer(self.state, self.troubles).routes(),
        ]
        config = uvicorn.Config(
            Starlette(routes=routes), log_config=None, lifespan="off", access_log=False, timeout_graceful_shutdown=2
        )
        self._server = uvicorn.Server(config)
        self._server.capture_signals = contextlib.nullcontext  # type: ignore[assignment,method-assign]
        self._serving = asyncio.create_task(self._server.serve(sockets=[sock]))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop, and wait for what is under way."""
        self.troubles.stopping.set()
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.webhooks.close()

    def _told(self, taken: Taken) -> None:
        """Zalo tells of what the OA said, as of what citizens say."""
        user = taken.recipient.get("user_id")
        if not (self.echoes and self.webhooks.url and user):
            return
        events, at = Events(self.state.app_id, taken.oa), int(taken.at * 1000)
        event = events.sent(user, taken.text, taken.message_id, at, kind=taken.kind)
        task: asyncio.Task[object] = asyncio.create_task(self._echo(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _echo(self, event: Event) -> None:
        await asyncio.sleep(self.echo_seconds)
        await self.webhooks.send(event)
