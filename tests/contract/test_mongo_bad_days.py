"""The server dies, stands still or is gone: what was acknowledged is there, and nobody waits for ever."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from gateway.errors import Unavailable
from gateway.store.opening import open_store
from gateway.store.port import Commit, Store, Timer
from tests.servers import mongo

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
WAITS = "serverSelectionTimeoutMS=1500&socketTimeoutMS=1500&connectTimeoutMS=1500"
BOUND = 30.0
"""Seconds; each call may take a few of the waits above, on a busy machine."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[mongo.FerretDB]:
    if mongo.GIVEN:
        pytest.skip("kills the server, which is not ours to kill")
    mongo.url_of(tmp_path)
    found = mongo.FerretDB(tmp_path / "ferretdb").start()
    yield found
    found.kill()


@pytest_asyncio.fixture
async def store(server: mongo.FerretDB) -> AsyncIterator[Store]:
    found = open_store(f"{server.url}/bad_days?{WAITS}")
    yield found
    await found.close()


def commit(history: str, version: int) -> Commit:
    timer = Timer(history, "quiet", NOON)
    return Commit(uuid4(), history, version, NOON, "0f" * 16, b"[]", b"", (timer,), (), (f"code:{history}/{version}",))


async def written(store: Store, history: str, acknowledged: dict[tuple[str, int], UUID], until: asyncio.Event) -> None:
    """Record one commit after the other, each again and again until it is acknowledged."""
    version = 0
    while not until.is_set():
        version += 1
        made = commit(history, version)
        while (history, version) not in acknowledged:
            with suppress(Unavailable):
                acknowledged[history, version] = (await store.record(made)).cause
            await asyncio.sleep(0)


async def reached(acknowledged: dict[tuple[str, int], UUID], count: int) -> None:
    async with asyncio.timeout(60):
        while len(acknowledged) < count:  # noqa: ASYNC110 - the writers tell nobody
            await asyncio.sleep(0.01)


async def test_what_was_acknowledged_is_there_after_the_server_was_killed(server: mongo.FerretDB, store: Store) -> None:
    acknowledged: dict[tuple[str, int], UUID] = {}
    enough = asyncio.Event()
    names = [f"ticket/{number}" for number in range(6)]
    writers = [asyncio.create_task(written(store, name, acknowledged, enough)) for name in names]
    for kills in (1, 2):
        await reached(acknowledged, kills * 60)
        server.kill()
        await asyncio.to_thread(server.start)
    await reached(acknowledged, 180)
    enough.set()
    await asyncio.gather(*writers)
    for name in names:
        commits = await store.commits(name)
        assert {(name, one.version): one.cause for one in commits} == {
            place: cause for place, cause in acknowledged.items() if place[0] == name
        }
        for one in commits:
            assert list(await store.find(one.terms[0])) == [name]
    assert len(await store.due(NOON)) == len(names)


async def test_a_server_that_is_down_is_unavailable_in_bounded_time_and_is_used_again(
    server: mongo.FerretDB, store: Store
) -> None:
    await store.record(commit("ticket/1", 1))
    server.kill()
    await all_unavailable(store)
    await asyncio.to_thread(server.start)
    assert (await store.load("ticket/1")).version == 1


async def test_a_server_that_stands_still_is_unavailable_in_bounded_time(server: mongo.FerretDB, store: Store) -> None:
    await store.record(commit("ticket/1", 1))
    server.pause()
    try:
        await all_unavailable(store)
    finally:
        server.resume()
    async with asyncio.timeout(60):
        while True:
            with suppress(Unavailable):
                assert (await store.load("ticket/1")).version == 1
                break


async def all_unavailable(store: Store) -> None:
    """Every kind of call fails as what may pass, within the bound."""
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: store.load("ticket/1"),
        lambda: store.record(commit("ticket/2", 1)),
        lambda: store.due(NOON + timedelta(days=1)),
        lambda: store.claim("key", b"value"),
    ]
    began = time.monotonic()

    async def failed(call: Callable[[], Awaitable[object]]) -> None:
        with pytest.raises(Unavailable):
            await call()

    await asyncio.gather(*(failed(call) for call in calls))
    assert time.monotonic() - began < BOUND


async def test_a_process_that_opens_while_the_server_is_down_is_told_so(server: mongo.FerretDB) -> None:
    server.kill()
    with pytest.raises(Unavailable):
        open_store(f"{server.url}/bad_days?{WAITS}")
    server.start()
