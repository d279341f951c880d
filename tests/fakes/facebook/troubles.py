"""Makes the fake misbehave as asked: the next requests by script, or a share of all of them by seed."""

import asyncio
import random
from collections import deque
from collections.abc import Sequence

from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from tests.fakes.facebook.state import Script, Trouble

PLACES = ("messages", "uploads", "comments", "profile", "subscribed_apps", "conversations", "feed", "reading_comments")
HANG_SECONDS = 60.0


class Troubles:
    """What is to go wrong, by place."""

    def __init__(self) -> None:
        """Nothing goes wrong until asked."""
        self._scripted: dict[str, deque[Script]] = {place: deque() for place in PLACES}
        self._chance: random.Random | None = None
        self._share = 0.0
        self._kinds: Sequence[Script] = ()
        self.stopping = asyncio.Event()

    def script(self, place: str, *troubles: Script) -> None:
        """The next requests at a place go wrong in these ways, one each."""
        self._scripted[place].extend(troubles)

    def misbehave(self, seed: int, share: float, kinds: Sequence[Script]) -> None:
        """From now on this share of messages goes wrong, the same ones for the same seed."""
        self._chance, self._share, self._kinds = random.Random(seed), share, kinds  # noqa: S311 - a repeatable fault

    def next(self, place: str) -> Script | None:
        """What goes wrong with the request at hand."""
        if self._scripted[place]:
            return self._scripted[place].popleft()
        if place == "messages" and self._chance is not None and self._chance.random() < self._share:
            return self._chance.choice(self._kinds)
        return None

    async def answer(self, trouble: Trouble) -> Response:
        """The answer of somebody in this trouble."""
        match trouble:
            case Trouble.HANG:
                stopping = asyncio.ensure_future(self.stopping.wait())
                await asyncio.wait([stopping], timeout=HANG_SECONDS)
                stopping.cancel()
                return Response(status_code=504)
            case Trouble.DROP_BEFORE | Trouble.DROP_AFTER:
                return Dropped()
            case Trouble.HTML_502:
                return HTMLResponse("<html><body>Bad Gateway</body></html>", status_code=502)
            case Trouble.NOT_JSON | Trouble.NEW_USAGE_MEMBER:
                return PlainTextResponse("ok")
            case Trouble.REDIRECT:
                return RedirectResponse("http://127.0.0.1:9/elsewhere", status_code=307)


class Dropped(Response):
    """Begins to answer and lets the connection go: the server closes it when a promised body does not come."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a head without its body."""
        head = [(b"content-type", b"application/json"), (b"content-length", b"500")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
