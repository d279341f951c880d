"""What every bus promises when processes die: nothing acknowledged is lost, nothing is done twice."""

import asyncio
import signal
from collections import Counter

import pytest

from tests.contract.bus_play import Seen, caught_up, child, consuming, everything, forwarded, ids, line, lines, message
from tests.contract.conftest import Deployment

PUBLISHING_ROUNDS = 8
CONSUMING_ROUNDS = 6


async def killed(process: asyncio.subprocess.Process) -> list[str]:
    """Kill a child and return what it had still said."""
    process.send_signal(signal.SIGKILL)
    said = await lines(process)
    await process.wait()
    return said


async def test_publish_is_durable_on_return(deployment: Deployment) -> None:
    acknowledged = []
    for number in range(PUBLISHING_ROUNDS):
        process = await child("publish-one", deployment.url, "web_ingest.read", number)
        acknowledged.append(await line(process))
        await killed(process)
    assert ids(await everything(deployment.bus("cli"))) == acknowledged == [str(n) for n in range(PUBLISHING_ROUNDS)]


async def test_kill_9_while_publishing_loses_nothing_acknowledged_and_tears_nothing(deployment: Deployment) -> None:
    acknowledged: list[str] = []
    for number in range(PUBLISHING_ROUNDS):
        process = await child("publish-on", deployment.url, "web_ingest.read", f"r{number}", 0)
        acknowledged += [await line(process) for _ in range(7 * (number + 1))]
        acknowledged += await killed(process)
    found = await everything(deployment.bus("cli"))
    pairs = Counter(record.message.value.decode() for record in found)
    assert set(acknowledged) <= set(pairs)
    assert set(pairs.values()) == {2}
    assert len({(record.partition, record.offset) for record in found}) == len(found)


@pytest.mark.slow
async def test_kill_9_while_consuming_loses_nothing_and_doubles_nothing(deployment: Deployment) -> None:
    source = deployment.bus("web_ingest.read")
    sent = [message(number, key=str(number % 11)) for number in range(3000)]
    reader = deployment.bus("cli")
    for number in range(CONSUMING_ROUNDS):
        await source.publish(*sent[number * 500 : (number + 1) * 500])
        process = await child("forward", deployment.url, "normalizer")
        await caught_up(reader, left=450)
        await killed(process)
    bus = deployment.bus("normalizer")
    async with consuming(bus, forwarded):
        await caught_up(bus)
    outputs = await everything(reader, "tickets")
    assert len(outputs) == 3000
    for key in range(11):
        mine = [int(record.message.id) for record in outputs if record.message.key == str(key)]
        assert mine == list(range(key, 3000, 11))


async def test_a_stale_owner_is_fenced(deployment: Deployment) -> None:
    await deployment.bus("web_ingest.read").publish(message(1))
    process = await child("hang", deployment.url, "normalizer")
    assert await line(process) == "handling"
    process.send_signal(signal.SIGSTOP)
    seen = Seen(forwarded)
    bus = deployment.bus("normalizer", lease_seconds=0.5)
    async with consuming(bus, seen):
        await seen.count(1)
        await caught_up(bus)
    process.send_signal(signal.SIGCONT)
    assert process.stdin is not None
    process.stdin.write(b"go on\n")
    assert await line(process) == "lease_lost"
    await process.wait()
    outputs = await everything(bus, "tickets")
    assert [(found.message.id, found.message.key) for found in outputs] == [("1", "a")]


async def test_an_owner_that_lives_keeps_its_group_from_an_impatient_copy(deployment: Deployment) -> None:
    gate = asyncio.Event()
    started = asyncio.Event()

    async def slow(record: object) -> list[object]:
        started.set()
        await gate.wait()
        return []

    await deployment.bus("web_ingest.read").publish(message(1))
    seen = Seen()
    async with consuming(deployment.bus("normalizer"), slow):  # type: ignore[arg-type]
        await asyncio.wait_for(started.wait(), 30)
        async with consuming(deployment.bus("normalizer", lease_seconds=0.5), seen) as impatient:
            # Five times its patience: the owner answers each question though its handler is still at work.
            await asyncio.wait([impatient], timeout=2.5)
            assert seen.records == []
            gate.set()
            await caught_up(deployment.bus("cli"))
    assert seen.records == []


async def test_several_processes_share_one_deployment(deployment: Deployment) -> None:
    producers = [
        await child("publish-on", deployment.url, stage, stage.split("_")[0], 150)
        for stage in ("web_ingest.read", "zalo_ingest.read", "email_ingest.read")
    ]
    consumer = await child("forward", deployment.url, "normalizer")
    acknowledged = [pair for process in producers for pair in await lines(process)]
    assert [await process.wait() for process in producers] == [0, 0, 0]
    reader = deployment.bus("cli")
    await caught_up(reader)
    await killed(consumer)
    assert len(acknowledged) == 450
    outputs = ids(await everything(reader, "tickets"))
    assert Counter(outputs) == Counter(f"{pair}.{half}" for pair in acknowledged for half in (1, 2))
