"""Where a channel's platform may answer: over TLS at a public host, or within a trial on this machine."""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from gateway.egress.policy import LOOPBACK_HOSTS

_ORIGIN: Final = re.compile(r"https?://[^/?#\s@]+")


def url_faults(variable: str, url: str, *, production: bool) -> Sequence[str]:
    """What is wrong with the base URL in this variable; the sentences never quote it."""
    if not _ORIGIN.fullmatch(url):
        return (f"{variable}: is no scheme and host",)
    if not url.startswith("https://") and not is_loopback(url):
        return (f"{variable}: only a trial's own platform on this machine is spoken to without TLS",)
    if production and is_loopback(url):
        return (f"{variable}: production does not speak to this machine",)
    return ()


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine."""
    host = urlsplit(url).hostname or ""
    return host in LOOPBACK_HOSTS or host.startswith("127.") or host == "::1"
