"""One run on a cluster: citizens write, everything is killed at random instants and comes up again, then all counts."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.faults.checker import Balances, balanced, together
from tests.faults.cluster.standing import Servers, ended, own_ledger, ready, servers, services
from tests.faults.cluster.victims import Process, StandingStill, Victim, overlapping, released
from tests.faults.draining import drained
from tests.faults.found import find
from tests.faults.ledger import acknowledged, read_ledgers
from tests.faults.outside import read_deliveries
from tests.faults.shares import Shares
from tests.faults.staging import Child, citizens, ledgers, mail_folder, mails, outside
from tests.faults.world import World, new_world
from tests.gateway_process import GatewayProcess

LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class ClusterRun:
    """What is played: `kills` of each service, the broker and the store; the last of them all together at the end.

    With a `pause` (seconds) after each message of a sender, a small run lasts through all its kills. `fault` is one of
    `planted.FAULTS`; who is not one of the `spared` is killed. With `still` (seconds) nobody is killed, but held for so
    long; of those that run `twice` there is another copy, which takes over meanwhile.
    """

    shares: Shares
    kills: int
    seed: int
    fault: str = ""
    pause: float = 0.0
    patience: float = 1800.0
    spared: Sequence[str] = ()
    still: float = 0.0
    twice: Sequence[str] = ()

    @property
    def messages(self) -> int:
        """How many messages are sent."""
        return sum(share.messages for share in self.shares.values())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run: the counts, the gateway's own ledger, who was killed how often, and how long what took.

    `repeats` is how many records lie on the broker again under their id; `overlapping` how many kills fell while
    somebody else was away.
    """

    balances: Balances
    own: Mapping[str, Any]
    repeats: Counter[str]
    kills: Mapping[str, int]
    overlapping: int
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def unaccounted(self) -> int:
        """Messages that the gateway itself misses."""
        return sum(len(channel["unaccounted"]) for channel in self.own["channels"])

    @property
    def accepted(self) -> int:
        """Messages that the gateway itself says became tickets."""
        return sum(channel["outcomes"].get("accepted", 0) for channel in self.own["channels"])

    @property
    def holds(self) -> bool:
        """Whether nothing is lost, doubled or out of order, and the gateway knows what became of everything."""
        return all(one.holds and one.tickets for one in self.balances.values()) and (
            self.unaccounted == 0 and self.accepted == together(self.balances).tickets
        )


def play(run: ClusterRun, folder: Path) -> Outcome:
    """Play one run in an empty folder; what the servers keep, ledgers and logs lie side by side in it."""
    marks = [("", time.monotonic())]
    until = marks[0][1] + run.patience
    # A faulty gateway may have lost the very echo that a reply waits for.
    replies = not run.fault
    with ExitStack() as stack:
        mailbox = stack.enter_context(mail_folder()) if "email" in run.shares else None
        below = stack.enter_context(servers(folder))
        world = new_world(
            folder, run.seed, run.shares, pause=run.pause, calm=not run.kills, mail_folder=mailbox, **below.urls
        )
        with outside(world), services(world, run.fault, run.twice) as above:
            marks.append(("starting", time.monotonic()))
            victims = _written(run, world, below, above, until)
            marks.append(("writing", time.monotonic()))
            left = max(1.0, until - time.monotonic())
            asyncio.run(drained(world.places, left, mails=mails(world), replies=replies))
            marks.append(("draining", time.monotonic()))
            own = own_ledger(world)
            ended(above)
        found = asyncio.run(find(world.places, read_deliveries(world.delivered) if replies else None))
        marks.append(("counting", time.monotonic()))
    absences = [absence for victim in victims for absence in victim.absences]
    return Outcome(
        balances=balanced(found, read_ledgers(ledgers(world)), run.seed),
        own=own,
        repeats=found.repeats,
        kills={victim.name: victim.kills for victim in victims},
        overlapping=overlapping(absences),
        seconds={name: at - before for (_, before), (name, at) in pairwise(marks)},
    )


def _written(
    run: ClusterRun, world: World, below: Servers, above: Mapping[str, GatewayProcess], until: float
) -> Sequence[Victim]:
    """Let citizens write everything, under kills; returns who was killed."""
    progress = [0]
    processes: dict[str, Process] = {"kafka": below.broker, "mongo": below.store, **above}
    victims = [
        Victim(name, _held(process, run), _hours(run, name), lambda: progress[0], run.seed)
        for name, process in processes.items()
        if name not in run.spared
    ]
    with released(victims), citizens(world) as senders:
        while not _ended(senders, victims, until):
            progress[0] = acknowledged(ledgers(world))
            time.sleep(LOOK_SECONDS)
        progress[0] = run.messages
        while any(victim.waiting for victim in victims):
            # Every sender has ended: what is looked at is whether a victim's kills went wrong, or never come.
            _ended(senders, victims, until)
            time.sleep(LOOK_SECONDS)
        if run.kills:
            # Once more all together, while what was acknowledged is still on its way to the agencies.
            for victim in victims:
                victim.strike()
    ready(above)
    return victims


def _held(process: Process, run: ClusterRun) -> Process:
    return StandingStill(process, run.still) if run.still else process


def _hours(run: ClusterRun, name: str) -> Sequence[int]:
    """At how many acknowledged messages somebody is killed; the last kill comes after all of them."""
    chance = random.Random(f"{run.seed}/{name}/hours")  # noqa: S311 - repeatable, not secret
    return sorted(chance.sample(range(1, int(run.messages * 0.9)), max(0, run.kills - 1)))


def _ended(senders: Sequence[Child], victims: Sequence[Victim], until: float) -> bool:
    """Whether all have written everything; raises for who ended with a fault, or when they do not get on."""
    for victim in victims:
        victim.check()
    statuses = [sender.poll() for sender in senders]
    if any(statuses) or time.monotonic() > until:
        raise RuntimeError(f"the senders ended with {statuses}, or did not get on")
    return None not in statuses
