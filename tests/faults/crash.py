"""One crash run: citizens write, the gateway is killed at random instants and started again, then everything counts."""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.faults.checker import Balances, balance
from tests.faults.draining import drained
from tests.faults.ledger import acknowledged, read_ledgers
from tests.faults.outside import read_deliveries
from tests.faults.shares import Shares
from tests.faults.staging import Child, citizens, ledgers, mail_folder, mails, outside
from tests.faults.world import World, new_world
from tests.gateway_process import GatewayProcess

LOOK_SECONDS = 0.02
LATEST_BLOW = 0.5
"""A kill falls up to so many seconds after the acknowledgement that set it off, so that it meets any state."""

PLANTED_BUG = "tests.faults.planted_bug"


@dataclass(frozen=True, slots=True)
class Run:
    """What is played; `kills` while messages come in and one afterwards.

    With a `pause` (seconds) after each message of a sender, a small run lasts through all its kills.
    """

    shares: Shares
    kills: int
    seed: int
    launcher: str = "services"
    pause: float = 0.0
    patience: float = 900.0

    @property
    def messages(self) -> int:
        """How many messages are sent."""
        return sum(share.messages for share in self.shares.values())


def play(run: Run, folder: Path) -> Balances:
    """Play one run in an empty folder; ledgers and data lie side by side in it."""
    until = time.monotonic() + run.patience
    # A faulty gateway may have lost the very echo that a reply waits for.
    replies = run.launcher != PLANTED_BUG
    with ExitStack() as stack:
        mailbox = stack.enter_context(mail_folder()) if "email" in run.shares else None
        world = new_world(folder, run.seed, run.shares, pause=run.pause, calm=not run.kills, mail_folder=mailbox)
        stack.enter_context(outside(world))
        gateway = GatewayProcess(
            world.data.root, launcher=run.launcher, GATEWAY_PORT=str(world.ports["web"]), **world.settings
        )
        stack.callback(gateway.kill)
        gateway.start().ready()
        _written(run, world, gateway, until)
        asyncio.run(drained(world.places, max(1.0, until - time.monotonic()), mails=mails(world), replies=replies))
        gateway.stop()
    written = read_ledgers(ledgers(world))
    return asyncio.run(balance(world.places, written, run.seed, read_deliveries(world.delivered) if replies else None))


def _written(run: Run, world: World, gateway: GatewayProcess, until: float) -> None:
    """Let citizens write everything, under kills."""
    with citizens(world) as senders:
        _kill_again_and_again(run, world, gateway, senders, until)
        for sender in senders:
            if sender.wait(max(1.0, until - time.monotonic())):
                raise RuntimeError("a sender ended with a fault")
    if run.kills:
        # Once more, while what was acknowledged is still on its way to the agencies.
        gateway.kill()
        gateway.start().ready()


def _kill_again_and_again(
    run: Run, world: World, gateway: GatewayProcess, senders: Sequence[Child], until: float
) -> None:
    """Kill and start whenever so many messages were acknowledged, spread at random over the whole run."""
    chance = random.Random(run.seed)  # noqa: S311 - repeatable, not secret
    latest = int(run.messages * 0.9)
    for threshold in sorted(chance.sample(range(1, latest), run.kills)):
        while acknowledged(ledgers(world)) < threshold:
            ended = [sender.poll() for sender in senders]
            if time.monotonic() > until or any(ended) or None not in ended:
                raise RuntimeError("the senders ended, or did not get on, before every kill had come")
            time.sleep(LOOK_SECONDS)
        time.sleep(chance.uniform(0.0, LATEST_BLOW))
        gateway.kill()
        gateway.start().ready()
