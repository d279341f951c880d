"""One crash run: citizens write, the gateway is killed at random instants and started again, then everything counts."""

import asyncio
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tests.fakes.mail.dovecot import Dovecot
from tests.faults.checker import Balances, balance
from tests.faults.draining import drained
from tests.faults.ledger import acknowledged, read_ledgers
from tests.faults.outside import READY, read_deliveries
from tests.faults.shares import Shares
from tests.faults.world import World, new_world
from tests.gateway_process import ROOT, GatewayProcess

LOOK_SECONDS = 0.02
LATEST_BLOW = 0.5
"""A kill falls up to so many seconds after the acknowledgement that set it off, so that it meets any state."""

END_SECONDS = 30.0

PLANTED_BUG = "tests.faults.planted_bug"

Child = subprocess.Popen[str]


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
        mail_folder = stack.enter_context(_mail_folder()) if "email" in run.shares else None
        world = new_world(folder, run.seed, run.shares, pause=run.pause, calm=not run.kills, mail_folder=mail_folder)
        if mail_folder is not None:
            server = Dovecot(mail_folder, port=world.imap_port, password=world.secrets.mailbox)
            stack.callback(server.stop)
            server.start()
        outside = stack.enter_context(_outside(world))
        gateway = GatewayProcess(world.data.root, launcher=run.launcher, **world.settings)
        stack.callback(gateway.kill)
        gateway.start().ready()
        _written(run, world, gateway, until)
        asyncio.run(drained(world.data, max(1.0, until - time.monotonic()), mails=_mails(world), replies=replies))
        gateway.stop()
        outside.terminate()
        if outside.wait(END_SECONDS):
            raise RuntimeError(f"the other side of the channels ended with a fault: {_end_of(world.outside_log)}")
    ledgers = read_ledgers(_ledgers(world))
    return asyncio.run(balance(world.data, ledgers, run.seed, read_deliveries(world.delivered) if replies else None))


def _written(run: Run, world: World, gateway: GatewayProcess, until: float) -> None:
    """Let citizens write everything, under kills."""
    with _citizens(world) as senders:
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
        while acknowledged(_ledgers(world)) < threshold:
            ended = [sender.poll() for sender in senders]
            if time.monotonic() > until or any(ended) or None not in ended:
                raise RuntimeError("the senders ended, or did not get on, before every kill had come")
            time.sleep(LOOK_SECONDS)
        time.sleep(chance.uniform(0.0, LATEST_BLOW))
        gateway.kill()
        gateway.start().ready()


def _ledgers(world: World) -> list[Path]:
    return [world.ledger(channel) for channel in world.shares]


def _mails(world: World) -> int:
    """How many mails were put into the mailbox."""
    return acknowledged([world.ledger("email")]) if "email" in world.shares else 0


@contextmanager
def _citizens(world: World) -> Iterator[Sequence[Child]]:
    senders = [_child("tests.faults.citizens", str(world.folder), channel) for channel in world.shares]
    try:
        yield senders
    finally:
        for sender in senders:
            sender.kill()
            sender.wait()


@contextmanager
def _outside(world: World) -> Iterator[Child]:
    """The platforms and mailboxes, listening."""
    # Every kill and every dropped answer is a fault to the servers there, which they write down.
    with world.outside_log.open("w") as log:
        child = _child("tests.faults.outside", str(world.folder), stdout=subprocess.PIPE, stderr=log)
    try:
        if child.stdout is None or child.stdout.readline().strip() != READY:
            raise RuntimeError(f"the other side of the channels did not start: {_end_of(world.outside_log)}")
        yield child
    finally:
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


@contextmanager
def _mail_folder() -> Iterator[Path]:
    """A folder that a mail server's own user may enter, which pytest's are not."""
    folder = Path(tempfile.mkdtemp(prefix="crash-mail-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _end_of(log: Path) -> str:
    return log.read_text(encoding="utf-8")[-2000:]


def _child(module: str, *arguments: str, stdout: int | None = None, stderr: TextIO | None = None) -> Child:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=stdout, stderr=stderr, text=True)
