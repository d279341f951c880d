"""Kills the servers and services of a test run that ended without a word, so that none of them outlives it.

A signal on the parent's death would come when the thread ends that started a server. So one small process for a whole
run holds the other end of a pipe, which the system closes however the run ended.
"""

import atexit
import os
import subprocess
import sys
import threading

PROGRAM = """
import os, signal, sys
held = set()
for line in sys.stdin:
    (held.add if line[0] == "+" else held.discard)(int(line[1:]))
for pid in held:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
"""


class _Leash:
    """The other process and the way to it; made when the first one is held, anew in a process that was forked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = 0
        self._keeper: subprocess.Popen[str] | None = None

    def tell(self, line: str) -> None:
        with self._lock:
            if self._keeper is None or self._owner != os.getpid():
                # In a session of its own: what ends the run by its group must not end this first.
                self._keeper = subprocess.Popen(
                    [sys.executable, "-I", "-S", "-c", PROGRAM],
                    stdin=subprocess.PIPE,
                    text=True,
                    start_new_session=True,
                )
                self._owner = os.getpid()
                atexit.register(self._end)
            if self._keeper.stdin is None:
                raise RuntimeError("the leash has no other end")
            self._keeper.stdin.write(f"{line}\n")
            self._keeper.stdin.flush()

    def _end(self) -> None:
        """Close the pipe, upon which the keeper ends."""
        if self._keeper is not None and self._keeper.stdin is not None and self._owner == os.getpid():
            self._keeper.stdin.close()
            self._keeper.wait()


_LEASH = _Leash()


def hold(pid: int) -> None:
    """Have a child killed when this process is gone."""
    _LEASH.tell(f"+{pid}")


def release(pid: int) -> None:
    """Forget a child that has ended and was waited for, whose number may be given to another process."""
    _LEASH.tell(f"-{pid}")
