"""What a store promises of claims when the machine's clock is set back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.store.opening import open_store
from gateway.store.port import CLOCKS_DIFFER
from tests.servers import mongo

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "mongo"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.db'}" if request.param == "sqlite" else mongo.url_of(tmp_path)


async def test_a_claim_of_a_clock_that_was_set_back_since_holds_nobody_up(url: str) -> None:
    now = [NOON + timedelta(hours=3)]
    store = open_store(url, clock=lambda: now[0])
    await store.claim("lease", b"killed", until=now[0] + timedelta(seconds=10))
    await store.claim("for ever", b"a")
    now[0] = NOON
    lease = NOON + timedelta(seconds=10)
    assert await store.claim("lease", b"next", until=lease) == b"next"
    assert await store.claim("lease", b"other", until=lease) == b"next", "a plausible end is believed"
    now[0] = NOON - CLOCKS_DIFFER
    assert await store.claim("lease", b"other", until=now[0] + timedelta(seconds=10)) == b"next", "clocks may differ"
    assert await store.claim("for ever", b"b", until=lease) == b"a"
    await store.close()
