"""One call to a platform's servers, with what may be believed after it: answered, never read, or nobody knows."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

MAX_ANSWER = 100_000
CONNECT_SECONDS = 5.0
IDLE_SECONDS = 4.0
"""Connections are dropped before the other side does it: a request on a dying one would end as `Unanswered`."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer came; `content` is None when it is larger than any answer has reason to be.

    `headers` has names in lower case.
    """

    status: int
    content: bytes | None = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unreached:
    """Nobody can have read the request: no name, no connection, no TLS."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The request may have been read, and what became of it is unknown."""


Ending = Answered | Unreached | Unanswered


def client_for(seconds: float) -> httpx.AsyncClient:
    """A client that follows no redirects, believes no proxy settings and waits so long for each step."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds), pool=CONNECT_SECONDS),
        limits=httpx.Limits(max_connections=50, keepalive_expiry=IDLE_SECONDS),
        follow_redirects=False,
        trust_env=False,
        # Unpacked sizes are bounded by packed ones only when nothing is packed.
        headers={"Accept-Encoding": "identity"},
    )


async def post(
    client: httpx.AsyncClient,
    url: str,
    *,
    seconds: float,
    headers: Mapping[str, str],
    json: Mapping[str, Any] | None = None,
    form: Mapping[str, str] | None = None,
    files: Mapping[str, tuple[str, bytes, str]] | None = None,
) -> Ending:
    """Send one POST and read its answer, all within `seconds`; raises nothing for what the network does.

    With `files`, name, content and media type by member, it is multipart/form-data and `form` holds its other members.
    """
    try:
        async with (
            asyncio.timeout(seconds),
            client.stream("POST", url, headers=dict(headers), json=json, data=form, files=files) as answer,
        ):
            return Answered(answer.status_code, await _content(answer), dict(answer.headers))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol):
        return Unreached()
    except httpx.LocalProtocolError:
        # Refused by our own side of the protocol, such as a header that cannot be one.
        return Unreached()
    except (httpx.HTTPError, TimeoutError):
        return Unanswered()


async def _content(answer: httpx.Response) -> bytes | None:
    parts = []
    size = 0
    async for chunk in answer.aiter_bytes():
        size += len(chunk)
        if size > MAX_ANSWER:
            return None
        parts.append(chunk)
    return b"".join(parts)
