"""Reads who is at the other end of a connection, however the socket writes its address."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address


def peer_address(text: str) -> IPv4Address | IPv6Address | None:
    """The address that is meant, or None: a socket of both families writes one of version 4 as version 6."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found


def is_within(text: str, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    """Whether this address lies in one of the networks."""
    address = peer_address(text)
    return address is not None and any(address in network for network in networks)
