"""The records a consumer has in hand: which may be handled now, and which may be completed; pure.

Records are handled in order per key, side by side otherwise, and completed per producing stage as a contiguous run
from the group's position on. A record of a key is completed with or after the earlier ones of its key, so that what
follows from them is published in their order too.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.bus.port import Record
from schemas.envelope import Message


@dataclass(slots=True, eq=False)
class Entry:
    """A record in hand; `outputs` is what followed from it, None until it was handled."""

    record: Record
    outputs: Sequence[Message] | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """What follows from a run of handled records, in order per key, and each stage's position `(from, to)`."""

    outputs: tuple[Message, ...]
    moves: Mapping[str, tuple[int, int]]


@dataclass(slots=True)
class _Key:
    """The records of one key: those still to be handled (the first is at work or next) and those handled."""

    waiting: deque[Entry] = field(default_factory=deque)
    handled: deque[Entry] = field(default_factory=deque)


class Window:
    """What a consumer has read and not yet completed."""

    def __init__(self, positions: Mapping[str, int]) -> None:
        """Begin at a group's positions: the next offset per producing stage, 0 where none is given."""
        self._completed = dict(positions)
        self._read: dict[str, int] = dict(positions)
        self._stages: dict[str, deque[Entry]] = {}
        self._keys: dict[str, _Key] = {}
        self._ready: deque[str] = deque()
        self.records = 0
        self.value_bytes = 0
        self.telling = 0
        """How many records are handled and not completed from which something follows."""

    @property
    def ready(self) -> int:
        """How many records could be handled now."""
        return len(self._ready)

    def next_offset(self, stage: str) -> int:
        """The offset to read next from a producing stage."""
        return self._read.get(stage, 0)

    def add(self, record: Record) -> None:
        """Take a record in hand; a stage's records come in order."""
        entry = Entry(record)
        self._read[record.partition] = record.offset + 1
        self._stages.setdefault(record.partition, deque()).append(entry)
        self.records += 1
        self.value_bytes += len(record.message.value)
        key = self._keys.setdefault(record.message.key, _Key())
        key.waiting.append(entry)
        if len(key.waiting) == 1:
            self._ready.append(record.message.key)

    def start(self) -> Entry | None:
        """A record that may be handled now; until `finish` or `resume` its key rests."""
        if not self._ready:
            return None
        return self._keys[self._ready.popleft()].waiting[0]

    def finish(self, entry: Entry, outputs: Sequence[Message]) -> None:
        """Note what followed from a started record; the next one of its key may be handled."""
        name = entry.record.message.key
        key = self._keys[name]
        entry.outputs = outputs
        self.telling += bool(outputs)
        key.handled.append(key.waiting.popleft())
        if key.waiting:
            self._ready.append(name)

    def resume(self, entry: Entry) -> None:
        """Let a started record be handled again; it kept its place in the order of its key."""
        self._ready.append(entry.record.message.key)

    def take_finished(self) -> Finished | None:
        """Take out what may be completed now, None if nothing may; what was taken must be completed before more is."""
        entries: list[Entry] = []
        moves: dict[str, tuple[int, int]] = {}
        progress = True
        while progress:
            progress = False
            for stage, line in self._stages.items():
                while line and self._may_complete(line[0]):
                    entry = line.popleft()
                    self._let_go(entry)
                    entries.append(entry)
                    after = entry.record.offset + 1
                    moves[stage] = (self._completed.get(stage, 0), after)
                    progress = True
        if not entries:
            return None
        self._completed.update((stage, after) for stage, (_, after) in moves.items())
        outputs = tuple(message for entry in entries for message in entry.outputs or ())
        return Finished(outputs, moves)

    def _may_complete(self, entry: Entry) -> bool:
        return entry.outputs is not None and self._keys[entry.record.message.key].handled[0] is entry

    def _let_go(self, entry: Entry) -> None:
        self.records -= 1
        self.telling -= bool(entry.outputs)
        self.value_bytes -= len(entry.record.message.value)
        name = entry.record.message.key
        key = self._keys[name]
        key.handled.popleft()
        if not key.handled and not key.waiting:
            del self._keys[name]
