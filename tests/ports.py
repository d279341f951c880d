"""Gives servers of tests ports that nobody else is given while they are away, or have yet to begin to listen."""

import functools
import os
import random
import socket
from collections.abc import Iterator

FIRST, LAST = 15_000, 32_000
"""Below those that a system gives to whoever connects: somebody who tries again and again to reach a server that is
away may be given its port, even as both ends of one connection."""


def free_port() -> int:
    """A port on which nothing listens right now, another one each time; raises `RuntimeError` when all were given."""
    for port in _untried():
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise RuntimeError("every port was given")


@functools.cache
def _untried() -> Iterator[int]:
    """This process's share, in random order: the suite's processes divide the ports among themselves."""
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    mine = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    ports = list(range(FIRST + mine % count, LAST, count))
    random.shuffle(ports)
    return iter(ports)
