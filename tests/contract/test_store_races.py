"""Of processes that write at once or are killed every store keeps what it acknowledged, and one answer."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID, uuid4, uuid5

from gateway.store.opening import open_store
from gateway.store.port import Store
from tests.contract.store_play import HISTORY

NAMESPACE = UUID(int=1022)


RACING = """
import asyncio, sys
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid5
from gateway.errors import Conflict
from gateway.store.opening import open_store
from gateway.store.port import Commit

async def main(url, name, history, count):
    store = open_store(url)
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(count):
        cause = uuid5(UUID(int=1022), str(number))
        while True:
            version = (await store.load(history)).version + 1
            try:
                made = Commit(cause, history, version, datetime.now(UTC), "0f" * 16, name.encode())
                answer = await store.record(made)
                break
            except Conflict:
                continue
        print(number, answer.version, answer.events.decode(), flush=True)
    await store.close()

asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
"""


def started(script: str, *arguments: str) -> subprocess.Popen[str]:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


async def test_two_processes_that_race_get_the_same_answers(url: str, store: Store) -> None:
    children = [started(RACING, url, name, HISTORY, "60") for name in ("a", "b")]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    outputs = await asyncio.gather(*(asyncio.to_thread(child.communicate, "go\n", 60) for child in children))
    first, second = (output.splitlines() for output, _ in outputs)
    assert first == second
    commits = await store.commits(HISTORY)
    assert [one.version for one in commits] == list(range(1, 61))
    assert {one.cause for one in commits} == {uuid5(NAMESPACE, str(number)) for number in range(60)}


WRITING = """
import asyncio, sys
from datetime import UTC, datetime
from uuid import uuid4
from gateway.store.opening import open_store
from gateway.store.port import Commit, Timer

async def write(store, history):
    now = datetime.now(UTC)
    version = 0
    while True:
        version += 1
        made = Commit(
            uuid4(), history, version, now, "0f" * 16, b"[]" * 500,
            timers_set=(Timer(history, "lapse", now),), terms=(f"code:{history}/{version}",),
        )
        await store.record(made)
        print(history, version, made.cause, flush=True)

async def main(url):
    store = open_store(url)
    await asyncio.gather(*(write(store, f"ticket/{number}") for number in range(8)))

asyncio.run(main(sys.argv[1]))
"""


def told(line: str) -> tuple[str, int, UUID]:
    history, version, cause = line.split()
    return history, int(version), UUID(cause)


async def test_what_was_recorded_survives_kill_9(url: str) -> None:
    acknowledged: list[tuple[str, int, UUID]] = []
    for _ in range(3):
        with started(WRITING.replace("ticket/", f"ticket/{uuid4()}/"), url) as child:
            assert child.stdout is not None
            for line in child.stdout:
                acknowledged.append(told(line))
                if len(acknowledged) % 150 == 0:
                    break
            child.send_signal(signal.SIGKILL)
            # Read on through the same buffer: `communicate` reads beneath it and would begin in the middle of a line.
            rest = await asyncio.to_thread(child.stdout.readlines)
        acknowledged.extend(told(line) for line in rest if line.endswith("\n"))
    store = open_store(url)
    for history, version, cause in acknowledged:
        answer = (await store.load(history, cause=cause)).answer
        assert answer is not None
        assert answer.version == version
        assert list(await store.find(f"code:{history}/{version}")) == [history]
    await store.close()
    assert len(acknowledged) >= 450
