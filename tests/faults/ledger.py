"""Written by the senders, outside the gateway's data folder: each intent before it is sent, each outcome after it."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Result = Literal["acked", "refused", "unknown"]


class Ledger:
    """An append-only file whose every line is on the disk before anything else happens."""

    def __init__(self, path: Path, channel: str) -> None:
        """Open or create the file of one channel's sender."""
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._channel = channel

    def intends(self, *messages: tuple[int, int]) -> None:
        """These messages, by citizen and place, are about to be sent in one request, perhaps again."""
        self._write([{} for _ in messages], messages)

    def ended(self, *messages: tuple[int, int], result: Result, code: str = "") -> None:
        """What came of them: acknowledged, by the app with a receipt code; refused; or no answer."""
        self._write([{"result": result, "code": code} for _ in messages], messages)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _write(self, what: Sequence[dict[str, Any]], messages: Sequence[tuple[int, int]]) -> None:
        lines = [
            {"channel": self._channel, "citizen": citizen, "place": place, **one}
            for one, (citizen, place) in zip(what, messages, strict=True)
        ]
        os.write(self._file, b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines))
        os.fdatasync(self._file)


@dataclass(slots=True)
class Sent:
    """One message as its sender knows it."""

    citizen: int
    place: int
    code: str = ""
    results: Counter[str] = field(default_factory=Counter)
    channel: str = "web"

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
            sent = found.setdefault(key, Sent(*key, channel=entry["channel"]))
            if "result" in entry:
                sent.results[entry["result"]] += 1
                if entry["code"] and sent.code not in ("", entry["code"]):
                    raise ValueError("one message was given two receipt codes")
                sent.code = entry["code"] or sent.code
    return found


def acknowledged(paths: Iterable[Path]) -> int:
    """How many outcomes so far are acknowledgements; cheap enough to ask again and again."""
    return sum(path.read_bytes().count(b'"acked"') for path in paths if path.exists())
