"""`make crash-test`: a fault-free run must balance, then thousands of messages under kills, then a planted bug."""

import argparse
import secrets
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.crash import PLANTED_BUG, Run, play


def main() -> int:
    """Play the runs; the exit status is 1 unless the first two balance and the third is caught."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="repeats a run's choices")
    parser.add_argument("--citizens", type=int, default=1000)
    parser.add_argument("--each", type=int, default=10, help="messages by each citizen")
    parser.add_argument("--kills", type=int, default=12)
    given = parser.parse_args()
    _say(f"seed {given.seed}")
    quiet = _played("fault-free", Run(max(1, given.citizens // 5), given.each, 0, given.seed))
    killed = _played(f"{given.kills} kills", Run(given.citizens, given.each, given.kills, given.seed))
    planted = _played("planted bug", Run(60, given.each, 3, given.seed, launcher=PLANTED_BUG))
    if planted:
        _say("FAILED: the planted bug was not caught")
    return 0 if quiet and killed and not planted else 1


def _played(name: str, run: Run) -> bool:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = play(run, Path(folder))
    seconds = time.monotonic() - started
    _say(f"{name} ({run.messages} messages, {seconds:.0f} s): {found}")
    return found.holds and found.tickets > 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
