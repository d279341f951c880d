"""Reads request bodies within bounds of size and time, whatever the headers claim."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Final

from starlette.types import Message, Receive

from gateway.errors import Invalid

MOST_DIGITS: Final = 15

Headers = Iterable[tuple[bytes, bytes]]
"""As ASGI gives them: names in lower case."""


def check_declared(headers: Headers, limit: int) -> None:
    """Refuse by Content-Length alone, before anything is read; raises `Invalid`."""
    declared = next((value for name, value in headers if name == b"content-length"), b"0")
    if not declared.isdigit():
        raise Invalid("bad_content_length", "Content-Length is not a number.")
    if len(declared) > MOST_DIGITS or int(declared) > limit:
        raise Invalid("too_large", "The body is larger than allowed.")


async def chunks(receive: Receive, *, seconds: float, idle_seconds: float | None = None) -> AsyncIterator[bytes]:
    """The body's chunks; raises `Invalid("timeout")` on a silent or endless sender, `Invalid("disconnected")`."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    more = True
    try:
        while more:
            until = end if idle_seconds is None else min(end, loop.time() + idle_seconds)
            message = await _awaited(receive, until)
            if message["type"] == "http.disconnect":
                raise Invalid("disconnected", "The sender went away before the end.")
            more = message.get("more_body", False)
            if chunk := message.get("body", b""):
                yield chunk
    except TimeoutError as error:
        raise Invalid("timeout", "The body did not come in time.") from error


async def _awaited(receive: Receive, end: float) -> Message:
    """The next message from the server; raises `TimeoutError` at `end` (the loop's time).

    What has come already is given without an alarm being set, since setting and stopping one costs more than the rest:
    the loop gets its turn to set it only when there is something to wait for.
    """
    async with asyncio.timeout(None) as alarm:
        setting = asyncio.get_running_loop().call_soon(alarm.reschedule, end)
        try:
            return await receive()
        finally:
            setting.cancel()


async def whole_body(
    headers: Headers, receive: Receive, *, limit: int, seconds: float, idle_seconds: float | None = None
) -> bytes:
    """The body as bytes; raises `Invalid`, and `Invalid("too_large")` as soon as it is longer than `limit`."""
    check_declared(headers, limit)
    parts = []
    size = 0
    async for chunk in chunks(receive, seconds=seconds, idle_seconds=idle_seconds):
        size += len(chunk)
        if size > limit:
            raise Invalid("too_large", "The body is larger than allowed.")
        parts.append(chunk)
    return parts[0] if len(parts) == 1 else b"".join(parts)
