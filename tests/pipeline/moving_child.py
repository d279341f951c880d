"""`gateway migrate` that is killed, as by a power cut, at the nth call of one of its steps; several times over.

Everything is imported, and the lexicon read, once; each run is a process of its own that begins with a copy of that.
"""

import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

import pytest

from cli import migrate  # noqa: F401 - loaded before any run begins
from cli.__main__ import make_app
from gateway.bus.kafka.bus import KafkaBus
from gateway.files.gridfs import GridFiles
from gateway.runtime.migration import marks
from gateway.store.mongo import MongoStore
from gateway.vault.mongo import MongoVault
from services.normalizer import wiring as normalizer
from services.normalizer.lexicon import load_lexicon
from tests.unit.filled import PROVINCE

POINTS = {
    "key": (MongoVault, "adopt"),
    "file": (GridFiles, "adopt"),
    "commit": (MongoStore, "record"),
    "letter": (KafkaBus, "publish"),
    "let go": (marks, "let_go"),
}


def killing(work: Callable[..., Awaitable[Any]], at: int, *, after: bool) -> Callable[..., Awaitable[Any]]:
    """The step, which ends the process at its nth call: before it is done, or when it is and nobody knows."""
    calls = 0

    async def counted(*given: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        fatal = calls == at
        if fatal and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        done = await work(*given, **named)
        if fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    return counted


def run(step: str, at: int, when: str, arguments: list[str]) -> int:
    """One run, in a process of its own; its exit status, negative for the signal that ended it."""
    child = os.fork()
    if child == 0:
        owner, name = POINTS[step]
        setattr(owner, name, killing(getattr(owner, name), at, after=when == "after"))
        make_app("migrate")(["migrate", *arguments])
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def main() -> None:
    """Arguments: JSON of the runs, each a step, which call of it, `before` or `after`; then those of the command."""
    runs, *arguments = sys.argv[1:]
    read_once = cache(load_lexicon)
    read_once(PROVINCE / "lexicon")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(normalizer, "load_lexicon", read_once)
        for step, at, when in json.loads(runs):
            sys.stdout.write(f"{json.dumps([step, run(step, at, when, arguments)])}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
