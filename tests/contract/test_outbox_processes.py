"""What every outbox promises to several processes at once, and of one that is killed."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID, uuid5

from gateway.outbox.opening import open_outbox
from gateway.outbox.port import (
    Outbox,
    PartState,
)
from tests.contract.outbox_play import NOON

FILING = """
import asyncio, sys
from datetime import UTC, datetime
from uuid import UUID, uuid5
from gateway.outbox.opening import open_outbox
from gateway.outbox.port import Part
from schemas.vocabulary import ReplyKind

async def main(url, count):
    outbox = open_outbox(url)
    print("ready", flush=True)
    sys.stdin.readline()
    now = datetime.now(UTC)
    for number in range(count):
        reply, account = uuid5(UUID(int=1022), str(number)), f"{number:032x}"
        part = Part(reply, 0, 1, "zalo", account, "h", ReplyKind.RECEIPT, None, now, now, b"sealed")
        if await outbox.file([part]):
            print("filed", number, flush=True)
        if await outbox.begin(part, now):
            print("begun", number, flush=True)
    await outbox.close()

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


def started(script: str, *arguments: str) -> subprocess.Popen[str]:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


async def test_of_two_processes_that_race_one_files_and_one_begins_each_part(outbox_url: str, outbox: Outbox) -> None:
    children = [started(FILING, outbox_url, "60") for _ in range(2)]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    outputs = await asyncio.gather(*(asyncio.to_thread(child.communicate, "go\n", 60) for child in children))
    lines = sorted(line for output, _ in outputs for line in output.splitlines())
    assert lines == sorted(f"{what} {number}" for what in ("begun", "filed") for number in range(60))
    assert (await outbox.counts("zalo"))[PartState.SENDING] == 60


async def test_what_was_acknowledged_survives_kill_9(outbox_url: str) -> None:
    told: dict[str, set[int]] = {"filed": set(), "begun": set()}
    with started(FILING, outbox_url, "100000") as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write("go\n")
        child.stdin.flush()
        assert child.stdout.readline() == "ready\n"
        lines = [child.stdout.readline() for _ in range(300)]
        child.send_signal(signal.SIGKILL)
        # Read on through the same buffer: `communicate` reads beneath it and would begin in the middle of a line.
        lines += [line for line in await asyncio.to_thread(child.stdout.readlines) if line.endswith("\n")]
    for line in lines:
        what, which = line.split()
        told[what].add(int(which))
    outbox = open_outbox(outbox_url)
    for number in told["filed"]:
        part = await outbox.part(uuid5(UUID(int=1022), str(number)), 0)
        assert part is not None
        assert part.state is PartState.SENDING or number not in told["begun"]
    left = (await outbox.take_over("zalo", NOON)).interrupted
    assert len(told["begun"]) <= left <= len(told["begun"]) + 1
    await outbox.close()
    assert len(told["begun"]) >= 149
