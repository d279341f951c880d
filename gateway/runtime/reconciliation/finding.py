"""Looks through a stage's histories for commits whose messages never arrived where they should have."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from gateway.bus.port import At, Bus
from gateway.outbox.port import Outbox
from gateway.runtime.migration.marks import moved_at
from gateway.runtime.reconciliation.awaited import (
    AWAITED_ON,
    AReply,
    Awaited,
    InHistory,
    awaited_of,
    ended_in,
    inputs_of,
)
from gateway.store.port import Commit, Store
from schemas.envelope import Message

GRACE = timedelta(minutes=10)
"""How old a commit must be before anything of it is missed."""

SKEW = timedelta(hours=1)
"""By how much the clocks of a stage and of the bus may differ."""

PAGE = 200
"""Histories looked through between two pauses."""

REST = 4.0
"""Pauses are this much longer than the work before them: the search takes a fifth of a core at most."""

TURN = 100


@dataclass(frozen=True, slots=True)
class Writer:
    """A stage that writes histories.

    `again` gives the messages of one of its commits, a pure function of the commit: the same as the first time.
    It raises `Invalid("erased")` for a citizen whose key was destroyed.
    """

    stage: str
    prefix: str
    log: str
    again: Callable[[Commit], Awaitable[Sequence[Message]]]


@dataclass(frozen=True, slots=True)
class Missed:
    """A commit of which nothing is found on `topic`, or behind it; of the log's absence, nothing at all is certain."""

    commit: Commit
    topic: str


class Search:
    """Looks for what one stage's commits since an instant lack."""

    def __init__(
        self,
        writer: Writer,
        *,
        store: Store,
        bus: Bus,
        outbox: Outbox,
        clock: Callable[[], datetime],
        grace: timedelta = GRACE,
        rest: float = REST,
    ) -> None:
        """Take the stage, the ports that its commits leave traces in, and a clock of aware UTC."""
        self._writer = writer
        self._store = store
        self._bus = bus
        self._outbox = outbox
        self._clock = clock
        self._grace = grace
        self._rest = rest
        self._handled: dict[tuple[str, str], datetime] = {}

    async def missed(self, since: datetime) -> AsyncIterator[Missed]:
        """Every commit since an aware instant whose messages did not arrive; raises `Unavailable`.

        Only what cannot come any more by itself: the stage has handled all that could have caused the commit, and the
        stages behind it all that it can have published. Of a gateway that was moved, only what it did since: its
        earlier messages were handled where they lay, and topics began empty.
        """
        since = max(since, await moved_at(self._store) or since)
        # Asked before anything is looked for: what was handled by then has left its traces.
        self._handled = {}
        until = await self._until()
        for topic, group in AWAITED_ON:
            await self._handled_until(topic, group)
        logged = await self._logged(since)
        async for commits in self._histories(since):
            for commit in commits:
                if not since <= commit.at <= until:
                    continue
                published_at = logged.get((commit.history, commit.version))
                if published_at is None:
                    yield Missed(commit, self._writer.log)
                    continue
                async for topic in self._lacking(commit, published_at, commits):
                    yield Missed(commit, topic)

    async def _until(self) -> datetime:
        """Commits up to this instant were caused by records that the stage will not be given again."""
        inputs = inputs_of(self._writer.stage, await self._bus.topics())
        handled = [await self._handled_until(topic, self._writer.stage) for topic in inputs]
        return min([self._clock() - self._grace, *handled])

    async def _handled_until(self, topic: str, group: str) -> datetime:
        """Up to which instant a group has handled what was published on a topic, less the grace."""
        if (topic, group) not in self._handled:
            now = self._clock()
            lag = await self._bus.lag(topic, group=group)
            self._handled[topic, group] = now - self._grace
            if lag.messages:
                self._handled[topic, group] -= timedelta(seconds=lag.oldest_seconds)
        return self._handled[topic, group]

    async def _logged(self, since: datetime) -> Mapping[tuple[str, int], datetime]:
        """When histories' versions were put on the log, and in one with it all else of their commit on its topics."""
        found: dict[tuple[str, int], datetime] = {}
        count = 0
        async for record in self._bus.read(self._writer.log, start=At(since - SKEW)):
            value = json.loads(record.message.value)
            found[value["history"], value["version"]] = record.published_at
            count += 1
            if count % TURN == 0:
                await asyncio.sleep(0)
        return found

    async def _histories(self, since: datetime) -> AsyncIterator[Sequence[Commit]]:
        """The commits of each history, at least those since an instant."""
        last = ""
        loop = asyncio.get_running_loop()
        while True:
            started = loop.time()
            names = await self._store.histories(self._writer.prefix, after=last, limit=PAGE)
            for name in names:
                yield await self._commits(name, since)
            if len(names) < PAGE:
                return
            last = names[-1]
            await asyncio.sleep((loop.time() - started) * self._rest)

    async def _commits(self, history: str, since: datetime) -> Sequence[Commit]:
        """Those after the last snapshot, if that is far enough back; else all."""
        loaded = await self._store.load(history)
        if loaded.snapshot is None or (loaded.commits and loaded.commits[0].at < since):
            return loaded.commits
        return await self._store.commits(history)

    async def _lacking(self, commit: Commit, published_at: datetime, commits: Sequence[Commit]) -> AsyncIterator[str]:
        """Topics of what a published commit led to and that nobody recorded."""
        ended: frozenset[UUID] | None = None
        for awaited in awaited_of(commit):
            if published_at > await self._handled_until(awaited.topic, awaited.group):
                continue
            if isinstance(awaited, AReply):
                ended = ended if ended is not None else ended_in(commits)
                if awaited.reply_id in ended:
                    continue
            if not await self._recorded(awaited):
                yield awaited.topic

    async def _recorded(self, awaited: Awaited) -> bool:
        match awaited:
            case InHistory(history=history, cause=cause):
                return (await self._store.load(history, cause=cause)).answer is not None
            case AReply(reply_id=reply_id):
                return bool(await self._outbox.parts(reply_id))
