"""A media host whose links end, as fbcdn's do."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.fakes.facebook.state import State

LINK_SECONDS = 3600.0


class MediaHost:
    """Serves what citizens attached."""

    def __init__(self, state: State) -> None:
        """Take what is known."""
        self._state = state

    def routes(self) -> list[Route]:
        """The one of media."""
        return [Route("/media/{name}", self._media)]

    async def _media(self, request: Request) -> Response:
        found = self._state.photos.get(request.path_params["name"])
        if found is None or "oe" not in request.query_params:
            return PlainTextResponse("Bad URL hash", status_code=403)
        content, kind, until = found
        if self._state.clock() > until:
            return PlainTextResponse("URL signature expired", status_code=403)
        return Response(content, media_type=kind)


def link(state: State, base: str, name: str, content: bytes, kind: str = "image/jpeg") -> str:
    """Keep a file and give the link to it."""
    until = state.clock() + LINK_SECONDS
    state.photos[name] = (content, kind, until)
    return f"{base}/media/{name}?_nc_cat=1&oh=03_Q7c&oe={int(until):X}"
