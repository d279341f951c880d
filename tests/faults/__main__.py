"""`make crash-test`: a fault-free run must balance, then thousands of messages under kills, then a planted bug."""

import argparse
import secrets
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.checker import Balances, together
from tests.faults.crash import PLANTED_BUG, Run, play
from tests.faults.shares import left_out, shares_of

ACKNOWLEDGING = ("web", "zalo", "facebook")
"""Channels that acknowledge what they were sent; a mailbox keeps its mails whatever happens to their reader."""


def main() -> int:
    """Play the runs; the exit status is 1 unless the first two balance and the third is caught on every channel."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="repeats a run's choices")
    parser.add_argument("--messages", type=int, default=10_000, help="of all channels together")
    parser.add_argument("--kills", type=int, default=12)
    given = parser.parse_args()
    _say(f"seed {given.seed}")
    if left_out():
        _say(left_out())
    quiet = _played("fault-free", Run(shares_of(given.messages // 10), 0, given.seed))
    killed = _played(f"{given.kills} kills", Run(shares_of(given.messages), given.kills, given.seed))
    planted = _played("planted bug", Run(shares_of(1_200), 3, given.seed, launcher=PLANTED_BUG, pause=0.2))
    missed = [channel for channel in ACKNOWLEDGING if not planted[channel].lost]
    for channel in missed:
        _say(f"FAILED: the planted bug was not caught on {channel}")
    return 0 if _balanced(quiet) and _balanced(killed) and not missed else 1


def _balanced(found: Balances) -> bool:
    return all(one.holds and one.tickets > 0 for one in found.values())


def _played(name: str, run: Run) -> Balances:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = play(run, Path(folder))
    seconds = time.monotonic() - started
    for channel, one in found.items():
        _say(f"  {channel}: {one}")
    _say(f"{name} ({run.messages} messages, {seconds:.0f} s): {together(found)}")
    return found


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
