"""Two thousand replies, a tenth of the answers lost, senders killed and competing: the platform's count decides."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid5

import pytest

from gateway.bus.opening import open_bus
from gateway.bus.port import Beginning, Bus
from gateway.outbox.opening import open_outbox
from gateway.outbox.port import Outbox, Part, PartState, token_of
from gateway.runtime.data_folder import DataFolder
from gateway.runtime.histories import to_message
from gateway.vault.provider import add_master_key
from schemas.reply import Reply, ReplyEvent, ReplyPersonal
from schemas.vocabulary import Intake, Language, ReplyKind
from tests.pipeline.outbox_platform import Platform, listening

CITIZENS, EACH = 500, 4
REPLIES = CITIZENS * EACH
LONG = 10
"""The first reply to every tenth citizen becomes two messages."""

MESSAGES = REPLIES + CITIZENS // LONG

KILLED_AT, STOPPED_AT = 500, 1200
PATIENCE = 90.0


def reply(citizen: int, number: int) -> Reply:
    account = f"{citizen:032x}"
    return Reply(
        id=uuid5(UUID(int=1022), f"{citizen}/{number}"),
        history=f"conversation/{account}",
        channel="zalo",
        intake=Intake.CHAT,
        account=account,
        code=None,
        kind=ReplyKind.RECEIPT,
        language=Language.VI,
        at=datetime.now(UTC),
        personal=ReplyPersonal(text="\n".join(["Trả lời", "phần hai"][: parts_of(citizen, number)])),
    )


def tokens(citizen: int) -> list[str]:
    """A citizen's messages in the order in which they must arrive."""
    return [
        token_of(reply(citizen, number).id, part) for number in range(EACH) for part in range(parts_of(citizen, number))
    ]


def parts_of(citizen: int, number: int) -> int:
    return 2 if number == 0 and citizen % LONG == 0 else 1


@asynccontextmanager
async def senders(data: Path) -> AsyncIterator[Callable[[str], None]]:
    """Starts sender processes by the platform's address, and leaves none behind.

    While they end this process goes on: it answers them, and what it holds of the outbox they may wait for.
    """
    children: list[subprocess.Popen[bytes]] = []

    def start(address: str) -> None:
        command = [sys.executable, "-m", "tests.pipeline.outbox_sender", str(data), address]
        children.append(subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL))

    try:
        yield start
    finally:
        for child in children:
            child.terminate()
        for child in children:
            await asyncio.to_thread(child.wait, 30)


async def publish(bus: Bus) -> None:
    """Every citizen's first reply, then every citizen's second one, and so on."""
    for number in range(EACH):
        replies = [reply(citizen, number) for citizen in range(CITIZENS)]
        await bus.publish(*(to_message("replies.zalo", one.account, one, source="/test", at=one.at) for one in replies))


async def hear_echoes(platform: Platform, outbox: Outbox, listening_now: asyncio.Event) -> None:
    """What the channel's reader does with echoes, while it runs."""
    while True:
        echo = await platform.echoes.get()
        await listening_now.wait()
        await outbox.echoed("zalo", token=echo.token, account=echo.account)


async def reached(platform: Platform, count: int) -> None:
    while len(platform.taken) < count:  # noqa: ASYNC110 - the platform keeps books, not events
        await asyncio.sleep(0.02)


async def open_ones(outbox: Outbox) -> Sequence[Part]:
    """Wait until nothing is on its way; returns the unknown ones, which wait for an echo or an operator."""
    while True:
        counts = await outbox.counts("zalo")
        if sum(counts.values()) == MESSAGES and not counts[PartState.WAITING] + counts[PartState.SENDING]:
            return await outbox.open_parts("zalo", PartState.UNKNOWN, limit=MESSAGES)
        await asyncio.sleep(0.05)


async def all_told(outbox: Outbox) -> None:
    while await outbox.endings("zalo", limit=1):  # noqa: ASYNC110 - other processes tell
        await asyncio.sleep(0.05)


async def repeated_by_operators(platform: Platform, outbox: Outbox) -> set[str]:
    """An operator looks each unknown message up at the platform and repeats what is not there; returns the tokens."""
    repeated: set[str] = set()
    while unknown := await open_ones(outbox):
        there = {one.token for one in platform.taken}
        for part in unknown:
            token = token_of(part.reply_id, part.number)
            if token not in there:
                repeated.add(token)
                await outbox.repeat(part.reply_id, part.number, by="operator1", now=datetime.now(UTC))
        await asyncio.sleep(0.05)
    return repeated


async def last_told(bus: Bus) -> dict[UUID, str]:
    """How each reply ended according to what was told; an id told twice would be one telling."""
    told: dict[UUID, str] = {}
    seen: Counter[UUID] = Counter()
    async for record in bus.read("reply.events", start=Beginning()):
        event = ReplyEvent.model_validate_json(record.message.value)
        seen[event.id] += 1
        told[event.reply_id] = event.state.value
    assert max(seen.values()) == 1
    return told


@pytest.mark.slow
async def test_of_2000_replies_with_a_tenth_of_the_answers_lost_none_is_lost_and_none_doubled(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.create()
    add_master_key(folder.master_keys)
    bus = open_bus(f"sqlite:///{folder.bus}", "normalizer", clock=lambda: datetime.now(UTC))
    outbox = open_outbox(f"sqlite:///{folder.outbox}")
    platform = Platform(seed=1022, limited_at=frozenset({300, 1500}))
    await publish(bus)
    async with asyncio.timeout(PATIENCE), listening(platform) as address:
        listening_now = asyncio.Event()
        listening_now.set()
        hearing = asyncio.create_task(hear_echoes(platform, outbox, listening_now))
        async with senders(tmp_path) as start:
            for _ in range(2):
                start(address)
            await reached(platform, KILLED_AT)
            # Without echoes the next sender cannot know what of the killed one's arrived.
            listening_now.clear()
            os.kill(platform.taken[-1].sender, signal.SIGKILL)
            start(address)
            await reached(platform, STOPPED_AT)
            listening_now.set()
            os.kill(platform.taken[-1].sender, signal.SIGTERM)
            start(address)
            repeated = await repeated_by_operators(platform, outbox)
            await all_told(outbox)
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
    counted = Counter(one.token for one in platform.taken)
    wanted = {token for citizen in range(CITIZENS) for token in tokens(citizen)}
    assert wanted - counted.keys() == set(), "lost"
    assert [token for token, times in counted.items() if times > 1] == [], "doubled"
    assert counted.keys() == wanted
    assert platform.doubtful >= MESSAGES * 0.08
    assert len({one.sender for one in platform.taken}) >= 2
    assert 2 <= platform.most_at_once <= 2 * 32
    arrived = defaultdict(list)
    for one in platform.taken:
        arrived[int(one.account, 16)].append(one.token)
    for citizen in range(CITIZENS):
        # What an operator repeats comes after what went on without it; everything else keeps its order.
        expected = [token for token in tokens(citizen) if token not in repeated]
        assert [token for token in arrived[citizen] if token not in repeated] == expected
    told = await last_told(bus)
    assert len(told) == REPLIES
    assert set(told.values()) == {"sent"}
    await bus.close()
    await outbox.close()
