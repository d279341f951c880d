"""Bounds how often one client does something, a wrong guess or a message: a bounded token bucket for each."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network

from starlette.requests import Request

from gateway.runtime.peer import is_within, peer_address

MAX_CLIENTS = 10_000


class Throttle:
    """What a client may do: `burst` at once, `per_minute` more each minute; the longest silent are forgotten first."""

    def __init__(self, burst: int, per_minute: float, clock: Callable[[], datetime]) -> None:
        """Take the allowance and a clock of aware datetimes."""
        self._burst = float(burst)
        self._rate = per_minute / 60.0
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Seconds until this client may do it again; 0.0 when it may now."""
        left = self._allowance(client)
        return 0.0 if left >= 1.0 else (1.0 - left) / self._rate

    def count(self, client: str) -> None:
        """The client has done it once more."""
        left = self._allowance(client)
        self._left[client] = (max(0.0, left - 1.0), self._clock().timestamp())
        self._left.move_to_end(client)
        while len(self._left) > MAX_CLIENTS:
            self._left.popitem(last=False)

    def _allowance(self, client: str) -> float:
        left, then = self._left.get(client, (self._burst, 0.0))
        passed = max(0.0, self._clock().timestamp() - then)
        return min(self._burst, left + passed * self._rate)


def client_of(request: Request, proxies: Sequence[IPv4Network | IPv6Network]) -> str:
    """The client's address, or its /64 for IPv6, since one household or host owns as many.

    X-Forwarded-For is read from the right, past addresses of configured proxies only; anything else in it is a
    claim that a client can invent.
    """
    peer = request.client.host if request.client else ""
    if not proxies or not is_within(peer, proxies):
        return _bucket(peer)
    for hop in reversed(request.headers.get("x-forwarded-for", "").split(",")):
        named = hop.strip()
        if named and not is_within(named, proxies):
            return _bucket(named)
    return _bucket(peer)


def is_public(client: str) -> bool:
    """Whether a client, as `client_of` names it, can be told from others: behind a private address stand many.

    It may be the house's own network, or a proxy that nobody has named in the settings, and behind that everybody.
    """
    try:
        return ip_network(client).is_global
    except ValueError:
        return False


def _bucket(text: str) -> str:
    address = peer_address(text)
    if address is None:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address)
