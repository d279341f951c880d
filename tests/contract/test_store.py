"""What every store promises, on every adapter: further ones are added to `ADAPTERS` by one line."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import Conflict, Invalid, Unavailable
from gateway.store.opening import open_store
from gateway.store.port import Commit, Store, Timer
from tests.servers import mongo

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
OWNER = "0f" * 16
HISTORY = f"conversation/{OWNER}"
NAMESPACE = UUID(int=1022)


def sqlite_url(folder: Path) -> str:
    """The embedded store."""
    return f"sqlite:///{folder / 'store.db'}"


ADAPTERS = [pytest.param(sqlite_url, id="sqlite"), pytest.param(mongo.url_of, id="mongo")]


@pytest.fixture(params=ADAPTERS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    found: str = request.param(tmp_path)
    return found


@pytest_asyncio.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = open_store(url)
    yield opened
    await opened.close()


def commit(version: int = 1, **changes: object) -> Commit:
    made = Commit(uuid4(), HISTORY, version, NOON, OWNER, b'[{"type":"noted"}]', b"\x01sealed")
    return replace(made, **changes)  # type: ignore[arg-type]  # a test's own keyword arguments


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


RACING = """
import asyncio, sys
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid5
from gateway.errors import Conflict
from gateway.store.opening import open_store
from gateway.store.port import Commit

async def main(url, name, history, count):
    store = open_store(url)
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(count):
        cause = uuid5(UUID(int=1022), str(number))
        while True:
            version = (await store.load(history)).version + 1
            try:
                made = Commit(cause, history, version, datetime.now(UTC), "0f" * 16, name.encode())
                answer = await store.record(made)
                break
            except Conflict:
                continue
        print(number, answer.version, answer.events.decode(), flush=True)
    await store.close()

asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
"""


def started(script: str, *arguments: str) -> subprocess.Popen[str]:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


async def test_two_processes_that_race_get_the_same_answers(url: str, store: Store) -> None:
    children = [started(RACING, url, name, HISTORY, "60") for name in ("a", "b")]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    outputs = await asyncio.gather(*(asyncio.to_thread(child.communicate, "go\n", 60) for child in children))
    first, second = (output.splitlines() for output, _ in outputs)
    assert first == second
    commits = await store.commits(HISTORY)
    assert [one.version for one in commits] == list(range(1, 61))
    assert {one.cause for one in commits} == {uuid5(NAMESPACE, str(number)) for number in range(60)}


WRITING = """
import asyncio, sys
from datetime import UTC, datetime
from uuid import uuid4
from gateway.store.opening import open_store
from gateway.store.port import Commit, Timer

async def write(store, history):
    now = datetime.now(UTC)
    version = 0
    while True:
        version += 1
        made = Commit(
            uuid4(), history, version, now, "0f" * 16, b"[]" * 500,
            timers_set=(Timer(history, "lapse", now),), terms=(f"code:{history}/{version}",),
        )
        await store.record(made)
        print(history, version, made.cause, flush=True)

async def main(url):
    store = open_store(url)
    await asyncio.gather(*(write(store, f"ticket/{number}") for number in range(8)))

asyncio.run(main(sys.argv[1]))
"""


def told(line: str) -> tuple[str, int, UUID]:
    history, version, cause = line.split()
    return history, int(version), UUID(cause)


async def test_what_was_recorded_survives_kill_9(url: str) -> None:
    acknowledged: list[tuple[str, int, UUID]] = []
    for _ in range(3):
        with started(WRITING.replace("ticket/", f"ticket/{uuid4()}/"), url) as child:
            assert child.stdout is not None
            for line in child.stdout:
                acknowledged.append(told(line))
                if len(acknowledged) % 150 == 0:
                    break
            child.send_signal(signal.SIGKILL)
            # Read on through the same buffer: `communicate` reads beneath it and would begin in the middle of a line.
            rest = await asyncio.to_thread(child.stdout.readlines)
        acknowledged.extend(told(line) for line in rest if line.endswith("\n"))
    store = open_store(url)
    for history, version, cause in acknowledged:
        answer = (await store.load(history, cause=cause)).answer
        assert answer is not None
        assert answer.version == version
        assert list(await store.find(f"code:{history}/{version}")) == [history]
    await store.close()
    assert len(acknowledged) >= 450


async def test_due_knows_open_timers_only_earliest_first(store: Store) -> None:
    def at(minutes: int) -> datetime:
        return NOON + timedelta(minutes=minutes)

    def timer(kind: str, minutes: int, history: str = HISTORY) -> Timer:
        return Timer(history, kind, at(minutes))

    await store.record(commit(1, timers_set=(timer("quiet", 5), timer("lapse", 3))))
    other = replace(commit(1), history="ticket/1", timers_set=(timer("focal", 4, "ticket/1"),))
    await store.record(other)
    assert await store.due(at(2)) == []
    assert await store.due(at(3)) == [timer("lapse", 3)], "due at the very instant"
    assert await store.due(at(9)) == [timer("lapse", 3), timer("focal", 4, "ticket/1"), timer("quiet", 5)]
    assert await store.due(at(9), limit=1) == [timer("lapse", 3)]
    await store.record(commit(2, timers_set=(timer("lapse", 7),)))
    assert await store.due(at(4)) == [timer("focal", 4, "ticket/1")], "setting it again replaces it"
    await store.record(commit(3, timers_cancelled=("quiet",)))
    assert [found.kind for found in await store.due(at(9))] == ["focal", "lapse"]


async def test_a_fired_timer_stays_due_until_a_commit_closes_it(store: Store) -> None:
    fired = Timer(HISTORY, "quiet", NOON)
    await store.record(commit(1, timers_set=(fired,)))
    assert await store.due(NOON) == await store.due(NOON) == [fired]
    await store.record(commit(2, timers_cancelled=("quiet",)))
    assert await store.due(NOON + timedelta(days=999)) == []


async def test_a_commit_cancels_before_it_sets(store: Store) -> None:
    again = Timer(HISTORY, "quiet", NOON + timedelta(seconds=45))
    await store.record(commit(1, timers_set=(Timer(HISTORY, "quiet", NOON),)))
    await store.record(commit(2, timers_cancelled=("quiet",), timers_set=(again,)))
    assert await store.due(NOON + timedelta(hours=1)) == [again]


async def test_a_repeated_cause_does_not_set_its_timers_again(store: Store) -> None:
    first = commit(1, timers_set=(Timer(HISTORY, "quiet", NOON),))
    await store.record(first)
    await store.record(commit(2, timers_cancelled=("quiet",)))
    await store.record(first)
    assert await store.due(NOON) == []


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
