"""The stage files of a data folder as readers see them: found as they appear, read on connections of their own."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import apsw

from gateway.bus.sqlite.layout import TABLES
from gateway.bus.sqlite.traces import settled
from gateway.errors import Unavailable
from gateway.sqlite.connection import connect
from gateway.sqlite.errors import mapped

T = TypeVar("T")

SUFFIX = ".db"

CACHE_KIB = 256
"""Readers follow the end of a log and come back to nothing; a larger cache per file would only cost memory."""


class StageFile:
    """What one producing stage wrote, opened for reading."""

    def __init__(self, path: Path) -> None:
        """Open the file; raises `Unavailable`."""
        self.path = path
        self.name = path.name.removesuffix(SUFFIX)
        self.connection = connect(path, read_only=True, cache_kib=CACHE_KIB)
        self._numbers: dict[str, int] = {}
        self._laid_out = False

    def laid_out(self) -> bool:
        """Whether the file is a stage's, with its tables; a new one may not be so yet."""
        if not self._laid_out:
            count = self.connection.execute(
                "select count(*) from sqlite_master where name in ('topic', 'record', 'lease', 'position')"
            ).get
            self._laid_out = count == TABLES
        return self._laid_out

    def number(self, topic: str) -> int | None:
        """The number of a topic in this file, None while the stage has published nothing on it."""
        if topic not in self._numbers:
            found = self.connection.execute("select number from topic where name = ?", (topic,)).get
            if found is None:
                return None
            self._numbers[topic] = found
        return self._numbers[topic]

    def version(self) -> int:
        """Differs from what it was exactly when somebody has committed to the file in between."""
        found: int = self.connection.execute("pragma data_version").get
        return found


@dataclass(slots=True)
class Opened:
    """Files by name, and how many look at them: the last one to leave closes them."""

    files: dict[str, StageFile] = field(default_factory=dict)
    users: int = 0
    listed_at: int = 0
    """When the folder had last changed (nanoseconds since 1970) as it was listed; 0: it is to be listed again."""


class StageFiles:
    """All stage files of a folder. Everything but `run` and `close` is for work that `run` carries out."""

    def __init__(self, folder: Path, opened: Opened | None = None) -> None:
        """Look into `folder` whenever asked; `opened` are files of this folder that others look at too."""
        self._folder = folder
        self._shared = opened or Opened()
        self._shared.users += 1
        self._closed = False

    def another(self) -> "StageFiles":
        """Another look into the same folder on the same event loop, through the files that this one has opened.

        A process with twenty stages would otherwise hold four hundred connections, each with a cache of its own.
        """
        return StageFiles(self._folder, None if self._closed else self._shared)

    async def run(self, work: Callable[["StageFiles"], T]) -> T:
        """Do the reading and return what it found; raises `Unavailable`.

        It runs on the event loop: a batch is bounded and costs less than handing it to a thread (docs/decisions/0007).
        """
        if self._closed:
            raise Unavailable("closed", "The bus is closed.")
        try:
            return work(self)
        except apsw.Error as error:
            raise mapped(error) from error

    async def close(self) -> None:
        """Close the files."""
        if not self._closed:
            self._closed = True
            self._shared.users -= 1
            if not self._shared.users:
                for stage in self._shared.files.values():
                    stage.connection.close()

    def all(self) -> list[StageFile]:
        """The files of every stage that has written anything so far, by name; raises `Unavailable`."""
        shared = self._shared
        changed_at = os.stat(self._folder).st_mtime_ns  # noqa: PTH116 - on every reading's way, and twice as quick
        if changed_at != shared.listed_at:
            shared.listed_at = changed_at if self._open_new() and settled(changed_at) else 0
        return [stage for stage in shared.files.values() if stage.laid_out()]

    def _open_new(self) -> bool:
        """Open files that came; False when one of them has to be looked at again."""
        shared, whole = self._shared, True
        for name in os.listdir(self._folder):  # noqa: PTH208 - as above
            if name.endswith(SUFFIX) and name not in shared.files:
                opened = _opened(self._folder / name)
                if opened is None:
                    whole = False
                else:
                    shared.files[name] = opened
        shared.files = dict(sorted(shared.files.items()))
        return whole

    def named(self, name: str) -> StageFile | None:
        """The file of one stage."""
        return next((stage for stage in self.all() if stage.name == name), None)


def _opened(path: Path) -> StageFile | None:
    try:
        return StageFile(path)
    except Unavailable as error:
        # Its stage is just creating it: the next look finds it. Any other fault must not hide a stage's messages.
        if error.reason == "sqlite_unsafe":
            return None
        raise
