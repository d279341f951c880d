"""Tells addresses of the public Internet from those that lead to ourselves or our neighbours; pure."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

_UNICAST: Final = IPv6Network("2000::/3")
"""All that is allocated as global unicast (RFC 4291, 2.4); whatever else looks global is not."""

_NAT64: Final = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR: Final = IPv6Network("2002::/16")
_TEREDO: Final = IPv6Network("2001::/32")
_NEVER: Final = tuple(ip_network(block) for block in ("192.88.99.0/24", "3fff::/20"))
"""Relays of 6to4 (RFC 7526) and the newer documentation block (RFC 9637), which `ipaddress` counts as global."""


def is_public(address: str) -> bool:
    """Whether a resolved address is one of the public Internet, also when it is another one's wrapping.

    IPv4 inside IPv6 (mapped, NAT64 of RFC 6052, 6to4 of RFC 3056) counts as the IPv4 address; Teredo (RFC 4380), which
    leads to a host behind somebody's NAT, never counts. A malformed address is not public.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        inner = _inner(found)
        if inner is None:
            return found.scope_id is None and found in _UNICAST and found not in _TEREDO and _global(found)
        found = inner
    return _global(found)


def is_loopback(address: str) -> bool:
    """Whether an address is this machine itself; 127.0.0.1 and ::1 only, since nothing else is needed."""
    return address in ("127.0.0.1", "::1")


def _global(address: IPv4Address | IPv6Address) -> bool:
    if address.is_multicast or any(address in block for block in _NEVER if block.version == address.version):
        return False
    return address.is_global


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(address.packed[12:])
    if address in _SIX_TO_FOUR:
        return IPv4Address(address.packed[2:6])
    return None
