"""What the crash test kills comes up again, whoever ended it, and its absences are told as they were."""

import threading
import time

from tests.faults.cluster.victims import Absence, Victim, overlapping

SECONDS = 30.0


class Pretended:
    """A process that only says that it runs."""

    pid = 0

    def __init__(self) -> None:
        """It runs from the start, and was started never since."""
        self.running = True
        self.started = threading.Semaphore(0)

    def start(self) -> None:
        """Run."""
        self.running = True
        self.started.release()

    def kill(self) -> None:
        """End."""
        self.running = False


def test_it_is_killed_at_its_hours_and_when_struck_and_started_each_time() -> None:
    process, acknowledged = Pretended(), [0]
    victim = Victim("one", process, [5, 9], lambda: acknowledged[0], seed=1)
    for count in (5, 9):
        acknowledged[0] = count
        assert process.started.acquire(timeout=SECONDS)
    victim.strike()
    assert process.started.acquire(timeout=SECONDS)
    victim.release()
    assert (victim.kills, victim.waiting, process.running) == (3, 0, True)
    assert all(one.killed and one.until > one.since for one in victim.absences)


def test_what_ends_by_itself_is_started_and_not_counted_as_killed() -> None:
    process = Pretended()
    victim = Victim("one", process, [], lambda: 0, seed=1)
    process.kill()
    assert process.started.acquire(timeout=SECONDS)
    victim.release()
    assert (victim.kills, len(victim.absences)) == (0, 1)


def test_a_kill_overlaps_when_somebody_else_is_away_at_that_time() -> None:
    now = time.monotonic()
    apart = [Absence("one", now, now + 1, killed=True), Absence("two", now + 2, now + 3, killed=True)]
    assert overlapping(apart) == 0
    assert overlapping([*apart, Absence("three", now + 0.5, now + 2.5, killed=False)]) == 1
