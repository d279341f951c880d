"""Fetches one file from a media host, bounded in time and bytes, over a connection to a checked address only."""

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import httpx

from gateway.egress.policy import EgressPolicy, default_port
from gateway.egress.resolving import Resolve, SystemResolver, dialled_addresses
from gateway.egress.target import Target, redirected, target_of
from gateway.errors import Invalid, Unavailable

log = logging.getLogger(__name__)

MOST_REDIRECTS: Final = 3
AT_ONCE: Final = 8
"""Downloads in memory at once; with 25 MB each, 200 MB at most."""

CONNECT_SECONDS: Final = 3.0
"""So that the next address has its turn before the time is over."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PASSING: Final = frozenset({408, 425, 429})
_LONGEST_ADVICE: Final = 60.0


@dataclass(frozen=True, slots=True, repr=False)
class Fetched:
    """A file's bytes, what its host called them (a hint: `Content-Type` without parameters), and that host."""

    content: bytes
    said_type: str
    host: str


class Fetcher:
    """Downloads under one policy; keeps no cookies, connections, credentials or proxies between two of them."""

    def __init__(self, policy: EgressPolicy, *, resolve: Resolve | None = None) -> None:
        """Take the policy; `resolve` stands for the system's resolver in tests."""
        self._policy = policy
        self._resolve = resolve or SystemResolver()
        self._tls = httpx.create_ssl_context(trust_env=False)
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def fetch(self, url: str) -> Fetched:
        """The file behind a URL.

        Raises `Invalid` when it will never be had: `egress_refused` (the URL, an address or a redirect is not
        allowed), `gone` (also an expired link), `too_large`, `not_media`. Raises `Unavailable` for what may pass:
        `dns_failed`, `host_unreachable`, `timed_out`, `host_failing`, `broken_off`. Neither quotes the URL.
        """
        target = target_of(url, self._policy)
        async with self._turn:
            try:
                async with asyncio.timeout(self._policy.seconds):
                    return await self._followed(target)
            except TimeoutError:
                raise Unavailable("timed_out", "The media host took too long.", retry_after=5.0) from None

    async def _followed(self, target: Target) -> Fetched:
        for _ in range(MOST_REDIRECTS + 1):
            found = await self._asked(target)
            if isinstance(found, Fetched):
                return found
            target = redirected(found, target, self._policy)
        raise Invalid("egress_refused", "The media host redirects too often.")

    async def _asked(self, target: Target) -> Fetched | str:
        """The file, or the location that its host redirects to."""
        addresses = await dialled_addresses(target.origin, self._resolve)
        for address in addresses:
            try:
                return await self._asked_at(target, address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                log.info("media_address_unreachable", extra={"host": target.origin.host})
            except (httpx.TransportError, OSError) as error:
                # Its text may quote what the host sent; its class says enough.
                raise Unavailable("broken_off", type(error).__name__, retry_after=5.0) from None
        raise Unavailable("host_unreachable", "No address of the media host answers.", retry_after=5.0)

    async def _asked_at(self, target: Target, address: str) -> Fetched | str:
        # One transport a request: pooled connections are told apart by address, and two names may share one.
        async with httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False) as transport:
            response = await transport.handle_async_request(_request(target, address, self._policy.seconds))
            async with aclosing(response):
                if response.status_code in _REDIRECTS:
                    return _location(response)
                _check(response)
                content = await self._body(response)
        said_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()[:100]
        return Fetched(content, said_type, target.origin.host)

    async def _body(self, response: httpx.Response) -> bytes:
        most = self._policy.max_bytes
        declared = response.headers.get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared[:20]) > most:
            raise _too_large()
        body = bytearray()
        async for chunk in response.aiter_raw():
            if len(body) + len(chunk) > most:
                raise _too_large()
            body += chunk
        if not body:
            raise Invalid("not_media", "The media host's answer is empty.")
        return bytes(body)


def _request(target: Target, address: str, seconds: float) -> httpx.Request:
    """A request to a checked address in the name of its host: nothing is resolved a second time."""
    origin = target.origin
    dialled = f"[{address}]" if ":" in address else address
    port = "" if origin.port == default_port(origin.scheme) else f":{origin.port}"
    return httpx.Request(
        "GET",
        f"{origin.scheme}://{dialled}:{origin.port}/",
        headers={
            "Host": f"{origin.host}{port}",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
            "User-Agent": "gateway-1022",
        },
        extensions={
            "sni_hostname": origin.host.strip("[]"),
            "target": target.path.encode("ascii"),
            "timeout": httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)).as_dict(),
        },
    )


def _location(response: httpx.Response) -> str:
    found = response.headers.get_list("location")
    if len(found) != 1:
        raise Invalid("egress_refused", "The media host redirects nowhere, or to several places.")
    return found[0]


def _check(response: httpx.Response) -> None:
    """Raise unless this is a whole file, sent as it is."""
    status = response.status_code
    if status in _PASSING or status >= 500:
        raise Unavailable("host_failing", f"The media host answers {status}.", retry_after=_advised(response))
    if 400 <= status < 500:
        raise Invalid("gone", f"The media host answers {status}.")
    if status != 200:
        raise Invalid("not_media", f"The media host answers {status}.")
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise Invalid("not_media", "The media host compresses although it was asked not to.")


def _advised(response: httpx.Response) -> float:
    found = response.headers.get("retry-after", "")
    return min(float(found), _LONGEST_ADVICE) if found.isascii() and found.isdigit() else 5.0


def _too_large() -> Invalid:
    return Invalid("too_large", "The file is larger than allowed.")
