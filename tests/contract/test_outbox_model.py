"""The outbox against a model of plain lists: any sequence of calls ends in the same states and tells the same ends."""

import asyncio
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.errors import Conflict
from gateway.outbox.opening import open_outbox
from gateway.outbox.port import EARLIER_PART_FAILED, Part, PartState, token_of
from tests.contract.outbox_play import AN, BINH, ECHO, at, reply, sqlite_url
from tests.servers import mongo

T = TypeVar("T")

WAITING, SENDING, SENT = PartState.WAITING, PartState.SENDING, PartState.SENT
FAILED, UNKNOWN = PartState.FAILED, PartState.UNKNOWN

places = st.tuples(st.integers(0, 7), st.integers(0, 2))
"""A reply by its place in the order of filing, and the number of a part."""


@dataclass
class Modelled:
    """One part as the outbox must have it."""

    part: Part
    state: PartState = WAITING
    reason: str | None = None
    due: float = 0.0
    """Seconds after noon; of an unknown part until when it holds up its citizen."""


class OutboxMachine(RuleBasedStateMachine):
    """Calls in any order, by any number of senders, also across reopening it."""

    url_of: Callable[[Path], str]

    def __init__(self) -> None:
        """Open an empty outbox beside an empty model."""
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.url = type(self).url_of(Path(self.folder.name))
        self.runner = asyncio.Runner()
        self.now = 0.0
        self.replies: list[list[Modelled]] = []
        self.ends: list[tuple[PartState | None, int]] = []
        self.epoch = 0
        self.outbox = open_outbox(self.url, clock=lambda: at(self.now))

    def run_now(self, call: Coroutine[Any, Any, T]) -> T:
        """Wait for one call on the machine's own loop."""
        return self.runner.run(call)

    def found(self, place: tuple[int, int]) -> Modelled | None:
        """A part that exists, or None."""
        number, part = place
        return self.replies[number][part] if number < len(self.replies) and part < len(self.replies[number]) else None

    def of(self, account: str) -> list[Modelled]:
        """A citizen's parts in order."""
        return [one for parts in self.replies for one in parts if one.part.account == account]

    def end(self) -> None:
        """Count a new ending of every reply whose end is another one now."""
        for number, parts in enumerate(self.replies):
            states = [one.state for one in parts]
            state = next((worst for worst in (FAILED, UNKNOWN) if worst in states), SENT)
            ended = None if {WAITING, SENDING} & set(states) else state
            before, revision = self.ends[number]
            self.ends[number] = (ended, revision + (ended not in (None, before)))

    @rule(account=st.sampled_from((AN, BINH)), count=st.integers(1, 3))
    def file(self, account: str, count: int) -> None:
        """A new reply, filed twice."""
        if len(self.replies) == 8:
            return
        parts = reply(account, count)
        assert self.run_now(self.outbox.file(parts))
        assert not self.run_now(self.outbox.file(parts))
        self.replies.append([Modelled(part) for part in parts])
        self.ends.append((None, 0))

    @rule(place=places, stale=st.booleans())
    def begin(self, place: tuple[int, int], *, stale: bool) -> None:
        """A sender begins a part, the one in charge or one that was replaced."""
        one = self.found(place)
        if one is None or (stale and self.epoch == 0):
            return
        if stale:
            begun = self.run_now(_refused(self.outbox.begin(one.part, at(self.now), epoch=self.epoch - 1)))
            assert not begun
            return
        free = one.state is WAITING and not any(other.state is SENDING for other in self.of(one.part.account))
        assert self.run_now(self.outbox.begin(one.part, at(self.now), epoch=self.epoch)) == free
        one.state = SENDING if free else one.state

    @rule(place=places, token=st.booleans())
    def arrived(self, place: tuple[int, int], *, token: bool) -> None:
        """The platform says so, by its answer or by an echo."""
        one = self.found(place)
        if one is None:
            return
        name = (one.part.reply_id, one.part.number)
        if token:
            assert self.run_now(self.outbox.echoed("zalo", token=token_of(*name))) is not None
        else:
            self.run_now(self.outbox.sent(*name, remote_id="m", now=at(self.now)))
        one.state, one.reason = SENT, None
        self.end()

    @rule(place=places)
    def failed(self, place: tuple[int, int]) -> None:
        """It never will be taken."""
        one = self.found(place)
        if one is None:
            return
        self.run_now(self.outbox.failed(one.part.reply_id, one.part.number, reason="blocked", now=at(self.now)))
        if one.state is not SENT:
            self.fail(one, "blocked")

    def fail(self, one: Modelled, reason: str) -> None:
        """With the rest of its reply that still waits."""
        one.state, one.reason = FAILED, reason
        for later in self.rest(one):
            if later.state is WAITING:
                later.state, later.reason = FAILED, EARLIER_PART_FAILED
        self.end()

    def rest(self, one: Modelled) -> Sequence[Modelled]:
        """What comes after a part in its reply."""
        parts = next(parts for parts in self.replies if one in parts)
        return parts[one.part.number + 1 :]

    @rule(place=places, seconds=st.sampled_from((0, 60)))
    def put_off(self, place: tuple[int, int], seconds: int) -> None:
        """Nothing was taken."""
        one = self.found(place)
        if one is None:
            return
        until = self.now + seconds
        self.run_now(self.outbox.put_off(one.part.reply_id, one.part.number, reason="quota", until=at(until)))
        if one.state is SENDING:
            one.state, one.reason, one.due = WAITING, "quota", until

    @rule(place=places)
    def doubt(self, place: tuple[int, int]) -> None:
        """The answer was lost."""
        one = self.found(place)
        if one is None:
            return
        self.run_now(self.outbox.unknown(one.part.reply_id, one.part.number, reason="timeout", now=at(self.now)))
        if one.state is SENDING:
            one.state, one.reason, one.due = UNKNOWN, "timeout", self.now + ECHO.total_seconds()
            self.end()

    @rule(place=places, sent=st.booleans())
    def settle(self, place: tuple[int, int], *, sent: bool) -> None:
        """An operator says how an unknown part ended."""
        one = self.found(place)
        if one is None:
            return
        name = (one.part.reply_id, one.part.number)
        settled = self.run_now(self.outbox.settle(*name, sent=sent, by="op1", now=at(self.now)))
        assert settled == (one.state is UNKNOWN)
        if settled and sent:
            one.state, one.reason = SENT, None
            self.end()
        elif settled:
            self.fail(one, "by_operator")

    @rule(place=places)
    def repeat(self, place: tuple[int, int]) -> None:
        """An operator has it handed over again."""
        one = self.found(place)
        if one is None:
            return
        repeated = self.run_now(self.outbox.repeat(one.part.reply_id, one.part.number, by="op1", now=at(self.now)))
        assert repeated == (one.state in (FAILED, UNKNOWN))
        if repeated:
            one.state, one.due = WAITING, self.now
            for later in self.rest(one):
                if later.state is FAILED and later.reason == EARLIER_PART_FAILED:
                    later.state, later.reason, later.due = WAITING, None, self.now
            self.end()

    @rule()
    def take_over(self) -> None:
        """Another sender is in charge."""
        tenure = self.run_now(self.outbox.take_over("zalo", at(self.now)))
        left = [one for parts in self.replies for one in parts if one.state is SENDING]
        assert tenure.interrupted == len(left)
        assert tenure.epoch == self.epoch + 1
        self.epoch = tenure.epoch
        for one in left:
            one.state, one.reason, one.due = UNKNOWN, "interrupted", self.now + ECHO.total_seconds()
        self.end()

    @rule(seconds=st.sampled_from((30, 61, 121)))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.now += seconds

    @rule()
    def reopen(self) -> None:
        """Another process goes on where this one ended."""
        self.run_now(self.outbox.close())
        self.outbox = open_outbox(self.url, clock=lambda: at(self.now))

    @invariant()
    def the_same_is_read(self) -> None:
        """Parts, what is due, counts and endings read as the model says, after every call."""
        every = [one for parts in self.replies for one in parts]
        for parts in self.replies:
            read = self.run_now(self.outbox.parts(parts[0].part.reply_id))
            assert [part.state for part in read] == [one.state for one in parts]
        counts = self.run_now(self.outbox.counts("zalo"))
        assert counts == {state: sum(one.state is state for one in every) for state in PartState}
        due = self.run_now(self.outbox.due("zalo", at(self.now), limit=100))
        wanted = [one.part for one in every if self.is_due(one)]
        assert [(part.reply_id, part.number) for part in due] == [(part.reply_id, part.number) for part in wanted]
        endings = self.run_now(self.outbox.endings("zalo", limit=100))
        assert {(one.reply_id, one.state, one.revision) for one in endings} == {
            (parts[0].part.reply_id, state, revision)
            for parts, (state, revision) in zip(self.replies, self.ends, strict=True)
            if state is not None
        }

    def is_due(self, one: Modelled) -> bool:
        """The first waiting part of a citizen whom nothing holds up."""
        own = self.of(one.part.account)
        first = next((other for other in own if other.state is WAITING), None)
        held = any(other.state is SENDING or (other.state is UNKNOWN and other.due > self.now) for other in own)
        return one is first and one.due <= self.now and not held

    def teardown(self) -> None:
        """Close everything."""
        self.run_now(self.outbox.close())
        self.runner.close()
        self.folder.cleanup()


async def _refused(call: Coroutine[Any, Any, bool]) -> bool:
    try:
        return await call
    except Conflict as error:
        assert error.reason == "sender_replaced"  # noqa: PT017 - another conflict would be a fault
        return False


class SqliteOutboxMachine(OutboxMachine):
    """The embedded outbox."""

    url_of = staticmethod(sqlite_url)


class MongoOutboxMachine(OutboxMachine):
    """The outbox on MongoDB."""

    url_of = staticmethod(mongo.url_of)


TestSqliteOutboxModel = SqliteOutboxMachine.TestCase
TestSqliteOutboxModel.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
TestMongoOutboxModel = MongoOutboxMachine.TestCase
TestMongoOutboxModel.settings = settings(max_examples=10, stateful_step_count=30, deadline=None)
