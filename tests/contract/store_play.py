"""What the contract of the store is played with: its adapters, and commits."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.store.port import Commit
from tests.servers import mongo

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)


OWNER = "0f" * 16


HISTORY = f"conversation/{OWNER}"


def sqlite_url(folder: Path) -> str:
    """The embedded store."""
    return f"sqlite:///{folder / 'store.db'}"


ADAPTERS = [pytest.param(sqlite_url, id="sqlite"), pytest.param(mongo.url_of, id="mongo")]


def commit(version: int = 1, **changes: object) -> Commit:
    made = Commit(uuid4(), HISTORY, version, NOON, OWNER, b'[{"type":"noted"}]', b"\x01sealed")
    return replace(made, **changes)  # type: ignore[arg-type]  # a test's own keyword arguments
