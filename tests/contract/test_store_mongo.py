"""What the store on MongoDB promises beyond the port: one document at a time, and what dies in between is mended."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import AutoReconnect

from gateway.errors import Conflict, Unavailable
from gateway.store.mongo import MongoStore
from gateway.store.mongo_histories import COMMITS, LATEST
from gateway.store.port import Commit, Timer
from tests.servers import mongo

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HISTORY = "conversation/" + "0f" * 16
WRITES = ("insert_one", "update_one")


def opened(url: str) -> MongoStore:
    return MongoStore(url, clock=lambda: datetime.now(UTC))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return mongo.url_of(tmp_path)


@pytest_asyncio.fixture
async def store(url: str) -> AsyncIterator[MongoStore]:
    found = opened(url)
    yield found
    await found.close()


def commit(version: int, minutes: int | None, *, terms: tuple[str, ...] = ()) -> Commit:
    """A commit that sets two timers, or cancels them, and enters the history under terms."""
    timers = () if minutes is None else (at("quiet", minutes), at("lapse", minutes + 1))
    cancelled = ("quiet", "lapse") if minutes is None else ()
    return Commit(uuid4(), HISTORY, version, NOON, "0f" * 16, b"[]", b"", timers, cancelled, terms)


def at(kind: str, minutes: int) -> Timer:
    return Timer(HISTORY, kind, NOON + timedelta(minutes=minutes))


class Dying:
    """Lets a number of the driver's writes through and then fails each, as when the process were gone."""

    def __init__(self, patch: pytest.MonkeyPatch, alive: int) -> None:
        """Take how many writes still go through."""
        self.alive = alive
        for name in WRITES:
            patch.setattr(AsyncCollection, name, self.mortal(getattr(AsyncCollection, name)))

    def mortal(self, write: Any) -> Any:  # noqa: ANN401 - a driver's method, with whatever it takes
        """The write, or the failure."""

        async def guarded(*arguments: Any, **more: Any) -> Any:  # noqa: ANN401 - handed through
            self.alive -= 1
            if self.alive < 0:
                raise AutoReconnect("gone")
            return await write(*arguments, **more)

        return guarded


async def died_in(url: str, made: Commit, alive: int) -> bool:
    """Record a commit with a writer that dies after so many writes; whether it died."""
    with pytest.MonkeyPatch.context() as patch:
        dying = opened(url)
        Dying(patch, alive)
        try:
            await dying.record(made)
        except Unavailable:
            return True
        finally:
            await dying.close()
    return False


async def test_wherever_a_writer_dies_what_follows_from_its_commit_is_found(url: str, store: MongoStore) -> None:
    alive = 0
    while True:
        made = commit((await store.load(HISTORY)).version + 1, alive, terms=(f"code:{alive}", f"account:{alive}"))
        died = await died_in(url, made, alive)
        if (await store.load(HISTORY, cause=made.cause)).answer is None:
            assert alive == 0, "only a writer that wrote nothing left nothing"
        else:
            assert await store.due(NOON + timedelta(days=1)) == [at("quiet", alive), at("lapse", alive + 1)]
            assert list(await store.find(f"code:{alive}")) == list(await store.find(f"account:{alive}")) == [HISTORY]
        if not died:
            break
        alive += 1
    assert alive == 6, "the commit, two timers, two entries, and that all this was done"


async def test_an_index_entry_is_found_although_nobody_asked_for_timers_since(url: str, store: MongoStore) -> None:
    assert await died_in(url, commit(1, 1, terms=("code:1",)), alive=1)
    assert list(await store.find("code:1")) == [HISTORY]


async def test_a_repeated_cause_mends_what_its_first_record_left_undone(url: str, store: MongoStore) -> None:
    made = commit(1, 1, terms=("code:1",))
    assert await died_in(url, made, alive=1)
    assert await store.record(made) == made
    assert await store._connection[COMMITS].count_documents({"settled": "no"}) == 0
    assert await store._connection["timers"].count_documents({"state": "open"}) == 2


async def test_an_older_commit_that_is_laid_down_late_opens_nothing_again(url: str, store: MongoStore) -> None:
    assert await died_in(url, commit(1, 1), alive=1)
    await store.record(commit(2, None))
    assert await store.due(NOON + timedelta(days=1)) == []
    assert await store.due(NOON + timedelta(days=1)) == []


async def test_a_gap_that_a_reader_saw_is_not_jumped_over(store: MongoStore) -> None:
    made = [await store.record(commit(version, version)) for version in (1, 2, 3)]
    await store._connection[COMMITS].delete_one({"history": HISTORY, "version": 2})
    assert (await store.load(HISTORY)).commits == (made[0],)
    with pytest.raises(Conflict):
        await store.record(commit(3, 9))


async def test_of_twenty_clients_that_claim_one_lapsed_key_one_wins(url: str, store: MongoStore) -> None:
    past = NOON - timedelta(days=900)
    await store.claim("lease", b"gone", until=past)
    clients = [opened(url) for _ in range(20)]
    until = datetime.now(UTC) + timedelta(hours=1)
    held = await asyncio.gather(
        *(client.claim("lease", f"{number}".encode(), until=until) for number, client in enumerate(clients))
    )
    assert len(set(held)) == 1
    assert held[0] != b"gone"
    for client in clients:
        await client.close()


async def test_the_adapters_of_one_process_stand_on_one_client(url: str, store: MongoStore) -> None:
    other = opened(url)
    client = store._connection.database.client
    assert other._connection.database.client is client
    await other.close()
    assert (await store.load(HISTORY)).version == 0, "the last one closes it, not the first"


async def test_a_history_longer_than_what_is_read_at_once_is_whole_with_and_without_a_snapshot(
    url: str, store: MongoStore
) -> None:
    made = [await store.record(commit(version, None)) for version in range(1, LATEST + 4)]
    other = opened(url)
    for asked in (store, other):
        loaded = await asked.load(HISTORY, cause=made[0].cause)
        assert (loaded.commits, loaded.answer) == (tuple(made), made[0])
    await other.close()
    await store.snapshot(HISTORY, 2, b"two")
    loaded = await store.load(HISTORY, cause=made[1].cause)
    assert (loaded.commits, loaded.snapshot, loaded.answer) == (tuple(made[2:]), b"two", made[1])
    await store.snapshot(HISTORY, LATEST, b"many")
    loaded = await store.load(HISTORY, cause=made[-1].cause)
    assert (loaded.commits, loaded.snapshot, loaded.answer) == (tuple(made[LATEST:]), b"many", made[-1])


async def test_a_version_is_asked_for_only_by_who_never_saw_it(url: str, store: MongoStore) -> None:
    await store.record(commit(1, None))
    other = opened(url)
    with pytest.raises(Conflict):
        await other.record(commit(3, None))
    assert (await other.record(commit(2, None))).version == 2
    with pytest.raises(Conflict):
        await store.record(commit(2, None))
    await other.close()
