"""Reads a URL that somebody else wrote: one strict parser, whose reading is also what is connected to; pure."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from gateway.egress.policy import LOOPBACK_HOSTS, EgressPolicy, Origin, default_port
from gateway.errors import Invalid

MAX_URL: Final = 4000
"""As long as a contract's `source_url` may be."""

_URL: Final = re.compile(r"([A-Za-z]+)://([^/?#]*)([^#]*)(?:#.*)?", re.ASCII | re.DOTALL)
_AUTHORITY: Final = re.compile(r"([A-Za-z0-9.-]+|\[::1\])(?::([0-9]{1,5}))?", re.ASCII)
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_NUMBER: Final = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\\]")
_KEPT: Final = "%/?:@!$&'()*+,;=-._~[]{}|^`\"<>"
"""Signs of path and query that go out as they came, since signatures cover them; what is not ASCII is encoded."""


@dataclass(frozen=True, slots=True, repr=False)
class Target:
    """Where to connect, and what to ask there: `path` with its query, which may hold a signature and is never shown."""

    origin: Origin
    path: str

    def __repr__(self) -> str:
        """Name the host alone."""
        return f"Target({self.origin.host})"


def target_of(url: str, policy: EgressPolicy) -> Target:
    """What a URL stands for; raises `Invalid("egress_refused")` for everything that the policy does not list.

    A plain `http://` URL of a host that may be asked over HTTPS is asked over HTTPS.
    """
    if len(url) > MAX_URL or _CONTROL.search(url) is not None:
        raise _refused("The URL is too long or holds signs that no URL may hold.")
    found = _URL.fullmatch(url)
    if found is None:
        raise _refused("That is no absolute URL.")
    scheme, authority, rest = found.group(1).lower(), found.group(2), found.group(3)
    if scheme not in ("https", "http"):
        raise _refused("Only HTTPS is asked.")
    origin = _allowed(_origin_of(scheme, authority), policy)
    return Target(origin, _path(rest))


def redirected(location: str, source: Target, policy: EgressPolicy) -> Target:
    """Where a redirect leads, checked like the first URL; only absolute URLs and absolute paths are followed."""
    if location.startswith("//"):
        return target_of(f"{source.origin.scheme}:{location}", policy)
    if location.startswith("/"):
        port = f":{source.origin.port}"
        return target_of(f"{source.origin.scheme}://{source.origin.host}{port}{location}", policy)
    return target_of(location, policy)


def _origin_of(scheme: str, authority: str) -> Origin:
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        raise _refused("The URL's host is malformed, or credentials stand before it.")
    host, port_text = found.group(1).lower(), found.group(2)
    port = int(port_text) if port_text is not None else default_port(scheme)
    if not 0 < port < 65536:
        raise _refused("There is no such port.")
    if host not in LOOPBACK_HOSTS:
        _check_name(host)
    return Origin(scheme, host, port)


def _check_name(host: str) -> None:
    """Refuse addresses in any spelling (decimal, octal, hex, short), encoded foreign names and malformed ones."""
    labels = host.split(".")
    if len(host) > 253 or len(labels) < 2 or any(_LABEL.fullmatch(label) is None for label in labels):
        raise _refused("The URL's host is no name.")
    if _NUMBER.fullmatch(labels[-1]) is not None:
        raise _refused("The URL's host is an address, not a name.")
    if any(label[2:4] == "--" for label in labels):
        raise _refused("The URL's host is an encoded name.")


def _allowed(origin: Origin, policy: EgressPolicy) -> Origin:
    if policy.allows(origin):
        return origin
    upgraded = Origin("https", origin.host, default_port("https"))
    if origin.scheme == "http" and origin.port == default_port("http") and policy.allows(upgraded):
        return upgraded
    raise _refused("The URL's host is not one of the channel's media hosts.")


def _path(rest: str) -> str:
    path = rest if rest.startswith("/") else f"/{rest}"
    return quote(path, safe=_KEPT)


def _refused(detail: str) -> Invalid:
    return Invalid("egress_refused", detail)
