"""Which hosts may be asked for a file, and how much time and memory one may cost."""

import re
from dataclasses import dataclass
from typing import Final

from gateway.errors import Invalid

MEGABYTE: Final = 1_000_000
LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "[::1]", "localhost"})

_LABELS: Final = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+"
_SUFFIX: Final = re.compile(rf"\.{_LABELS}")
_ORIGIN: Final = re.compile(rf"(https?)://({_LABELS}|localhost|\[::1\])(?::([0-9]{{1,5}}))?")
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host in lower case (IPv6 in brackets) and port: what a connection is made to."""

    scheme: str
    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether it names this machine, in one of the spellings that a trial may use."""
        return self.host in LOOPBACK_HOSTS


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """The hosts of one channel's media, and the bounds of one download.

    `hosts` holds exact origins (`https://media.example.vn`, `https://media.example.vn:8443`) and host suffixes
    (`.zdn.vn`: every host under it, at port 443). `allow_loopback` is for a trial's own fakes, which must be listed
    too, as exact origins such as `http://127.0.0.1:9001`; production never sets it.
    """

    hosts: tuple[str, ...]
    allow_loopback: bool = False
    max_bytes: int = 25 * MEGABYTE
    seconds: float = 10.0

    def __post_init__(self) -> None:
        """Refuse what cannot be meant; raises `Invalid("egress_policy")`."""
        for host in self.hosts:
            if _SUFFIX.fullmatch(host) is None:
                _checked(_origin(host), allow_loopback=self.allow_loopback)

    @property
    def origins(self) -> frozenset[Origin]:
        """The exact origins."""
        return frozenset(_origin(host) for host in self.hosts if not host.startswith("."))

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The host suffixes, each beginning with a dot."""
        return tuple(host for host in self.hosts if host.startswith("."))

    def allows(self, origin: Origin) -> bool:
        """Whether this exact origin is listed, or its host lies under a listed suffix at the port of HTTPS."""
        if origin in self.origins:
            return self.allow_loopback or not origin.is_loopback
        return origin.scheme == "https" and origin.port == _DEFAULT_PORTS["https"] and self._under_suffix(origin.host)

    def _under_suffix(self, host: str) -> bool:
        return any(host.endswith(suffix) and host != suffix for suffix in self.suffixes)


def default_port(scheme: str) -> int:
    """The port of a scheme without one in the URL."""
    return _DEFAULT_PORTS[scheme]


def _origin(text: str) -> Origin:
    found = _ORIGIN.fullmatch(text)
    if found is None:
        raise Invalid(
            "egress_policy", "A host is an exact origin such as https://host:port, or a suffix such as .host."
        )
    scheme, host, port = found.groups()
    return Origin(scheme, host, int(port) if port else default_port(scheme))


def _checked(origin: Origin, *, allow_loopback: bool) -> None:
    if origin.is_loopback and not allow_loopback:
        raise Invalid("egress_policy", "A loopback host is for trials only.")
    if origin.scheme == "http" and not origin.is_loopback:
        raise Invalid("egress_policy", "Only loopback may be asked without TLS.")
    last = origin.host.rpartition(".")[2]
    if last.isdigit() and not origin.is_loopback:
        raise Invalid("egress_policy", "A host is a name, never an address.")
