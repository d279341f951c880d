"""`make crash-test-cluster`: a fault-free run must balance, then thousands of messages under kills, then planted bugs.

Each service, the broker and the store are killed, by processes of their own that everything else is started from. The
store is a stand-in that keeps what it acknowledged when its process dies (tests/contract/test_mongo_bad_days.py).
"""

import argparse
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.faults.checker import together
from tests.faults.cluster.play import ClusterRun, Outcome, play
from tests.faults.shares import Shares, left_out, shares_of
from tests.servers import kafka, mongo

ACKNOWLEDGING = ("web", "zalo", "facebook")
"""Channels that acknowledge what they were sent; a mailbox keeps its mails whatever happens to their reader."""

PACE = 0.3
"""Seconds that a sender rests after a message: the flow behind the entrances is at work when the kills come."""

CAUGHT: Mapping[str, Callable[[Outcome], bool]] = {
    "acknowledge before commit": lambda found: any(found.balances[channel].lost for channel in ACKNOWLEDGING),
    "position before output": lambda found: together(found.balances).lost > 0,
    # The conversation itself knows a message again that was recorded before: what is lost is the answer to its cause,
    # and with it the message's outcome, be it only from the gateway's own ledger.
    "unique cause dropped": lambda found: not found.holds,
    "random key": lambda found: together(found.balances).out_of_order > 0,
}
"""By what each planted bug must show."""


def faulty(fault: str, seed: int, shares: Shares) -> ClusterRun:
    """A run with a planted bug: the servers live, so that what goes wrong is the bug's doing."""
    return ClusterRun(shares, kills=3, seed=seed, fault=fault, pause=0.1, spared=("kafka", "mongo"))


def main() -> int:
    """Play the runs; the exit status is 1 unless the first two balance and every planted bug is caught."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000), help="repeats a run's choices")
    parser.add_argument("--messages", type=int, default=10_000, help="of all channels together, under kills")
    parser.add_argument("--quiet-messages", type=int, default=1_000, help="of the run without a fault")
    parser.add_argument("--faulty-messages", type=int, default=300, help="of each run with a planted bug; 0: none")
    parser.add_argument("--kills", type=int, default=6, help="of each service, the broker and the store")
    given = parser.parse_args()
    missing = kafka.missing() or mongo.missing()
    if missing is not None:
        sys.stderr.write(f"A cluster cannot be started here: {missing}.\n")
        return 1
    _say(f"seed {given.seed}")
    if left_out():
        _say(left_out())
    held = [
        _played("fault-free", ClusterRun(shares_of(given.quiet_messages), 0, given.seed)).holds,
        _played("under kills", ClusterRun(shares_of(given.messages), given.kills, given.seed, pause=PACE)).holds,
    ]
    for fault, shows in CAUGHT.items() if given.faulty_messages else ():
        run = faulty(fault, given.seed, shares_of(given.faulty_messages))
        caught = shows(_played(f"planted: {fault}", run))
        _say(f"  {'caught' if caught else 'FAILED: not caught'}: {fault}")
        held.append(caught)
    return 0 if all(held) else 1


def _played(name: str, run: ClusterRun) -> Outcome:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = play(run, Path(folder))
    _say(f"{name} ({run.messages} messages, {time.monotonic() - started:.0f} s)")
    for line in _told(found):
        _say(f"  {line}")
    return found


def _told(found: Outcome) -> list[str]:
    lines = [f"{channel}: {one}" for channel, one in found.balances.items()]
    lines.append(f"all: {together(found.balances)}")
    lines.append(f"own ledger: accepted {found.accepted} unaccounted {found.unaccounted}")
    repeats = ", ".join(f"{topic} {count}" for topic, count in sorted(found.repeats.items()))
    again = f"{found.repeats.total()} {f'({repeats})' if repeats else ''}"
    lines.append(f"on the broker again under the same id, as what is sent twice: {again}")
    if any(found.kills.values()):
        kills = ", ".join(f"{name} {count}" for name, count in found.kills.items())
        lines.append(f"killed: {kills}; while another was away: {found.overlapping}")
    lines.append(", ".join(f"{name} {seconds:.0f} s" for name, seconds in found.seconds.items()))
    return lines


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
