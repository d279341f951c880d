"""Holds every writer off some database files for a moment: what a checkpoint or a common snapshot needs."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from gateway.errors import Unavailable
from gateway.sqlite.turn import Turn

PATIENCE = 5.0
"""Seconds after which a stuck writer makes us give up, so that one halted process never halts all files."""


@contextmanager
def frozen(paths: Sequence[Path], *, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the writers' turns of all the databases `paths` at once; no commit happens inside.

    Raises `Unavailable("writer_stuck")` when they cannot be had within `patience` seconds, and what taking a turn
    raises; nothing is held then.
    """
    turns = _Turns(sorted(set(paths)))
    try:
        if not turns.settled.wait(patience):
            raise Unavailable("writer_stuck", "A process holds a database's lock for too long.")
        if turns.error is not None:
            raise turns.error
        yield
    finally:
        turns.give_back()


class _Turns:
    """Turns taken in a thread, because the kernel queues only those who block; polling would starve."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.settled = threading.Event()
        self.error: Unavailable | None = None
        self._held = ExitStack()
        self._given_up = False
        self._mutex = threading.Lock()
        threading.Thread(target=self._take, args=(paths,), name="freeze", daemon=True).start()

    def _take(self, paths: Sequence[Path]) -> None:
        try:
            for path in paths:
                if not self._take_one(path):
                    return
        except Unavailable as error:
            self.error = error
        self.settled.set()

    def _take_one(self, path: Path) -> bool:
        with ExitStack() as taken:
            turn = Turn(path)
            taken.callback(turn.close)
            taken.enter_context(turn.held())
            with self._mutex:
                if not self._given_up:
                    self._held.push(taken.pop_all())
                return not self._given_up

    def give_back(self) -> None:
        """Let the writers go on; a turn that comes later is given back at once."""
        with self._mutex:
            self._given_up = True
            self._held.close()
