"""The crash test of a cluster in small, and proof that it can fail; `make crash-test-cluster` plays much more of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.checker import together
from tests.faults.cluster.__main__ import CAUGHT, faulty
from tests.faults.cluster.play import ClusterRun, play
from tests.faults.shares import shares_of
from tests.servers import kafka, mongo

SEED = 1022

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(autouse=True)
def servers() -> None:
    """Broker and store can be started here."""
    reason = kafka.missing() or mongo.missing()
    if reason is not None:
        (pytest.fail if mongo.REQUIRED else pytest.skip)(reason)


def test_kills_of_everything_lose_double_and_disorder_nothing(tmp_path: Path) -> None:
    run = ClusterRun(shares_of(150), 2, SEED, pause=0.05)
    found = play(run, tmp_path)
    assert found.holds, repr(found)
    assert together(found.balances).acked + together(found.balances).unknown == run.messages
    assert set(found.kills.values()) == {2}
    assert found.overlapping > 0


def test_who_stands_still_longer_than_others_wait_and_goes_on_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Broker and store that do not answer, and copies that wake when another one has long had their partitions."""
    run = ClusterRun(shares_of(80), 1, SEED, pause=0.05, still=13.0, twice=("normalizer", "dispatcher"))
    found = play(run, tmp_path)
    assert found.holds, repr(found)
    assert together(found.balances).acked + together(found.balances).unknown == run.messages
    assert set(found.kills.values()) == {1}


def test_keys_that_do_not_keep_a_citizens_messages_together_are_caught(tmp_path: Path) -> None:
    fault = "random key"
    run = replace(faulty(fault, SEED, shares_of(80)), kills=1, pause=0.0)
    assert CAUGHT[fault](play(run, tmp_path))
