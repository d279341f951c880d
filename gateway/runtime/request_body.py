"""Reads request bodies within bounds of size and time, whatever the headers claim."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Final

from starlette.types import Receive

from gateway.errors import Invalid

MOST_DIGITS: Final = 15

Headers = Iterable[tuple[bytes, bytes]]
"""As ASGI gives them: names in lower case."""


def check_declared(headers: Headers, limit: int) -> None:
    """Refuse by Content-Length alone, before anything is read; raises `Invalid`."""
    for name, declared in headers:
        if name == b"content-length":
            if not declared.isdigit():
                raise Invalid("bad_content_length", "Content-Length is not a number.")
            if len(declared) > MOST_DIGITS or int(declared) > limit:
                raise Invalid("too_large", "The body is larger than allowed.")
            return


async def chunks(receive: Receive, *, seconds: float, idle_seconds: float | None = None) -> AsyncIterator[bytes]:
    """The body's chunks; raises `Invalid("timeout")` on a silent or endless sender, `Invalid("disconnected")`."""
    end = asyncio.get_running_loop().time() + seconds
    more = True
    while more:
        chunk, more = await _next_chunk(receive, end, idle_seconds)
        if chunk:
            yield chunk


async def _next_chunk(receive: Receive, end: float, idle_seconds: float | None) -> tuple[bytes, bool]:
    """What comes next before `end` (the loop's time), and whether more follows; raises like `chunks`.

    What has come already is given without an alarm being set, since setting and stopping one costs more than the rest:
    the loop gets its turn to set it only when there is something to wait for.
    """
    loop = asyncio.get_running_loop()
    until = end if idle_seconds is None else min(end, loop.time() + idle_seconds)
    try:
        async with asyncio.timeout(None) as alarm:
            setting = loop.call_soon(alarm.reschedule, until)
            try:
                message = await receive()
            finally:
                setting.cancel()
    except TimeoutError as error:
        raise Invalid("timeout", "The body did not come in time.") from error
    if message["type"] == "http.disconnect":
        raise Invalid("disconnected", "The sender went away before the end.")
    return message.get("body", b""), message.get("more_body", False)


async def whole_body(
    headers: Headers, receive: Receive, *, limit: int, seconds: float, idle_seconds: float | None = None
) -> bytes:
    """The body as bytes; raises `Invalid`, and `Invalid("too_large")` as soon as it is longer than `limit`."""
    check_declared(headers, limit)
    end = asyncio.get_running_loop().time() + seconds
    parts = []
    size = 0
    more = True
    while more:
        chunk, more = await _next_chunk(receive, end, idle_seconds)
        size += len(chunk)
        if size > limit:
            raise Invalid("too_large", "The body is larger than allowed.")
        parts.append(chunk)
    return parts[0] if len(parts) == 1 else b"".join(parts)
