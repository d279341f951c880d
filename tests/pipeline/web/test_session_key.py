"""Copies of the web channel sign with one key, or the one that would not is refused."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.errors import Invalid
from gateway.store.opening import open_store
from gateway.store.port import Store
from services.web_ingest.session_key import LASTS, SessionKeyLease

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ONE, OTHER = b"1" * 32, b"2" * 32


class Clock:
    """A clock that is moved by hand."""

    now = NOON

    def __call__(self) -> datetime:
        """The time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(tmp_path: Path, clock: Clock) -> AsyncIterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'store.db'}", clock=clock)
    yield opened
    await opened.close()


async def test_copies_with_the_same_key_run_side_by_side(store: Store, clock: Clock) -> None:
    for _ in range(2):
        await SessionKeyLease(ONE, store, clock).hold()


async def test_a_copy_with_another_key_does_not_run_beside_them(store: Store, clock: Clock) -> None:
    await SessionKeyLease(ONE, store, clock).hold()
    with pytest.raises(Invalid) as caught:
        await SessionKeyLease(OTHER, store, clock).run()
    assert caught.value.reason == "session_key_differs"


async def test_a_new_key_holds_once_the_last_copy_with_the_old_one_is_gone(store: Store, clock: Clock) -> None:
    await SessionKeyLease(ONE, store, clock).hold()
    clock.now = NOON + LASTS + LASTS
    await SessionKeyLease(OTHER, store, clock).hold()
