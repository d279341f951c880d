"""Reads a topic without a group: from a place to the present end, or on and on, merged over producing stages."""

from gateway.bus.port import Place, Record
from gateway.bus.sqlite.progress import resolve
from gateway.bus.sqlite.reading import end, fetch, merged
from gateway.bus.sqlite.stages import StageFiles

CHUNK = 100
"""Records read at one go per stage."""


class Tail:
    """How far one reading is."""

    def __init__(self, topic: str, *, follow: bool) -> None:
        """Read `topic`; unless `follow`, to the end that `begin` finds."""
        self._topic = topic
        self._follow = follow
        self._next: dict[str, int] = {}
        self._stop: dict[str, int] = {}

    def begin(self, files: StageFiles, place: Place) -> None:
        """Take the start, and the present end."""
        self._stop = {stage.name: end(stage, self._topic) for stage in files.all()}
        self._next = resolve(files, self._topic, place)

    def read(self, files: StageFiles) -> list[Record]:
        """The next records by time of publication; none when the reading is at its end."""
        parts: list[list[Record]] = []
        cut: set[int] = set()
        for stage in files.all():
            stop = None if self._follow else self._stop.get(stage.name, 0)
            part = fetch(stage, self._topic, self._next.get(stage.name, 0), limit=CHUNK, stop=stop)
            if part:
                parts.append(part)
                if part[-1].offset + 1 < (end(stage, self._topic) if stop is None else stop):
                    cut.add(id(part[-1]))
        found = []
        for record in merged(parts):
            found.append(record)
            self._next[record.partition] = record.offset + 1
            if id(record) in cut:
                # More of this stage follows before the others may go on.
                break
        return found
