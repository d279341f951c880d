"""Makes the fake misbehave as asked: the next requests by script, or a share of all of them by seed."""

import asyncio
import random
from collections import deque
from collections.abc import Sequence

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from tests.fakes.zalo.state import Script, Trouble

PLACES = ("send", "token", "upload")
HANG_SECONDS = 60.0


class Troubles:
    """What is to go wrong, by place."""

    def __init__(self) -> None:
        """Nothing goes wrong until asked."""
        self._scripted: dict[str, deque[Script | None]] = {place: deque() for place in PLACES}
        self._chance: random.Random | None = None
        self._share = 0.0
        self._kinds: Sequence[Script] = ()
        self.stopping = asyncio.Event()

    def script(self, place: str, *troubles: Script | None) -> None:
        """The next requests at `send`, `token` or `upload` go wrong in these ways, one each; None: not that one."""
        self._scripted[place].extend(troubles)

    def misbehave(self, seed: int, share: float, kinds: Sequence[Script]) -> None:
        """From now on this share of messages goes wrong, the same ones for the same seed."""
        self._chance, self._share, self._kinds = random.Random(seed), share, kinds  # noqa: S311 - a repeatable fault, no secret

    def next(self, place: str) -> Script | None:
        """What goes wrong with the request at hand."""
        if self._scripted[place]:
            return self._scripted[place].popleft()
        if place == "send" and self._chance is not None and self._chance.random() < self._share:
            return self._chance.choice(self._kinds)
        return None

    async def answer(self, trouble: Trouble) -> Response:
        """The answer of somebody in this trouble."""
        match trouble:
            case Trouble.HANG:
                await asyncio.wait([asyncio.ensure_future(self.stopping.wait())], timeout=HANG_SECONDS)
                return Response(status_code=504)
            case Trouble.DROP:
                return Dropped()
            case Trouble.HTML:
                return HTMLResponse("<html><body>Bảo trì hệ thống</body></html>")
            case Trouble.NULLS:
                return JSONResponse({"access_token": None, "refresh_token": None, "expires_in": None})
            case Trouble.HTTP_500 | Trouble.HTTP_502 | Trouble.HTTP_503:
                return HTMLResponse("<html></html>", status_code=int(trouble))


class Dropped(Response):
    """Begins to answer and lets the connection go: the server closes it when a promised body does not come."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a head without its body."""
        head = [(b"content-type", b"application/json"), (b"content-length", b"500")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
