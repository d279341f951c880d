"""Turns a host into the addresses that may be dialled: all of them are public, or none is used."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from gateway.egress.addresses import is_loopback, is_public
from gateway.egress.policy import Origin
from gateway.errors import Invalid, Unavailable

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""From host name and port to addresses in the order of preference; raises `OSError` when there is no answer."""

MOST_DIALLED: Final = 4
MOST_THREADS: Final = 4


class SystemResolver:
    """What the system's resolver says, its order kept (RFC 6724)."""

    def __init__(self) -> None:
        """Resolve in threads of its own: a name server that does not answer must not take those of the file store."""
        self._threads = ThreadPoolExecutor(max_workers=MOST_THREADS, thread_name_prefix="resolve")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a host; raises `OSError`."""
        ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        return [str(address[0]) for *_, address in found]


async def dialled_addresses(origin: Origin, resolve: Resolve) -> Sequence[str]:
    """At most four addresses to dial, each checked.

    One that is not public spoils the whole answer: a name that mixes both is not a media host's. Raises
    `Invalid("egress_refused")`, and `Unavailable("dns_failed")` when there is no answer.
    """
    try:
        found = list(dict.fromkeys(await resolve(origin.host.strip("[]"), origin.port)))
    except (OSError, UnicodeError):
        # Without its cause, whose text may name the host's resolver.
        raise Unavailable("dns_failed", "The media host's name has no address now.") from None
    if not found:
        raise Unavailable("dns_failed", "The media host's name has no address now.")
    fits = is_loopback if origin.is_loopback else is_public
    if not all(fits(address) for address in found):
        raise Invalid("egress_refused", "The media host's name leads to an address that is not public.")
    return found[:MOST_DIALLED]
