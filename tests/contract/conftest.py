"""A fresh deployment's bus, a fresh outbox and a fresh store, on each adapter, for the contract suite."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.bus.opening import open_bus
from gateway.bus.port import Bus
from gateway.outbox.opening import open_outbox
from gateway.outbox.port import Outbox
from gateway.store.opening import open_store
from gateway.store.port import Store
from tests.contract.bus_adapters import ADAPTERS, Adapter
from tests.contract.outbox_play import ADAPTERS as OUTBOXES
from tests.contract.outbox_play import ECHO, NOON
from tests.contract.store_play import ADAPTERS as STORES


@dataclass
class Clock:
    """The machine's clock, moved forward as a test wishes."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC) + self.ahead


@dataclass
class Deployment:
    """One deployment's data, and the buses that are open on it."""

    url: str
    clock: Callable[[], datetime]
    buses: list[Bus] = field(default_factory=list)

    def bus(self, stage: str, *, max_message_bytes: int = 1_000_000, lease_seconds: float = 10.0) -> Bus:
        """Open a stage's bus as a process of its own would."""
        opened = open_bus(
            self.url,
            stage,
            clock=self.clock,
            max_message_bytes=max_message_bytes,
            lease_seconds=lease_seconds,
        )
        self.buses.append(opened)
        return opened

    async def close(self) -> None:
        """Close every bus."""
        await asyncio.gather(*(bus.close() for bus in self.buses))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=ADAPTERS, ids=[adapter.name for adapter in ADAPTERS])
async def deployment(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> AsyncIterator[Deployment]:
    adapter: Adapter = request.param
    missing = adapter.missing()
    if missing is not None:
        pytest.skip(missing)
    opened = Deployment(adapter.url(tmp_path), clock)
    yield opened
    await opened.close()


@pytest.fixture(params=OUTBOXES)
def outbox_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    found: str = request.param(tmp_path)
    return found


@pytest.fixture
async def outbox(outbox_url: str) -> AsyncIterator[Outbox]:
    opened = open_outbox(outbox_url, echo=ECHO, clock=lambda: NOON)
    yield opened
    await opened.close()


@pytest.fixture(params=STORES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    found: str = request.param(tmp_path)
    return found


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = open_store(url)
    yield opened
    await opened.close()
