"""One crash run: citizens send, the gateway is killed at random instants and started again, then everything counts."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.runtime.data_folder import DataFolder
from tests.faults.checker import Balance, balance
from tests.faults.draining import drained
from tests.faults.ledger import acknowledged, read_ledgers
from tests.gateway_process import ROOT, GatewayProcess

SENDERS = 2
LOOK_SECONDS = 0.02
LATEST_BLOW = 0.5
"""A kill falls up to so many seconds after the acknowledgement that set it off, so that it meets any state."""

PLANTED_BUG = "tests.faults.planted_bug"


@dataclass(frozen=True, slots=True)
class Run:
    """What is played; `each` messages by every one of `citizens`, `kills` while they come in and one afterwards."""

    citizens: int
    each: int
    kills: int
    seed: int
    launcher: str = "services"
    at_once: int = 24
    patience: float = 480.0

    @property
    def messages(self) -> int:
        """How many messages are sent."""
        return self.citizens * self.each


def play(run: Run, folder: Path) -> Balance:
    """Play one run in an empty folder; ledgers and data lie side by side in it."""
    data = DataFolder(folder / "data")
    ledgers = [folder / f"ledger.{number}" for number in range(SENDERS)]
    until = time.monotonic() + run.patience
    gateway = GatewayProcess(data.root, launcher=run.launcher, GATEWAY_LOG_LEVEL="WARNING").start().ready()
    try:
        with _senders(run, gateway, ledgers) as senders:
            _kill_again_and_again(run, gateway, ledgers, senders, until)
            for sender in senders:
                if sender.wait(max(1.0, until - time.monotonic())):
                    raise RuntimeError("a sender ended with a fault")
        if run.kills:
            # Once more, while what was acknowledged is still on its way to the agencies.
            gateway.kill()
            gateway.start().ready()
        asyncio.run(drained(data.bus, max(1.0, until - time.monotonic())))
        gateway.stop()
    finally:
        gateway.kill()
    return asyncio.run(balance(data, read_ledgers(ledgers), run.seed))


def _kill_again_and_again(
    run: Run, gateway: GatewayProcess, ledgers: list[Path], senders: list[subprocess.Popen[bytes]], until: float
) -> None:
    """Kill and start whenever so many messages were acknowledged, spread at random over the whole run."""
    chance = random.Random(run.seed)  # noqa: S311 - repeatable, not secret
    latest = int(run.messages * 0.9)
    for threshold in sorted(chance.sample(range(1, latest), run.kills)):
        while acknowledged(ledgers) < threshold:
            if time.monotonic() > until or any(sender.poll() is not None for sender in senders):
                raise RuntimeError("the senders ended, or did not get on, before every kill had come")
            time.sleep(LOOK_SECONDS)
        time.sleep(chance.uniform(0.0, LATEST_BLOW))
        gateway.kill()
        gateway.start().ready()


@contextmanager
def _senders(run: Run, gateway: GatewayProcess, ledgers: list[Path]) -> Iterator[list[subprocess.Popen[bytes]]]:
    share = -(-run.citizens // SENDERS)
    senders = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.faults.citizens", f"--port={gateway.port}", f"--ledger={ledger}"),
                *(f"--token={gateway.token('app')}", f"--seed={run.seed}", f"--each={run.each}"),
                *(f"--first={number * share}", f"--citizens={min(share, run.citizens - number * share)}"),
                f"--at-once={run.at_once // SENDERS}",
            ],
            cwd=ROOT,
        )
        for number, ledger in enumerate(ledgers)
    ]
    try:
        yield senders
    finally:
        for sender in senders:
            sender.kill()
            sender.wait()
