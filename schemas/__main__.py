"""`python -m schemas`: writes the generated contract files, or with `--check` says which of them are outdated."""

import json
import sys
from pathlib import Path
from typing import Any

from schemas.asyncapi import asyncapi_document
from schemas.json_schema import message_schema, messages

FOLDER = Path(__file__).parent / "generated"


def generated() -> dict[str, str]:
    """File name under `generated/` to content."""
    found = {f"{message.TYPE}.json": _text(message_schema(message)) for message in messages()}
    return {**found, "asyncapi.json": _text(asyncapi_document())}


def outdated(folder: Path, wanted: dict[str, str]) -> list[str]:
    """Names of files that are missing, differ, or should not be there."""
    present = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in present.keys() | wanted.keys() if present.get(name) != wanted.get(name))


def write(folder: Path, wanted: dict[str, str]) -> None:
    """Bring the folder to exactly the wanted files."""
    folder.mkdir(exist_ok=True)
    for name in outdated(folder, wanted):
        if name in wanted:
            (folder / name).write_text(wanted[name], encoding="utf-8")
        else:
            (folder / name).unlink()


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def main(arguments: list[str]) -> int:
    """Write, or check; the exit status is 1 when something is outdated."""
    wanted = generated()
    if arguments != ["--check"]:
        write(FOLDER, wanted)
        return 0
    names = outdated(FOLDER, wanted)
    for name in names:
        sys.stderr.write(f"schemas/generated/{name} is outdated: run `make schemas`\n")
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
