"""A sender is killed at each point of a reply's way out: the next one sends nothing twice and tells one story."""

import asyncio
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.outbox.port import token_of
from gateway.runtime.sending.lease import LEASE
from tests.pipeline.outbox_crash import POINTS
from tests.unit.sending_bench import AN, opened
from tests.waiting import until

IN_DOUBT = POINTS[:3]


@pytest.mark.parametrize("point", POINTS)
async def test_killed_at_any_point_a_reply_is_sent_at_most_once_and_told_rightly(point: str, tmp_path: Path) -> None:
    folder, platform = tmp_path / "data", tmp_path / "taken"
    folder.mkdir()
    platform.touch()
    async with opened(folder) as bench:
        reply = await bench.file("một")
    command = [sys.executable, "-m", "tests.pipeline.outbox_crash", str(folder), point, str(platform)]
    root = Path(__file__).parents[2]
    ended = await asyncio.to_thread(subprocess.run, command, cwd=root, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    taken = platform.read_text().split()
    assert taken == ([] if point == "before the request" else [token_of(reply, 0)])
    async with opened(folder) as bench:
        bench.ahead = LEASE + timedelta(seconds=1)
        async with bench.running():
            await until(bench.all_ended)
            if point in IN_DOUBT:
                assert await bench.state(reply) == "unknown"
            for token in taken:
                assert await bench.outbox.echoed("zalo", token=token, account=AN) is not None
            await until(bench.all_ended)
        assert bench.carrier.taken == [], "the next sender repeats nothing"
        events = await bench.events()
    told = [event.state.value for event in events]
    if point == "before the request":
        assert told == ["unknown"]
    elif point in IN_DOUBT:
        assert told == ["unknown", "sent"]
    else:
        assert told == ["sent"]
    assert len({event.id for event in events}) == len(events)
