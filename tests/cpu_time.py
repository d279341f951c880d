"""How long a piece of work takes, so that a bound on it fails for the work and never for a busy machine.

Time of this thread's processor alone, the shortest of several rounds, and without the garbage collector: in a process
that has run thousands of tests a single full collection takes longer than the work that is measured.
"""

import gc
import time
from collections.abc import Callable

ROUNDS = 3


def cpu_seconds(work: Callable[[], object], *, bound: float) -> float:
    """Seconds of processor time that `work` takes at best; it is not repeated once a round stayed below `bound`."""
    best = float("inf")
    collecting = gc.isenabled()
    gc.disable()
    try:
        for _ in range(ROUNDS):
            started = time.thread_time()
            work()
            best = min(best, time.thread_time() - started)
            if best < bound:
                break
    finally:
        if collecting:
            gc.enable()
    return best
