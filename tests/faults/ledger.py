"""Written by the senders, outside the gateway's data folder: each intent before it is sent, each outcome after it."""

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Result = Literal["acked", "refused", "unknown"]


class Ledger:
    """An append-only file whose every line is on the disk before anything else happens."""

    def __init__(self, path: Path) -> None:
        """Open or create the file."""
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def intends(self, citizen: int, place: int) -> None:
        """This message is about to be sent, perhaps again."""
        self._write({"citizen": citizen, "place": place})

    def ended(self, citizen: int, place: int, result: Result, code: str = "") -> None:
        """What came of it: acknowledged with a receipt code, refused, or no answer."""
        self._write({"citizen": citizen, "place": place, "result": result, "code": code})

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _write(self, line: dict[str, Any]) -> None:
        os.write(self._file, json.dumps(line, separators=(",", ":")).encode() + b"\n")
        os.fdatasync(self._file)


@dataclass(slots=True)
class Sent:
    """One message as its sender knows it."""

    citizen: int
    place: int
    code: str = ""
    results: Counter[str] = field(default_factory=Counter)

    @property
    def acked(self) -> bool:
        """Whether it was acknowledged, at whatever attempt."""
        return self.results["acked"] > 0


def read_ledgers(paths: Iterable[Path]) -> dict[tuple[int, int], Sent]:
    """Every message that was intended, by citizen and place."""
    found: dict[tuple[int, int], Sent] = {}
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            key = entry["citizen"], entry["place"]
            sent = found.setdefault(key, Sent(*key))
            if "result" in entry:
                sent.results[entry["result"]] += 1
                if entry["code"] and sent.code not in ("", entry["code"]):
                    raise ValueError("one message was given two receipt codes")
                sent.code = entry["code"] or sent.code
    return found


def acknowledged(paths: Iterable[Path]) -> int:
    """How many outcomes so far are acknowledgements; cheap enough to ask again and again."""
    return sum(path.read_bytes().count(b'"acked"') for path in paths if path.exists())
