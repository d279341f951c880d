"""Reads request bodies within bounds of size and time, whatever the headers claim."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.types import Message

from gateway.errors import Invalid, Unavailable
from services.web_ingest.settings import WebSettings


class UploadMemory:
    """Counts the bytes that uploads hold at once, so that many of them cannot exhaust the machine."""

    def __init__(self, limit: int) -> None:
        """Take the most bytes that may be held."""
        self._left = limit

    def take(self, size: int) -> None:
        """Reserve `size` bytes; raises `Unavailable` when others hold too many."""
        if size > self._left:
            raise Unavailable("uploads_busy", "Too many uploads are under way.", retry_after=10.0)
        self._left -= size

    def give_back(self, size: int) -> None:
        """Release what was reserved."""
        self._left += size


def check_declared(request: Request, limit: int) -> None:
    """Refuse by Content-Length alone, before anything is read; raises `Invalid`."""
    declared = request.headers.get("content-length", "0")
    if not (declared.isascii() and declared.isdigit()):
        raise Invalid("bad_content_length", "Content-Length is not a number.")
    if len(declared) > 15 or int(declared) > limit:
        raise Invalid("too_large", "The body is larger than allowed.")


async def chunks(request: Request, settings: WebSettings) -> AsyncIterator[bytes]:
    """The body's chunks; raises `Invalid("timeout")` on a silent or endless sender, `Invalid("disconnected")`."""
    loop = asyncio.get_running_loop()
    end = loop.time() + settings.body_seconds
    more = True
    try:
        while more:
            message = await _awaited(request, min(end, loop.time() + settings.idle_seconds))
            if message["type"] == "http.disconnect":
                raise Invalid("disconnected", "The sender went away before the end.")
            more = message.get("more_body", False)
            if chunk := message.get("body", b""):
                yield chunk
    except TimeoutError as error:
        raise Invalid("timeout", "The body did not come in time.") from error


async def _awaited(request: Request, end: float) -> Message:
    """The next message from the server; raises `TimeoutError` at `end` (the loop's time).

    What has come already is given without an alarm being set, since setting and stopping one costs more than the rest:
    the loop gets its turn to set it only when there is something to wait for.
    """
    async with asyncio.timeout(None) as alarm:
        setting = asyncio.get_running_loop().call_soon(alarm.reschedule, end)
        try:
            return await request.receive()
        finally:
            setting.cancel()


async def whole_body(request: Request, settings: WebSettings, limit: int) -> bytes:
    """The body as bytes; raises `Invalid("too_large")` as soon as it is longer than `limit`."""
    check_declared(request, limit)
    parts = []
    size = 0
    async for chunk in chunks(request, settings):
        size += len(chunk)
        if size > limit:
            raise Invalid("too_large", "The body is larger than allowed.")
        parts.append(chunk)
    return parts[0] if len(parts) == 1 else b"".join(parts)
