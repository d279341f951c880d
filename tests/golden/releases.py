"""What each release stored and published, kept for ever: a folder a version, sealed by its digests when released."""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from gateway.domain.personal import split_personal
from schemas import conversation, ticket_history
from schemas.__main__ import generated
from schemas.json_schema import messages
from tests.golden.filling import choices, filled

FOLDER = Path(__file__).parent
SUMS = "SHA256SUMS"
"""Digests of a released folder's files, as `sha256sum --check` reads them; its presence says that it is released."""

MESSAGES = "messages"
SCHEMAS = "schemas"
HISTORIES: Mapping[str, Any] = {
    "conversation": conversation.ConversationEvent,
    "ticket": ticket_history.TicketHistoryEvent,
}


class Released(Exception):
    """The folder belongs to a release and is never written again."""


def version() -> str:
    """The version that is being worked on, or was released last."""
    project = tomllib.loads((FOLDER.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def releases() -> list[Path]:
    """The folders, oldest version first."""
    found = [path for path in FOLDER.iterdir() if path.name[0].isdigit()]
    return sorted(found, key=lambda path: tuple(int(part) for part in path.name.split(".")))


def event_kinds(history: str) -> dict[str, type[BaseModel]]:
    """The models of a history's events by their names."""
    union, _ = get_args(HISTORIES[history])
    return {model.model_fields["event"].default: model for model in get_args(union)}


def golden() -> dict[str, str]:
    """Path in a release's folder to content, as the code of today writes it."""
    found = {
        f"{history}/{kind}.{form}.json": _text(_stored(value))
        for history in HISTORIES
        for kind, model in event_kinds(history).items()
        for form, value in _forms(model)
    }
    for message in messages():
        for form, value in _forms(message):
            found[f"{MESSAGES}/{message.TYPE}.{form}.json"] = _text(json.loads(value.model_dump_json()))
    schemas = {f"{SCHEMAS}/{name}": text for name, text in generated().items() if name.startswith("vn.")}
    return {**found, **schemas}


def write(folder: Path, wanted: Mapping[str, str]) -> None:
    """Bring an unreleased folder to exactly the wanted files; raises `Released`."""
    if (folder / SUMS).exists():
        raise Released(folder.name)
    for name in outdated(folder, wanted):
        (folder / name).unlink(missing_ok=True)
    for name, text in wanted.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def outdated(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    """Names of files that are missing, differ, or should not be there."""
    present = {name: (folder / name).read_text(encoding="utf-8") for name in _files(folder)}
    return sorted(name for name in present.keys() | wanted.keys() if present.get(name) != wanted.get(name))


def release(folder: Path) -> None:
    """Seal a folder: from then on nothing in it may change; raises `Released` when it is sealed already."""
    if (folder / SUMS).exists():
        raise Released(folder.name)
    (folder / SUMS).write_text("".join(f"{_digest(folder / name)}  {name}\n" for name in _files(folder)))


def changed(folder: Path) -> list[str]:
    """Names of a released folder's files that are not as they were released."""
    lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    present = {name: _digest(folder / name) for name in _files(folder)}
    return sorted(name for name in sums.keys() | present.keys() if sums.get(name) != present.get(name))


def _forms(model: type[BaseModel]) -> Iterator[tuple[str, BaseModel]]:
    schema = model.model_json_schema(mode="validation")
    yield "minimal", model.model_validate_json(json.dumps(filled(schema, whole=False)))
    for choice in range(choices(schema)):
        form = f"full_{choice + 1}" if choice else "full"
        yield form, model.model_validate_json(json.dumps(filled(schema, whole=True, choice=choice)))


def _stored(event: BaseModel) -> dict[str, Any]:
    """As the store keeps it: the event without its personal parts, and these, before they are sealed, by place."""
    events, personal = split_personal((event,))
    return {"events": events, "personal": personal}


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.json"))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
