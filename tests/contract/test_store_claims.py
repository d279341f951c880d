"""What every store promises of claims: one holder, until its end or its own word."""

import asyncio
from datetime import timedelta

from gateway.store.opening import open_store
from gateway.store.port import Store
from tests.contract.store_play import NOON


async def test_the_first_claim_wins_and_the_loser_learns_its_value(store: Store) -> None:
    assert await store.claim("key", b"first") == b"first"
    assert await store.claim("key", b"second") == b"first"
    assert await store.claim("key", b"first") == b"first"
    values = [f"{number}".encode() for number in range(50)]
    held = await asyncio.gather(*(store.claim("raced", value) for value in values))
    assert len(set(held)) == 1
    assert held[0] in values


async def test_the_holder_of_a_claim_is_seen_without_claiming(store: Store) -> None:
    assert await store.holder("key") is None
    assert await store.claim("key", b"first") == b"first", "looking claimed nothing"
    assert await store.holder("key") == b"first"
    await store.release("key", b"first")
    assert await store.holder("key") is None


async def test_a_claim_can_be_taken_over_only_after_its_end(url: str) -> None:
    now = [NOON]
    store = open_store(url, clock=lambda: now[0])
    end = NOON + timedelta(seconds=10)
    assert await store.claim("lease", b"a", until=end) == b"a"
    now[0] = end
    assert await store.claim("lease", b"b", until=end + timedelta(seconds=10)) == b"a", "not at the end, after it"
    now[0] = end + timedelta(microseconds=1)
    assert await store.claim("lease", b"b", until=end + timedelta(seconds=10)) == b"b"
    assert await store.claim("lease", b"a", until=end + timedelta(seconds=99)) == b"b"
    await store.close()


async def test_a_holder_extends_its_claim_and_never_shortens_it(url: str) -> None:
    now = [NOON]
    store = open_store(url, clock=lambda: now[0])
    for seconds in (10, 20, 5):
        await store.claim("lease", b"a", until=NOON + timedelta(seconds=seconds))
    now[0] = NOON + timedelta(seconds=19)
    assert await store.claim("lease", b"b", until=NOON + timedelta(seconds=60)) == b"a"
    await store.claim("for ever", b"a")
    await store.claim("for ever", b"a", until=NOON)
    now[0] = NOON + timedelta(days=9999)
    assert await store.claim("for ever", b"b") == b"a", "what never lapses is not given an end by repeating it"
    await store.close()


async def test_a_claim_is_released_by_its_holder_only(store: Store) -> None:
    await store.claim("key", b"mine")
    assert not await store.release("key", b"yours")
    assert await store.claim("key", b"other") == b"mine"
    assert await store.release("key", b"mine")
    assert not await store.release("key", b"mine")
    assert await store.claim("key", b"other") == b"other"
