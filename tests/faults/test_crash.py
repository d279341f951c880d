"""The crash test in small, and proof that it can fail: `make crash-test` plays twenty times as much."""

import asyncio
import os
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.bus.opening import open_bus
from gateway.domain.conservation.balance import Balance
from gateway.runtime.deployment import utc_now
from gateway.runtime.ledger.reading import LedgerReader
from tests.fakes.mail.dovecot import PROGRAM
from tests.faults.__main__ import ACKNOWLEDGING
from tests.faults.checker import together
from tests.faults.crash import PLANTED_BUG, Run, play
from tests.faults.shares import left_out, shares_of

SEED = 1022
PLAYS = 4

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_mails_are_among_the_messages() -> None:
    if PROGRAM is None and os.environ.get("REQUIRE_DOVECOT") != "1":
        pytest.skip(left_out())
    assert "email" in shares_of(100)


def test_without_a_fault_everything_balances(tmp_path: Path) -> None:
    run = Run(shares_of(120), 0, SEED)
    found = play(run, tmp_path)
    assert all(one.holds for one in found.values()), found
    assert (together(found).acked, together(found).unknown) == (run.messages, 0)


def test_kills_lose_double_and_disorder_nothing(tmp_path: Path) -> None:
    run = Run(shares_of(400), 3, SEED, pause=0.1)
    found = play(run, tmp_path)
    assert all(one.holds for one in found.values()), found
    assert together(found).acked + together(found).unknown == run.messages
    own = asyncio.run(own_ledger(tmp_path / "data"))
    assert [missing for one in own.values() for missing in one.unaccounted] == []
    assert sum(one.outcomes["accepted"] for one in own.values()) == together(found).tickets


async def own_ledger(data: Path) -> Mapping[str, Balance]:
    """What the gateway itself says became of everything; a platform's last echoes may still be in flight."""
    bus = open_bus(f"sqlite:///{data / 'bus'}", "ledger", clock=utc_now)
    try:
        since = utc_now() - timedelta(days=1)
        return await LedgerReader(bus, since=since, clock=utc_now, grace=timedelta(0)).balances()
    finally:
        await bus.close()


@pytest.mark.timeout(900)
def test_acknowledging_before_the_message_is_durable_is_caught(tmp_path: Path) -> None:
    """In every channel; a kill that falls between two messages of one shows nothing there: then it is played again."""
    lost: Counter[str] = Counter()
    for again in range(PLAYS):
        folder = tmp_path / str(again)
        folder.mkdir()
        found = play(Run(shares_of(300), 2, SEED + again, launcher=PLANTED_BUG, pause=0.2), folder)
        lost.update({channel: found[channel].lost for channel in ACKNOWLEDGING})
        if all(lost[channel] for channel in ACKNOWLEDGING):
            break
    assert all(lost[channel] for channel in ACKNOWLEDGING), lost
