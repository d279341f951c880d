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
from collections.abc import Iterable, Iterator
from pathlib import Path

from gateway.bus.sqlite.traces import Traces, settled
from gateway.errors import Unavailable

log = logging.getLogger(__name__)

QUESTION = b"?"
"""Asks the owner of a lease for a sign of life; a plain wake-up is empty."""

LOOK_SECONDS = 0.2
"""How often a reader looks for traces of writing without having been woken."""

FOLDER = "wake"
SUFFIX = ".sock"


class WakeSocket:
    """A reader's ear for one topic."""

    def __init__(self, folder: Path, topic: str) -> None:
        """Bind in `folder` (the bus's), in the running loop; raises `Unavailable`."""
        place = folder / FOLDER
        self.name = f"{_mark(topic)}-{secrets.token_hex(8)}{SUFFIX}"
        self._path = place / self.name
        self._woken = asyncio.Event()
        self._asked = asyncio.Event()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            with _short(place) as short:
                self._socket.bind(f"{short}/{self.name}")
        except OSError as error:
            self._socket.close()
            raise Unavailable("no_wake_up", type(error).__name__) from error
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket.fileno(), self._heard)
        self._traces = Traces(folder)
        self._timer = self._loop.call_later(LOOK_SECONDS, self._look)

    async def wait(self) -> None:
        """Return at once if anything was written since the last call, as far as is known; else when it is."""
        await self._woken.wait()
        self._woken.clear()

    async def asked(self) -> None:
        """Return when somebody has asked since the last call whether this reader lives."""
        await self._asked.wait()
        self._asked.clear()

    def wake(self) -> None:
        """End the present or the next waiting."""
        self._woken.set()

    def close(self) -> None:
        """Stop listening."""
        self._timer.cancel()
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def _heard(self) -> None:
        # The queue is emptied, so that many commits are one wake-up.
        with contextlib.suppress(BlockingIOError):
            while True:
                if self._socket.recv(1) == QUESTION:
                    self._asked.set()
        self._woken.set()

    def _look(self) -> None:
        try:
            if self._traces.changed():
                self._woken.set()
        except OSError as error:
            # The reading that this starts meets the same fault, and tells whoever waits.
            log.warning("look_failed", extra={"error": type(error).__name__})
            self._woken.set()
        self._timer = self._loop.call_later(LOOK_SECONDS, self._look)


class Waker:
    """A writer's voice."""

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
                    if not self._send(b"", name):
                        (self._place / name).unlink(missing_ok=True)
        except OSError as error:
            log.warning("wake_up_failed", extra={"error": type(error).__name__})

    def alive(self, name: str) -> bool:
        """Whether the process that bound a socket is still there; wakes nobody."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as probe:
            try:
                probe.connect(self._address(name))
            except (ConnectionRefusedError, FileNotFoundError):
                return False
            except OSError as error:
                log.warning("probe_failed", extra={"error": type(error).__name__})
        return True

    def ask(self, name: str) -> None:
        """Ask the owner of a lease for a sign of life; never raises."""
        self._send(QUESTION, name)

    def _send(self, what: bytes, name: str) -> bool:
        """Send without waiting; False when the process that bound the socket is gone."""
        try:
            self._socket.sendto(what, self._address(name))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except BlockingIOError:
            # Its queue is full, so a wake-up is waiting there already.
            return True
        return True

    def _address(self, name: str) -> str:
        return f"/proc/self/fd/{self._directory}/{name}"

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
            self._listing = (changed if settled(changed) else 0, listeners)
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
