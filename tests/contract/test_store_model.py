"""The store against a model of plain dicts and lists: any sequence of calls ends in the same state."""

import asyncio
import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.errors import Conflict
from gateway.store.opening import open_store
from gateway.store.port import Commit, Timer
from tests.contract.store_play import sqlite_url
from tests.servers import mongo

T = TypeVar("T")

EPOCH = datetime(2026, 3, 2, tzinfo=UTC)
HISTORIES = ("conversation/a", "ticket/b")
KINDS = ("quiet", "lapse")
TERMS = ("code:1", "code:2", "agency:x")

histories = st.sampled_from(HISTORIES)
minutes = st.integers(0, 5).map(lambda count: EPOCH + timedelta(minutes=count))


@dataclass
class Model:
    """What the store must hold."""

    commits: dict[str, list[Commit]] = field(default_factory=lambda: {name: [] for name in HISTORIES})
    timers: dict[tuple[str, str], datetime] = field(default_factory=dict)
    terms: dict[str, list[str]] = field(default_factory=lambda: {term: [] for term in TERMS})
    snapshots: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    claims: dict[str, bytes] = field(default_factory=dict)

    def take(self, commit: Commit) -> None:
        """Apply an accepted commit."""
        self.commits[commit.history].append(commit)
        for kind in commit.timers_cancelled:
            self.timers.pop((commit.history, kind), None)
        for timer in commit.timers_set:
            self.timers[timer.history, timer.kind] = timer.due_at
        for term in commit.terms:
            if commit.history not in self.terms[term]:
                self.terms[term].append(commit.history)


class StoreMachine(RuleBasedStateMachine):
    """Calls in any order, also across reopening it."""

    url_of: Callable[[Path], str]

    def __init__(self) -> None:
        """Open an empty store beside an empty model."""
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.url = type(self).url_of(Path(self.folder.name))
        self.runner = asyncio.Runner()
        self.model = Model()
        self.store = open_store(self.url)

    def run_now(self, call: Coroutine[Any, Any, T]) -> T:
        """Wait for one call on the machine's own loop."""
        return self.runner.run(call)

    @rule(
        history=histories,
        cause=st.integers(0, 12),
        skip=st.sampled_from((0, 0, 0, 1, -1)),
        events=st.binary(max_size=8),
        kinds=st.lists(st.tuples(st.sampled_from(KINDS), minutes), max_size=2),
        cancelled=st.lists(st.sampled_from(KINDS), max_size=2),
        terms=st.lists(st.sampled_from(TERMS), max_size=2),
    )
    def record(
        self,
        *,
        history: str,
        cause: int,
        skip: int,
        events: bytes,
        kinds: list[tuple[str, datetime]],
        cancelled: list[str],
        terms: list[str],
    ) -> None:
        """Any commit: a new cause or one seen before, the next version, a taken or a skipped one."""
        held = self.model.commits[history]
        timers = tuple(Timer(history, kind, due) for kind, due in kinds)
        version = len(held) + 1 + skip
        commit = Commit(
            UUID(int=cause), history, version, EPOCH, "owner", events, b"", timers, tuple(cancelled), tuple(terms)
        )
        answer = next((earlier for earlier in held if earlier.cause == commit.cause), None)
        if answer is not None:
            assert self.run_now(self.store.record(commit)) == answer
        elif skip:
            try:
                self.run_now(self.store.record(commit))
            except Conflict:
                return
            raise AssertionError("a taken or skipped version was recorded")
        else:
            assert self.run_now(self.store.record(commit)) == commit
            self.model.take(commit)

    @rule(history=histories, back=st.integers(0, 3), state=st.binary(max_size=8))
    def snapshot(self, *, history: str, back: int, state: bytes) -> None:
        """A fold of the present or of an earlier version."""
        version = len(self.model.commits[history]) - back
        if version < 1:
            return
        self.run_now(self.store.snapshot(history, version, state))
        if version > self.model.snapshots.get(history, (0, b""))[0]:
            self.model.snapshots[history] = (version, state)

    @rule(key=st.sampled_from(("x", "y")), value=st.binary(max_size=2))
    def claim(self, *, key: str, value: bytes) -> None:
        """A claim for ever."""
        assert self.run_now(self.store.claim(key, value)) == self.model.claims.setdefault(key, value)

    @rule(key=st.sampled_from(("x", "y")), value=st.binary(max_size=2))
    def release(self, *, key: str, value: bytes) -> None:
        """Giving up a claim, held or not."""
        held = self.model.claims.get(key) == value
        assert self.run_now(self.store.release(key, value)) == held
        if held:
            del self.model.claims[key]

    @rule()
    def reopen(self) -> None:
        """Another process goes on where this one ended."""
        self.run_now(self.store.close())
        self.store = open_store(self.url)

    @rule(before=minutes)
    def due(self, *, before: datetime) -> None:
        """Timers due at any time."""
        wanted = sorted((at, *place) for place, at in self.model.timers.items() if at <= before)
        found = self.run_now(self.store.due(before))
        assert [(timer.due_at, timer.history, timer.kind) for timer in found] == wanted

    @invariant()
    def the_same_is_read(self) -> None:
        """Histories, snapshots and index read as the model says, after every call."""
        for history, held in self.model.commits.items():
            version, state = self.model.snapshots.get(history, (0, None))
            loaded = self.run_now(self.store.load(history))
            assert list(loaded.commits) == held[version:]
            assert (loaded.snapshot_version, loaded.snapshot, loaded.version) == (version, state, len(held))
        for term, names in self.model.terms.items():
            assert list(self.run_now(self.store.find(term))) == names

    def teardown(self) -> None:
        """Close the store and remove its file."""
        self.run_now(self.store.close())
        self.runner.close()
        self.folder.cleanup()


class SqliteStoreMachine(StoreMachine):
    """The embedded store."""

    url_of = staticmethod(sqlite_url)


class MongoStoreMachine(StoreMachine):
    """The store on MongoDB."""

    url_of = staticmethod(mongo.url_of)


TestSqliteStoreModel = SqliteStoreMachine.TestCase
TestSqliteStoreModel.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
TestMongoStoreModel = MongoStoreMachine.TestCase
TestMongoStoreModel.settings = settings(max_examples=8, stateful_step_count=20, deadline=None)
