"""Whatever a release stored or published is read by this one: folded, projected, and nothing of it is lost."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from pydantic import TypeAdapter

from gateway.domain.personal import join_personal, split_personal
from gateway.projections.fold import SUBMISSION, TICKET
from gateway.projections.sqlite import SqliteDocuments
from gateway.runtime.histories import Histories
from gateway.runtime.rebuild import rebuild
from gateway.store.port import Commit, Store
from gateway.store.sqlite import SqliteStore
from gateway.vault.provider import FileKeyProvider
from gateway.vault.sqlite import SqliteVault
from schemas.conversation import history_of as conversation_of
from schemas.json_schema import messages
from schemas.ticket import Ticket
from schemas.ticket_history import history_of as ticket_of
from schemas.upcasting import upcast
from services.dispatcher import wiring as dispatcher
from services.normalizer import wiring as normalizer
from tests.golden.__main__ import main
from tests.golden.filling import ACCOUNT, CODE
from tests.golden.releases import (
    FOLDER,
    HISTORIES,
    MESSAGES,
    SUMS,
    Released,
    changed,
    event_kinds,
    golden,
    outdated,
    release,
    releases,
    version,
    write,
)

NOON = datetime(2026, 11, 24, 5, tzinfo=UTC)
OPENING = ("message_received.full.json", "opened.full.json")
"""What a history begins with; everything else of its release follows."""

Stored = Mapping[str, Any]


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def events_of(folder: Path, history: str) -> list[Path]:
    found = sorted((folder / history).iterdir())
    return sorted(found, key=lambda path: path.name not in OPENING)


def named(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


ALL_MESSAGES = [path for folder in releases() for path in sorted((folder / MESSAGES).iterdir())]
ALL_EVENTS = [path for folder in releases() for history in HISTORIES for path in events_of(folder, history)]


def test_released_files_are_as_they_were_released() -> None:
    assert {path.name: changed(path) for path in releases() if (path / SUMS).exists() and changed(path)} == {}


def test_the_files_of_a_version_under_way_are_those_of_the_models() -> None:
    folder = FOLDER / version()
    if not (folder / SUMS).exists():
        assert outdated(folder, golden()) == [], "run `python -m tests.golden`"


def test_every_kind_of_event_and_message_has_its_files() -> None:
    newest = releases()[-1]
    for history in HISTORIES:
        for form in ("full", "minimal"):
            kept = {path.name.split(".")[0] for path in (newest / history).glob(f"*.{form}.json")}
            assert kept >= event_kinds(history).keys(), "a version of its own: see CONTRIBUTING.md"
    kept = {path.name.removesuffix(".full.json") for path in (newest / MESSAGES).glob("*.full.json")}
    assert kept >= {message.TYPE for message in messages()}, "a version of its own: see CONTRIBUTING.md"


@pytest.mark.parametrize("path", ALL_MESSAGES, ids=named)
def test_a_message_of_a_release_is_read_whole(path: Path) -> None:
    model = next(one for one in messages() if path.name.startswith(f"{one.TYPE}."))
    found = model.model_validate_json(path.read_bytes())
    assert model.model_validate_json(found.model_dump_json()) == found
    assert lost(read(path), json.loads(found.model_dump_json())) == []


@pytest.mark.parametrize("path", ALL_EVENTS, ids=named)
def test_an_event_of_a_release_is_read_whole(path: Path) -> None:
    history, stored = f"{path.parent.name}/x", read(path)
    whole = upcast(history, join_personal(stored["events"], stored["personal"]))
    adapter: TypeAdapter[Any] = TypeAdapter(HISTORIES[path.parent.name])
    found = adapter.validate_python(whole[0])
    assert adapter.validate_python(found.model_dump(mode="json")) == found
    assert lost(whole[0], found.model_dump(mode="json")) == []
    # Projections are handed the public part alone: read as today's, it must be the public part of the whole.
    public, _ = split_personal((found,))
    assert lost(upcast(history, stored["events"])[0], public[0]) == []


def lost(old: object, new: object, place: str = "") -> list[str]:
    """Places of the old value whose value is gone or another one; what is only in the new one is growth."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return [at for name, value in old.items() for at in lost(value, new.get(name, "gone"), f"{place}.{name}")]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [at for number, (one, other) in pairs for at in lost(one, other, f"{place}.{number}")]
    return [] if old == new else [place]


def test_what_gets_lost_is_noticed() -> None:
    old = {"a": 1, "b": [{"c": 2}], "d": None}
    assert lost(old, {**old, "more": 3}) == []
    assert lost(old, {"a": 1, "b": [{}], "d": 0}) == [".b.0.c", ".d"]


@pytest_asyncio.fixture
async def vault(tmp_path: Path) -> AsyncIterator[SqliteVault]:
    keys = tmp_path / "master.key"
    keys.write_text("11" * 32)
    keys.chmod(0o600)
    opened = SqliteVault(tmp_path / "vault.db", FileKeyProvider(keys))
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = SqliteStore(tmp_path / "store.db")
    yield opened
    await opened.close()


async def recorded(store: Store, vault: SqliteVault, history: str, files: list[Path]) -> None:
    """A history as the release left it: one commit a file."""
    for number, path in enumerate(files, 1):
        stored = read(path)
        personal = json.dumps(stored["personal"], ensure_ascii=False).encode()
        sealed = b""
        if stored["personal"]:
            sealed = await vault.seal(ACCOUNT, personal, context=f"commit:{history}:{number}")
        await store.record(
            Commit(
                cause=uuid4(),
                history=history,
                version=number,
                at=NOON,
                owner=ACCOUNT,
                events=json.dumps(stored["events"]).encode(),
                sealed=sealed,
            )
        )


async def whole_state(histories: Histories[Any, Any], history: str, expected: int) -> Any:  # noqa: ANN401 - either state
    assert len(await histories.record_of(history)) == expected
    return await histories.state(history)


@pytest.mark.parametrize("folder", releases(), ids=lambda folder: folder.name)
async def test_histories_of_a_release_fold_and_project(
    folder: Path, store: Store, vault: SqliteVault, tmp_path: Path
) -> None:
    said, lived = events_of(folder, "conversation"), events_of(folder, "ticket")
    ticket = Ticket.model_validate(read(folder / "ticket" / "opened.full.json")["events"][0]["ticket"] | PERSONAL)
    spoken, life = conversation_of(ACCOUNT), ticket_of(ticket.id)
    await recorded(store, vault, spoken, said)
    await recorded(store, vault, life, lived)
    conversation = await whole_state(normalizer.histories(store, vault), spoken, len(said))
    submission = conversation.submission(CODE)
    assert submission.outcome is not None
    assert submission.ticket.id == ticket.id
    state = await whole_state(dispatcher.histories(store, vault), life, len(lived))
    assert (state.ticket.id, state.revision) == (ticket.id, 1)
    documents = SqliteDocuments(tmp_path / "documents.db")
    try:
        assert await rebuild(store, documents) == len(said) + len(lived)
        shown, clock = await documents.get(SUBMISSION, CODE), await documents.get(TICKET, str(ticket.id))
        assert shown is not None
        assert shown.body["ticket_id"] == str(ticket.id)
        assert clock is not None
        assert clock.body["agency"] is not None
    finally:
        await documents.close()


PERSONAL = {"personal": {"contact": {}, "content": ""}}
"""Stands in where only what is not personal is looked at."""


def test_a_folder_is_written_until_it_is_released_and_never_again(tmp_path: Path) -> None:
    folder = tmp_path / "9.9.9"
    write(folder, {"messages/a.json": "{}", "messages/b.json": "{}"})
    write(folder, {"messages/a.json": "[]"})
    assert outdated(folder, {"messages/a.json": "[]"}) == []
    release(folder)
    assert changed(folder) == []
    with pytest.raises(Released):
        write(folder, {})
    with pytest.raises(Released):
        release(folder)
    (folder / "messages" / "a.json").write_text("{}")
    (folder / "messages" / "new.json").write_text("{}")
    assert changed(folder) == ["messages/a.json", "messages/new.json"]


def test_the_command_refuses_a_released_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tests.golden.__main__.FOLDER", tmp_path)
    assert main([]) == 0
    assert main(["--release"]) == 0
    assert changed(tmp_path / version()) == []
    assert main([]) == 1
    assert "is released" in capsys.readouterr().err
