"""What a run kills: each victim is struck when its hour has come, and started again whenever it ended."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

SOONEST, LATEST = 0.2, 1.5
"""After so many seconds, from and to, what ended is started again, as by a supervisor of processes."""

LATEST_BLOW = 0.5
"""A kill falls up to so many seconds after the acknowledgement that set it off, so that it meets any state."""

LOOK_SECONDS = 0.05


class Process(Protocol):
    """A service, a broker or a store, as a process of its own on a port of its own."""

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""

    def start(self) -> object:
        """Start it, again with what it kept."""

    def kill(self) -> None:
        """End it without a word."""


@dataclass(frozen=True, slots=True)
class Absence:
    """From when to when somebody was away (monotonic seconds), and whether it was killed or ended by itself."""

    name: str
    since: float
    until: float
    killed: bool


class Victim:
    """One process under a thread that keeps it running, and kills it at its hours."""

    def __init__(
        self, name: str, process: Process, hours: Sequence[int], acknowledged: Callable[[], int], seed: int
    ) -> None:
        """Take a process that runs; `hours` are numbers of messages that were `acknowledged`, in order."""
        self.name = name
        self.absences: list[Absence] = []
        self._process = process
        self._hours = list(hours)
        self._acknowledged = acknowledged
        self._chance = random.Random(f"{seed}/{name}")  # noqa: S311 - repeatable, not secret
        self._struck = threading.Event()
        self._stopping = threading.Event()
        self._fault: BaseException | None = None
        self._keeper = threading.Thread(target=self._guarded, name=name, daemon=True)
        self._keeper.start()

    @property
    def kills(self) -> int:
        """How often it was killed."""
        return sum(one.killed for one in self.absences)

    @property
    def waiting(self) -> int:
        """How many of its hours have not come."""
        return len(self._hours)

    def check(self) -> None:
        """Raise what kept it from coming up again, if anything did."""
        if self._fault is not None:
            raise RuntimeError(f"{self.name} did not come up again") from self._fault

    def strike(self) -> None:
        """Kill it now."""
        self._struck.set()

    def release(self) -> None:
        """Let it live from now on; returns when it runs."""
        self._stopping.set()
        self._keeper.join()
        self.check()

    def _guarded(self) -> None:
        try:
            self._keep()
        except Exception as error:  # noqa: BLE001 - it is what `check` raises
            self._fault = error

    def _keep(self) -> None:
        while not self._stopping.is_set() or self._struck.is_set() or not self._process.running:
            if self._struck.is_set():
                self._struck.clear()
                self._strike()
            elif self._hours and self._acknowledged() >= self._hours[0]:
                del self._hours[0]
                time.sleep(self._chance.uniform(0.0, LATEST_BLOW))
                self._strike()
            elif not self._process.running:
                self._revive(time.monotonic(), killed=False)
            time.sleep(LOOK_SECONDS)

    def _strike(self) -> None:
        since = time.monotonic()
        self._process.kill()
        self._revive(since, killed=True)

    def _revive(self, since: float, *, killed: bool) -> None:
        time.sleep(self._chance.uniform(SOONEST, LATEST))
        self._process.start()
        self.absences.append(Absence(self.name, since, time.monotonic(), killed))


def overlapping(absences: Sequence[Absence]) -> int:
    """How many kills fell while somebody else was away."""
    return sum(
        any(other.name != one.name and other.since <= one.since < other.until for other in absences)
        for one in absences
        if one.killed
    )


@contextmanager
def released(victims: Sequence[Victim]) -> Iterator[None]:
    """Let none of them be killed any more at the end, whatever happened."""
    try:
        yield
    finally:
        for victim in victims:
            victim.release()
