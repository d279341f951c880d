"""What the bus's contract tests are told in: messages, handlers that remember, and consumers that run for a while."""

import asyncio
import contextlib
import itertools
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from gateway.bus.port import Beginning, Bus, Handler, Record
from schemas.envelope import Message

PATIENCE = 120.0
"""Seconds until what must come is given up; so many only pass on a machine that does much else."""

TIME = datetime(2026, 3, 2, 8, 0, 0, 1, tzinfo=UTC)

CHILD = Path(__file__).with_name("bus_child.py")
ROOT = Path(__file__).parents[2]


def message(number: int | str, *, topic: str = "inbound", key: str = "a", value: bytes = b"{}") -> Message:
    """A message whose id is its number."""
    return Message(topic, key, str(number), "vn.1022.test.v1", "tests", TIME, value)


def ids(records: Sequence[Record]) -> list[str]:
    return [record.message.id for record in records]


async def everything(bus: Bus, topic: str = "inbound") -> list[Record]:
    return [record async for record in bus.read(topic, start=Beginning())]


def growing(numbers: Sequence[int]) -> bool:
    """Whether each is greater than the one before."""
    return all(one < other for one, other in itertools.pairwise(numbers))


class Seen:
    """A handler that remembers the records it finished, after asking `first` what follows."""

    def __init__(self, first: Callable[[Record], Awaitable[Sequence[Message]]] | None = None) -> None:
        """Do nothing but remember, unless told what comes first."""
        self.records: list[Record] = []
        self._first = first
        self._grown = asyncio.Condition()

    async def __call__(self, record: Record) -> Sequence[Message]:
        """Handle a record."""
        outputs = [] if self._first is None else await self._first(record)
        async with self._grown:
            self.records.append(record)
            self._grown.notify_all()
        return outputs

    async def count(self, wanted: int) -> None:
        """Return when so many records were finished."""
        async with asyncio.timeout(PATIENCE), self._grown:
            await self._grown.wait_for(lambda: len(self.records) >= wanted)


async def forwarded(record: Record) -> Sequence[Message]:
    """The record's message, put on `tickets`."""
    found = record.message
    return [message(found.id, topic="tickets", key=found.key, value=found.value)]


class Consumes(Protocol):
    """A bus, or what begins its consumer again."""

    async def consume(self, topic: str, *, group: str, handler: Handler) -> None:
        """Consume until cancelled."""
        ...


@contextlib.asynccontextmanager
async def consuming(
    bus: Consumes, handler: Handler, *, topic: str = "inbound", group: str = "normalizer"
) -> AsyncIterator["asyncio.Task[None]"]:
    """Consume while the body runs, then cancel; a consumer that failed by itself fails the test."""
    task = asyncio.create_task(bus.consume(topic, group=group, handler=handler))
    try:
        yield task
    finally:
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=PATIENCE)
        assert done, "the consumer did not stop"
    if not task.cancelled() and task.exception() is not None:
        task.result()


async def caught_up(bus: Bus, *, topic: str = "inbound", group: str = "normalizer", left: int = 0) -> None:
    """Return when a group has at most `left` records before it."""
    async with asyncio.timeout(PATIENCE):
        while (await bus.lag(topic, group=group)).messages > left:  # noqa: ASYNC110 - progress may be another process's
            await asyncio.sleep(0.001)


async def eventually(holds: Callable[[], bool]) -> None:
    """Return when something holds that nobody tells of."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - it is the file system's or a log's state, which sets no event
            await asyncio.sleep(0.005)


async def child(*arguments: object) -> asyncio.subprocess.Process:
    """Start `bus_child.py` as a process of its own."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "error",
        str(CHILD),
        *(str(argument) for argument in arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={
            **{name: value for name, value in os.environ.items() if name.startswith("KAFKA_")},
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )


async def line(process: asyncio.subprocess.Process) -> str:
    """The next line that a child prints; empty at its end."""
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()


async def lines(process: asyncio.subprocess.Process) -> list[str]:
    """All that a child still prints, up to the last whole line."""
    assert process.stdout is not None
    text = (await asyncio.wait_for(process.stdout.read(), 30)).decode()
    return text[: text.rfind("\n") + 1].split()
