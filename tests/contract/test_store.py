"""What every store promises, on every adapter: further ones are added to `ADAPTERS` by one line."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import Conflict, Invalid, Unavailable
from gateway.store.opening import open_store
from gateway.store.port import Commit, Store, Timer
from tests.contract.store_play import HISTORY, NOON, commit


async def test_a_recorded_commit_is_read_back_whole(store: Store) -> None:
    local = timezone(timedelta(hours=7))
    due = datetime(2026, 3, 2, 19, 45, 0, 1, tzinfo=local)
    made = commit(
        at=NOON.astimezone(local),
        timers_set=(Timer(HISTORY, "quiet", due),),
        timers_cancelled=("lapse",),
        terms=("code:7KQX", "tên:ế"),
    )
    assert await store.record(made) == made
    (read,) = (await store.load(HISTORY)).commits
    assert read == made
    assert read.at.utcoffset() == timedelta(0)
    assert read.timers_set[0].due_at.microsecond == 1


async def test_a_history_that_does_not_exist_has_version_0(store: Store) -> None:
    loaded = await store.load("conversation/none", cause=uuid4())
    assert (loaded.version, loaded.commits, loaded.snapshot, loaded.answer) == (0, (), None, None)


async def test_a_cause_recorded_again_gets_its_first_answer(store: Store) -> None:
    first = commit()
    await store.record(first)
    await store.record(commit(2))
    again = replace(first, version=3, events=b"[]", sealed=b"", terms=("late:1",), timers_set=())
    assert await store.record(again) == first
    assert (await store.load(HISTORY)).version == 2
    assert await store.find("late:1") == []


async def test_the_same_cause_is_recorded_once_in_each_of_two_histories(store: Store) -> None:
    here = commit()
    there = replace(here, history="ticket/1")
    await store.record(here)
    assert await store.record(there) == there
    assert (await store.load("ticket/1")).version == 1


@pytest.mark.parametrize("version", [0, 1, 3, -1])
async def test_a_taken_or_skipped_version_is_a_conflict(store: Store, version: int) -> None:
    await store.record(commit(1))
    with pytest.raises(Conflict) as caught:
        await store.record(commit(version, terms=("lost:1",)))
    assert caught.value.reason == "version_taken"
    assert await store.find("lost:1") == []
    assert (await store.load(HISTORY)).version == 1


async def test_fifty_records_of_one_cause_at_once_are_one_commit(store: Store) -> None:
    cause = uuid4()
    drafts = [commit(cause=cause, events=f"[{number}]".encode()) for number in range(50)]
    answers = await asyncio.gather(*(store.record(draft) for draft in drafts))
    assert len(set(answers)) == 1
    assert list(await store.commits(HISTORY)) == [answers[0]]


async def test_of_fifty_writers_with_one_version_one_wins_and_the_others_conflict(store: Store) -> None:
    answers = await asyncio.gather(*(store.record(commit()) for _ in range(50)), return_exceptions=True)
    won = [answer for answer in answers if isinstance(answer, Commit)]
    assert len(won) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 49
    assert list(await store.commits(HISTORY)) == won


async def test_what_could_not_be_read_back_is_refused(store: Store) -> None:
    naive = NOON.replace(tzinfo=None)
    refused = {
        "foreign_timer": commit(timers_set=(Timer("ticket/2", "quiet", NOON),)),
        "naive_time": commit(at=naive),
        "lone_surrogate": commit(terms=("name:\ud800",)),
    }
    for reason, made in refused.items():
        with pytest.raises(Invalid) as caught:
            await store.record(made)
        assert caught.value.reason == reason
    with pytest.raises(Invalid):
        await store.due(naive)
    assert (await store.load(HISTORY)).version == 0


async def test_a_load_gives_the_snapshot_the_later_commits_and_the_answer(store: Store) -> None:
    made = [await store.record(commit(version)) for version in range(1, 6)]
    await store.snapshot(HISTORY, 3, b"state after 3")
    loaded = await store.load(HISTORY, cause=made[0].cause)
    assert (loaded.snapshot, loaded.snapshot_version) == (b"state after 3", 3)
    assert loaded.commits == tuple(made[3:])
    assert loaded.answer == made[0]
    assert loaded.version == 5
    assert list(await store.commits(HISTORY)) == made, "the whole record is not shortened by a snapshot"
    assert list(await store.commits(HISTORY, after=4)) == made[4:]
    await store.snapshot(HISTORY, 5, b"state after 5")
    assert (await store.load(HISTORY)).version == 5
    assert (await store.load(HISTORY)).commits == ()


async def test_an_older_snapshot_never_replaces_a_newer_one(store: Store) -> None:
    for version in (1, 2, 3):
        await store.record(commit(version))
    await store.snapshot(HISTORY, 2, b"two")
    await store.snapshot(HISTORY, 1, b"one")
    assert (await store.load(HISTORY)).snapshot == b"two"
    for version in (4, 0, -1):
        with pytest.raises(Invalid):
            await store.snapshot(HISTORY, version, b"not recorded")
    assert (await store.load(HISTORY)).snapshot_version == 2


async def test_find_gives_histories_in_the_order_of_their_first_index_entry(store: Store) -> None:
    names = ["ticket/c", "ticket/a", "ticket/b"]
    for name in names:
        await store.record(replace(commit(1), history=name, terms=("agency:x", "agency:x")))
    await store.record(replace(commit(2), history="ticket/b", terms=("agency:x", "code:B")))
    assert list(await store.find("agency:x")) == names
    assert list(await store.find("agency:x", limit=2)) == names[:2]
    assert list(await store.find("code:B")) == ["ticket/b"]
    assert list(await store.find("agency:")) == [], "a term is found whole or not at all"
    assert list(await store.find("agency:x", limit=-1)) == []


async def test_everything_is_there_after_reopening(url: str) -> None:
    store = open_store(url)
    made = await store.record(commit(terms=("code:1",), timers_set=(Timer(HISTORY, "quiet", NOON),)))
    await store.snapshot(HISTORY, 1, b"state")
    await store.claim("key", b"mine")
    await store.close()
    store = open_store(url)
    assert list(await store.commits(HISTORY)) == [made]
    assert (await store.load(HISTORY)).snapshot == b"state"
    assert await store.find("code:1") == [HISTORY]
    assert await store.due(NOON) == [Timer(HISTORY, "quiet", NOON)]
    assert await store.claim("key", b"other") == b"mine"
    await store.close()


async def test_a_closed_store_is_unavailable(url: str) -> None:
    store = open_store(url)
    await store.close()
    await store.close()
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: store.record(commit()),
        lambda: store.load(HISTORY),
        lambda: store.claim("key", b""),
    ]
    for call in calls:
        with pytest.raises(Unavailable):
            await call()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=st.binary(max_size=300),
    sealed=st.binary(max_size=300),
    state=st.binary(max_size=300),
    name=st.text(max_size=40),
    at=st.datetimes(timezones=st.just(UTC)),
)
def test_any_bytes_names_and_times_come_back_as_they_were(
    url: str, events: bytes, sealed: bytes, state: bytes, name: str, at: datetime
) -> None:
    async def round_trip() -> None:
        store = open_store(url)
        history = f"{uuid4()}/{name}"
        made = Commit(uuid4(), history, 1, at, name, events, sealed, (Timer(history, name, at),), (), (name,))
        await store.record(made)
        await store.snapshot(history, 1, state)
        loaded = await store.load(history, cause=made.cause)
        assert loaded.answer == made
        assert loaded.snapshot == state
        assert history in await store.find(name, limit=1000)
        assert await store.claim(history, sealed) == sealed
        await store.close()

    asyncio.run(round_trip())


def test_an_unknown_store_is_refused() -> None:
    for wrong in ("", "sqlite:///", "sqlite://store.db", "mysql://host/db", "mongo://host/db", "/var/store.db"):
        with pytest.raises(Invalid) as caught:
            open_store(wrong)
        assert caught.value.reason == "unknown_store"


async def test_all_histories_of_a_kind_can_be_gone_through(store: Store) -> None:
    for name in ("ticket/2", "conversation/1", "ticket/1", "ticket/3", "tickets/4"):
        await store.record(commit(history=name, cause=uuid4()))
    assert await store.histories("ticket/") == ["ticket/1", "ticket/2", "ticket/3"]
    assert await store.histories("ticket/", after="ticket/1", limit=1) == ["ticket/2"]
    assert await store.histories("nothing/") == []
