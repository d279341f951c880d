"""The window's promises, whatever order handlers finish in."""

from collections import defaultdict
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from gateway.bus.port import Record
from gateway.bus.window import Entry, Window
from schemas.envelope import Message

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def record(stage: str, offset: int, key: str) -> Record:
    return Record(Message("inbound", key, f"{stage}/{offset}", "t", "s", NOW, b"{}"), stage, offset, NOW)


def output(entry: Entry) -> list[Message]:
    return [entry.record.message]


def names(messages: tuple[Message, ...]) -> list[str]:
    return [message.id for message in messages]


def test_a_key_rests_while_one_of_its_records_is_at_work() -> None:
    window = Window({})
    for offset, key in enumerate("aab"):
        window.add(record("p", offset, key))
    first, second = window.start(), window.start()
    assert first is not None
    assert second is not None
    assert (first.record.offset, second.record.offset, window.start()) == (0, 2, None)
    window.finish(first, ())
    third = window.start()
    assert third is not None
    assert third.record.offset == 1


def test_a_record_that_must_be_handled_again_keeps_its_place() -> None:
    window = Window({})
    for offset in range(2):
        window.add(record("p", offset, "a"))
    first = window.start()
    assert first is not None
    window.resume(first)
    assert window.start() is first


def test_progress_is_a_contiguous_run() -> None:
    window = Window({"p": 5})
    for offset, key in ((5, "a"), (6, "b"), (7, "c")):
        window.add(record("p", offset, key))
    entries = [window.start() for _ in range(3)]
    assert None not in entries
    a, b, c = (entry for entry in entries if entry is not None)
    window.finish(c, output(c))
    window.finish(b, output(b))
    assert window.take_finished() is None
    window.finish(a, ())
    assert window.telling == 2
    finished = window.take_finished()
    assert finished is not None
    assert (names(finished.outputs), finished.moves) == (["p/6", "p/7"], {"p": (5, 8)})
    assert (window.records, window.value_bytes, window.telling) == (0, 0, 0)


def test_what_follows_from_a_key_waits_for_its_earlier_record_of_another_stage() -> None:
    window = Window({})
    for stage, offset, key in (("p", 0, "slow"), ("p", 1, "a"), ("q", 0, "a")):
        window.add(record(stage, offset, key))
    slow, first = window.start(), window.start()
    assert slow is not None
    assert first is not None
    window.finish(first, output(first))
    second = window.start()
    assert second is not None
    window.finish(second, output(second))
    assert window.take_finished() is None
    window.finish(slow, output(slow))
    finished = window.take_finished()
    assert finished is not None
    assert names(finished.outputs) == ["p/0", "p/1", "q/0"]


class Play:
    """Plays a schedule on a window and checks each step."""

    def __init__(self, arrivals: list[tuple[str, str]]) -> None:
        """Put records of these stages and keys into a window."""
        self.window = Window({})
        self.at_work: list[Entry] = []
        self.completed: list[Message] = []
        self.counts: dict[str, int] = defaultdict(int)
        self.positions: dict[str, int] = defaultdict(int)
        self.by_key: dict[str, list[str]] = defaultdict(list)
        for stage, key in arrivals:
            added = record(stage, self.counts[stage], key)
            self.window.add(added)
            self.counts[stage] += 1
            self.by_key[key].append(added.message.id)

    def start(self, _: int = 0) -> None:
        """Start a record, if one may start; never a second one of a key."""
        entry = self.window.start()
        if entry is not None:
            assert entry.record.message.key not in {other.record.message.key for other in self.at_work}
            self.at_work.append(entry)

    def finish(self, number: int) -> None:
        """Finish one of those at work."""
        if self.at_work:
            entry = self.at_work.pop(number % len(self.at_work))
            self.window.finish(entry, output(entry))

    def resume(self, number: int) -> None:
        """Let one of those at work be handled again."""
        if self.at_work:
            self.window.resume(self.at_work.pop(number % len(self.at_work)))

    def take(self, _: int = 0) -> None:
        """Complete what may be completed; positions move on without a gap."""
        finished = self.window.take_finished()
        for stage, (before, after) in (finished.moves if finished else {}).items():
            assert self.positions[stage] == before < after
            self.positions[stage] = after
        self.completed.extend(finished.outputs if finished else ())

    def play_out(self) -> None:
        """Handle and complete all that is left."""
        for _ in range(sum(self.counts.values()) + 1):
            self.start()
            while self.at_work:
                self.finish(0)
        self.take()


@given(
    arrivals=st.lists(st.tuples(st.sampled_from("pqr"), st.sampled_from("abcd")), max_size=40),
    choices=st.lists(
        st.tuples(st.sampled_from(["start", "finish", "resume", "take"]), st.integers(0, 39)), max_size=150
    ),
)
def test_in_any_schedule_order_holds_and_everything_is_completed_once(
    arrivals: list[tuple[str, str]], choices: list[tuple[str, int]]
) -> None:
    play = Play(arrivals)
    for step, number in choices:
        getattr(play, step)(number)
    play.play_out()
    assert (play.window.records, play.window.ready) == (0, 0)
    assert play.positions == play.counts
    for key, wanted in play.by_key.items():
        assert [message.id for message in play.completed if message.key == key] == wanted
    assert len(play.completed) == len(arrivals)
