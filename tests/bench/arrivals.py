"""When messages came to lie where, as their bus dates them."""

import json
from collections import Counter
from contextlib import aclosing
from datetime import UTC, datetime

from gateway.bus.opening import open_bus
from gateway.bus.port import Beginning, Bus, Record
from schemas.ticket import Transfer


def bench_bus(url: str) -> Bus:
    """A bus that only looks."""
    return open_bus(url, "bench", clock=lambda: datetime.now(UTC))


async def everything(bus: Bus, topic: str) -> list[Record]:
    """All that lies on a topic."""
    async with aclosing(bus.read(topic, start=Beginning())) as records:  # type: ignore[type-var]  # it is a generator
        return [record async for record in records]


async def arrivals(url: str) -> dict[str, float]:
    """Receipt code to the time (seconds since 1970) at which its transfer was published."""
    bus = bench_bus(url)
    found: dict[str, float] = {}
    for topic in await bus.topics():
        if topic.startswith("agency."):
            for record in await everything(bus, topic):
                if record.message.type == Transfer.TYPE:
                    found[json.loads(record.message.value)["ticket"]["code"]] = record.published_at.timestamp()
    await bus.close()
    return found


async def first_published(url: str, topic: str) -> float:
    """When the first record of a topic was published, in seconds since 1970."""
    bus = bench_bus(url)
    first = min(record.published_at for record in await everything(bus, topic))
    await bus.close()
    return first.timestamp()


async def repeats(url: str) -> tuple[int, int]:
    """How many records lie on all topics together, and how many of them came again under an id of their topic."""
    bus = bench_bus(url)
    ids: Counter[tuple[str, str]] = Counter()
    for topic in await bus.topics():
        ids.update((topic, record.message.id) for record in await everything(bus, topic))
    await bus.close()
    return ids.total(), ids.total() - len(ids)
