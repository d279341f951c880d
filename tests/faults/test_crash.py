"""The crash test in small, and proof that it can fail: `make crash-test` plays ten times as much."""

from pathlib import Path

import pytest

from tests.faults.crash import PLANTED_BUG, Run, play

SEED = 1022

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_without_a_fault_everything_balances(tmp_path: Path) -> None:
    found = play(Run(citizens=20, each=10, kills=0, seed=SEED), tmp_path)
    assert found.holds, found
    assert (found.acked, found.unknown) == (200, 0)


def test_kills_lose_double_and_disorder_nothing(tmp_path: Path) -> None:
    run = Run(citizens=80, each=10, kills=3, seed=SEED)
    found = play(run, tmp_path)
    assert found.holds, found
    assert found.acked + found.unknown == run.messages


def test_acknowledging_before_the_message_is_durable_is_caught(tmp_path: Path) -> None:
    found = play(Run(citizens=30, each=10, kills=3, seed=SEED, launcher=PLANTED_BUG), tmp_path)
    assert found.lost > 0
