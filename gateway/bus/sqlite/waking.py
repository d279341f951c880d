"""Tells waiting readers, in this process and in others, that a topic has grown; best effort, since readers also look.

Each waiting reader binds a Unix datagram socket in `<folder>/wake`, named for its topic. An inotify watch would lose
wake-ups between reading and waiting; a socket keeps them. A socket whose process is gone refuses, which also tells
that an owner of a lease is dead.
"""

import asyncio
import contextlib
import hashlib
import logging
import os
import secrets
import socket
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from gateway.errors import Unavailable

log = logging.getLogger(__name__)

POLL_SECONDS = 0.2
"""How often a waiting reader looks without having been woken."""

FOLDER = "wake"
SUFFIX = ".sock"

SETTLED_NANOSECONDS = 50_000_000
"""A folder changed less than this ago may change again within one tick of the file system's clock."""


class WakeSocket:
    """A reader's ear for one topic."""

    def __init__(self, folder: Path, topic: str) -> None:
        """Bind in `folder` (the bus's), in the running loop; raises `Unavailable`."""
        place = folder / FOLDER
        self.name = f"{_mark(topic)}-{secrets.token_hex(8)}{SUFFIX}"
        self._path = place / self.name
        self._woken = asyncio.Event()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            with _short(place) as short:
                self._socket.bind(f"{short}/{self.name}")
        except OSError as error:
            self._socket.close()
            raise Unavailable("no_wake_up", type(error).__name__) from error
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket.fileno(), self._heard)

    async def wait(self, seconds: float) -> None:
        """Return at once if woken since the last call, else when woken or after this time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()

    def close(self) -> None:
        """Stop listening."""
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def _heard(self) -> None:
        # The queue is emptied, so that many commits are one wake-up.
        with contextlib.suppress(BlockingIOError):
            while True:
                self._socket.recv(1)
        self._woken.set()


class Waker:
    """A writer's voice. Used from several threads: what it remembers is only ever replaced as a whole."""

    def __init__(self, folder: Path) -> None:
        """Speak to the readers of `folder`."""
        self._place = folder / FOLDER
        self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory = os.open(self._place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._listing: tuple[int, dict[str, list[str]]] = (0, {})

    def wake(self, topics: Iterable[str]) -> None:
        """Wake whoever waits for one of these topics; never raises."""
        try:
            listeners = self._listeners()
            for topic in topics:
                for name in listeners.get(_mark(topic), ()):
                    if not self.reachable(name):
                        (self._place / name).unlink(missing_ok=True)
        except OSError as error:
            log.warning("wake_up_failed", extra={"error": type(error).__name__})

    def reachable(self, name: str) -> bool:
        """Wake one socket; False when the process that bound it is gone."""
        try:
            self._socket.sendto(b"", f"/proc/self/fd/{self._directory}/{name}")
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:
            # Most often its queue is full: then a wake-up is waiting there already. Readers also look by themselves.
            return True
        return True

    def close(self) -> None:
        """Give the descriptors back."""
        self._socket.close()
        os.close(self._directory)

    def _listeners(self) -> dict[str, list[str]]:
        changed = os.fstat(self._directory).st_mtime_ns
        known, listeners = self._listing
        if changed != known:
            listeners = {}
            for name in os.listdir(self._directory):  # noqa: PTH208 - by descriptor, which outlives a move of the folder
                listeners.setdefault(name.partition("-")[0], []).append(name)
            settled = time.time_ns() - changed > SETTLED_NANOSECONDS
            self._listing = (changed if settled else 0, listeners)
        return listeners


def _mark(topic: str) -> str:
    """A topic's name as a file name of fixed length."""
    return hashlib.blake2b(topic.encode(), digest_size=8).hexdigest()


@contextlib.contextmanager
def _short(place: Path) -> Iterator[str]:
    """A short path to a folder: a socket's address has room for 107 bytes only (unix(7))."""
    directory = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{directory}"
    finally:
        os.close(directory)
