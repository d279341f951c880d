"""The buses of two stages on one folder."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.bus.sqlite import SqliteBus


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "bus"


@pytest.fixture
async def source(folder: Path) -> AsyncIterator[SqliteBus]:
    bus = SqliteBus(folder, "web_ingest.read", clock=now)
    yield bus
    await bus.close()


@pytest.fixture
async def normalizer(folder: Path) -> AsyncIterator[SqliteBus]:
    bus = SqliteBus(folder, "normalizer", clock=now)
    yield bus
    await bus.close()
