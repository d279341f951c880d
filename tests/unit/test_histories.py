"""One message changes a history once, gets its first answer ever after, and races are decided again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from pydantic import TypeAdapter

from gateway.domain.draft import Draft
from gateway.errors import Invalid
from gateway.runtime.histories import SNAPSHOT_EVERY, Histories
from gateway.runtime.secret_files import read_or_make
from gateway.runtime.settings import Profile
from gateway.store.opening import open_store
from gateway.store.port import Store
from gateway.vault.provider import FileKeyProvider
from gateway.vault.sqlite import SqliteVault
from schemas.base import Personal, Value
from schemas.upcasting import UPCASTERS, Event

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
OWNER = "0f" * 16
HISTORY = f"conversation/{OWNER}"
SECRET = "Nguyễn Thị Ví Dụ"


class Words(Personal):
    """What was said."""

    text: str


class Said(Value):
    """An event with a personal part."""

    event: Literal["said"] = "said"
    number: int
    personal: Words


class State(Value):
    """How much was said, and the last words."""

    count: int = 0
    last: Words | None = None


EVENTS: TypeAdapter[tuple[Said, ...]] = TypeAdapter(tuple[Said, ...])


def fold(state: State, event: Said) -> State:
    return State(count=state.count + 1, last=event.personal)


def say(state: State, text: str = SECRET) -> Draft[Said]:
    return Draft((Said(number=state.count + 1, personal=Words(text=text)),))


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def vault(tmp_path: Path) -> AsyncIterator[SqliteVault]:
    read_or_make(tmp_path, "master", Profile.TRIAL)
    opened = SqliteVault(tmp_path / "vault.db", FileKeyProvider(tmp_path / "master.key"))
    yield opened
    await opened.close()


@pytest.fixture
def histories(store: Store, vault: SqliteVault) -> Histories[State, Said]:
    return Histories(store, vault, events=EVENTS, empty=State, fold=fold)


async def change(histories: Histories[State, Said], cause: UUID, text: str = SECRET) -> tuple[Said, State]:
    recorded, state = await histories.change(
        HISTORY, owner=OWNER, cause=cause, at=NOON, decide=lambda before: say(before, text)
    )
    return recorded.events[0], state


async def test_a_repeated_cause_gets_its_first_answer(histories: Histories[State, Said]) -> None:
    first = uuid4()
    event, state = await change(histories, first, "một")
    await change(histories, uuid4(), "hai")
    assert await change(histories, first, "ba") == (event, state)
    assert (await histories.state(HISTORY)).count == 2


async def test_what_is_published_of_a_commit_is_the_same_every_time(histories: Histories[State, Said]) -> None:
    cause = uuid4()
    first, _ = await histories.change(HISTORY, owner=OWNER, cause=cause, at=NOON, decide=say)
    again, _ = await histories.change(HISTORY, owner=OWNER, cause=cause, at=NOON, decide=say)
    assert first.logged("conversation.log", "normalizer") == again.logged("conversation.log", "normalizer")


async def test_nothing_personal_is_stored_or_logged_in_the_clear(
    histories: Histories[State, Said], store: Store, tmp_path: Path
) -> None:
    recorded, _ = await histories.change(HISTORY, owner=OWNER, cause=uuid4(), at=NOON, decide=say)
    assert SECRET.encode() not in recorded.logged("conversation.log", "normalizer").value
    assert holding(tmp_path, SECRET.encode()) == []


def holding(folder: Path, needle: bytes) -> list[str]:
    files = list(folder.iterdir())
    assert files
    return [path.name for path in files if needle in path.read_bytes()]


async def test_many_writers_lose_nothing(histories: Histories[State, Said], store: Store, vault: SqliteVault) -> None:
    other = Histories(store, vault, events=EVENTS, empty=State, fold=fold)
    await asyncio.gather(*(change(one, uuid4()) for one in (histories, other) for _ in range(4)))
    numbers = [event.number for recorded in await histories.record_of(HISTORY) for event in recorded.events]
    assert numbers == list(range(1, 9))


async def test_snapshots_change_nothing_that_can_be_asked(histories: Histories[State, Said], store: Store) -> None:
    causes = [uuid4() for _ in range(SNAPSHOT_EVERY + 3)]
    answers = [await change(histories, cause, f"{number}") for number, cause in enumerate(causes)]
    loaded = await store.load(HISTORY)
    assert (loaded.snapshot_version, len(loaded.commits)) == (SNAPSHOT_EVERY, 3)
    assert await histories.state(HISTORY) == answers[-1][1]
    assert [await change(histories, cause) for cause in (causes[0], causes[-1])] == [answers[0], answers[-1]]
    assert len(await histories.record_of(HISTORY)) == len(causes)


class Tally(Value):
    """What a later release folds the same events to."""

    said: int = 0
    words: tuple[str, ...] = ()


def tallied(state: Tally, event: Said) -> Tally:
    return Tally(said=event.number, words=(*state.words, event.personal.text))


async def test_a_snapshot_of_another_shape_is_forgotten(
    histories: Histories[State, Said], store: Store, vault: SqliteVault
) -> None:
    for number in range(SNAPSHOT_EVERY + 1):
        await change(histories, uuid4(), f"{number}")
    later = Histories(store, vault, events=EVENTS, empty=Tally, fold=tallied)
    state = await later.state(HISTORY)
    assert state == Tally(said=SNAPSHOT_EVERY + 1, words=tuple(map(str, range(SNAPSHOT_EVERY + 1))))


async def test_a_snapshot_of_events_that_are_read_otherwise_by_now_is_forgotten(
    histories: Histories[State, Said], store: Store, vault: SqliteVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(SNAPSHOT_EVERY):
        await change(histories, uuid4())

    def softer(event: Event) -> Event:
        return {**event, "personal": {"text": event["personal"]["text"].lower()}}

    monkeypatch.setitem(UPCASTERS, ("conversation/", "said", 1), softer)
    later = Histories(store, vault, events=EVENTS, empty=State, fold=fold)
    assert await later.state(HISTORY) == State(count=SNAPSHOT_EVERY, last=Words(text=SECRET.lower()))


async def test_the_owner_can_be_left_to_the_history(histories: Histories[State, Said]) -> None:
    await change(histories, uuid4())
    recorded, _ = await histories.change(HISTORY, owner=None, cause=uuid4(), at=NOON, decide=say)
    assert recorded.commit.owner == OWNER


async def test_a_history_that_does_not_exist_is_invalid(histories: Histories[State, Said]) -> None:
    with pytest.raises(Invalid, match="unknown_history"):
        await histories.state(HISTORY)
    with pytest.raises(Invalid, match="unknown_history"):
        await histories.change(HISTORY, owner=None, cause=uuid4(), at=NOON, decide=say)


async def test_what_an_earlier_release_recorded_is_read_as_todays(
    histories: Histories[State, Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    await change(histories, uuid4())

    def louder(event: Event) -> Event:
        return {**event, "number": event["number"] + 10, "personal": {"text": event["personal"]["text"].upper()}}

    monkeypatch.setitem(UPCASTERS, ("conversation/", "said", 1), louder)
    [recorded] = await histories.record_of(HISTORY)
    assert [event.number for event in recorded.events] == [11]
    assert (await histories.state(HISTORY)).last == Words(text=SECRET.upper())


async def test_an_erased_citizen_cannot_be_read_again(histories: Histories[State, Said], vault: SqliteVault) -> None:
    await change(histories, uuid4())
    await vault.erase(OWNER)
    with pytest.raises(Invalid, match="erased"):
        await histories.state(HISTORY)
