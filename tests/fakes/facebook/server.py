"""A Facebook of one's own on a real port: Graph API, media host and webhooks, with tricks to play on the gateway.

It shares no code with the product: what it checks and how it signs is written here once more, from Facebook's pages.
"""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette

from tests.fakes.facebook.events import Event, Events, image
from tests.fakes.facebook.feed import album, photo, written
from tests.fakes.facebook.graph import GraphServer
from tests.fakes.facebook.media import MediaHost, link
from tests.fakes.facebook.state import DAY, Sent, State
from tests.fakes.facebook.troubles import Troubles
from tests.fakes.facebook.webhooks import Webhooks

STAFF_APP = 26390203743090


class FakeFacebook:
    """Start it with `async with`; then `state` says what was sent, `webhooks` sends, `troubles` goes wrong."""

    def __init__(
        self,
        *,
        page: str,
        app: str,
        app_secret: str,
        tokens: set[str],
        webhook_url: str = "",
        port: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take the page, the app with its secret, tokens that hold, and where events go (empty: nowhere)."""
        self.state = State(page, app, app_secret, set(tokens), clock)
        self.events = Events(page)
        self.troubles = Troubles()
        self.webhooks = Webhooks(webhook_url, app_secret, self.events)
        self.echoes = True
        self.echo_seconds = 0.0
        """After how long an echo is sent."""
        self._port = port
        self._tasks: set[asyncio.Task[object]] = set()
        self._server: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """Its base address, for the Graph API and media alike."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def now(self) -> float:
        """Its time in seconds."""
        return self.state.clock()

    def sends(self) -> list[str]:
        """Every attempt at sending a message, whatever came of it."""
        return [one for one in self.state.requests if one.startswith("POST") and one.endswith("/messages")]

    def all_told(self) -> bool:
        """Whether the gateway took the echo of everything that the page said."""
        return not self._tasks

    async def say(self, user: str, text: str, *, photos: dict[str, bytes] | None = None) -> str:
        """A citizen writes into the inbox, which opens the window for answers; returns the message's id."""
        mid = f"m_said{self.state.number()}"
        attachments = [image(link(self.state, self.address, name, one)) for name, one in (photos or {}).items()]
        self.state.last_words[user] = self.now
        self.state.keep(user, mid, user, text, attachments)
        hanging: dict[str, Any] = {"attachments": attachments} if attachments else {}
        await self.webhooks.send(self.events.text(user, text, mid, self.now, **hanging), at=self.now)
        return mid

    async def edit(self, user: str, mid: str, text: str, number: int = 1) -> None:
        """A citizen changes a message."""
        self.state.last_words[user] = self.now
        await self.webhooks.send(self.events.edit(user, text, mid, number, self.now), at=self.now)

    async def comment(
        self,
        author: str,
        text: str,
        *,
        inbox: str = "",
        named: bool = True,
        above: str = "",
        picture: tuple[str, bytes] | None = None,
    ) -> str:
        """A citizen comments under the page's post, or under the comment `above`; returns the comment's id.

        `inbox` is their id in the inbox, if it is another one; `named` whether Facebook says who they are.
        """
        number = self.state.number()
        comment, post = f"122100456789_{number:012}", self.own_post()
        self.state.authors[comment] = (inbox or author, self.now)
        told = {"id": author, "name": "Người Bình Luận"} if named else None
        kept: Event = {"id": comment, "message": text, "created_time": written(self.now)}
        members: Event = {}
        if above:
            kept["parent"], members["parent_id"] = {"id": above}, above
        if picture is not None:
            members["photo"] = link(self.state, self.address, *picture)
            kept["attachment"] = photo(f"{number}7", members["photo"])
        self.state.comments.setdefault(post, []).append(kept if told is None else {**kept, "from": told})
        await self.webhooks.send(self.events.comment(told, text, comment, post, self.now, **members), at=self.now)
        return comment

    def own_post(self) -> str:
        """The page's own post that citizens comment under, of the day before."""
        post = f"{self.state.page}_122100456789"
        own = {"id": self.state.page, "name": "Tổng đài 1022"}
        kept = {"id": post, "message": "Thông báo lịch cắt nước", "from": own, "created_time": written(self.now - DAY)}
        self.state.posts.setdefault(post, kept)
        return post

    async def visit(self, author: str, text: str, *, photos: Mapping[str, bytes] | None = None) -> str:
        """A citizen posts on the page; each photo is an event of its own, and they all come before the words."""
        post = f"{self.state.page}_1221009{self.state.number():05}"
        self.state.authors[post] = (author, self.now)
        told = {"id": author, "name": "Khách Ghé Thăm"}
        named = {
            f"{self.state.number()}8": link(self.state, self.address, name, content)
            for name, content in (photos or {}).items()
        }
        hanging = [photo(name, url) for name, url in named.items()]
        kept: Event = {"id": post, "message": text, "from": told, "created_time": written(self.now)}
        if hanging:
            kept["attachments"] = {"data": hanging if len(hanging) == 1 else [album(hanging)]}
        self.state.posts[post] = kept
        for name, url in named.items():
            members = {"item": "photo", "photo_id": name, "link": url}
            await self.webhooks.send(self.events.visitor_post(told, "", post, self.now, **members), at=self.now)
        await self.webhooks.send(self.events.visitor_post(told, text, post, self.now), at=self.now)
        return post

    async def answer_as_staff(self, user: str, text: str) -> None:
        """Staff write in the page's own inbox."""
        mid = f"m_staff{self.state.number()}"
        self.state.keep(user, mid, self.state.page, text, [])
        await self.webhooks.send(self.events.echo(user, text, mid, self.now, app=STAFF_APP), at=self.now)

    async def __aenter__(self) -> Self:
        """Listen."""
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", self._port))
        sock.listen()
        self._port = sock.getsockname()[1]
        routes = [*MediaHost(self.state).routes(), *GraphServer(self.state, self.troubles, self._told).routes()]
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

    def _told(self, sent: Sent) -> None:
        """Facebook tells of what the page said, as of what citizens say."""
        if not self.echoes:
            return
        event = self.events.echo(
            sent.user, sent.text, sent.message_id, sent.at, app=int(self.state.app), metadata=sent.metadata
        )
        task: asyncio.Task[object] = asyncio.create_task(self._echo(event, at=sent.at))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _echo(self, event: Event, *, at: float) -> None:
        await asyncio.sleep(self.echo_seconds)
        await self.webhooks.send(event, at=at)
