"""One way to let a message change a history: load, decide, record once, and give the first answer ever after."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, TypeAdapter

from gateway.domain.draft import Draft
from gateway.domain.personal import join_personal, split_personal
from gateway.errors import Conflict, Invalid, Unavailable
from gateway.projections.commits import logged_commit
from gateway.runtime.snapshots import Snapshots
from gateway.store.port import Commit, Loaded, Store, Timer
from gateway.vault.port import Vault
from schemas.base import Value
from schemas.envelope import Message
from schemas.upcasting import upcast

StateT = TypeVar("StateT", bound=BaseModel)
EventT = TypeVar("EventT", bound=Value)

ATTEMPTS = 8
"""How often a lost race is decided again before the record is left for later."""

SNAPSHOT_EVERY = 64


@dataclass(frozen=True, slots=True)
class Recorded(Generic[EventT]):
    """A commit with its events readable."""

    commit: Commit
    events: tuple[EventT, ...]

    def logged(self, topic: str, source: str) -> Message:
        """The commit itself as a message, with the personal part sealed."""
        return to_message(
            topic, self.commit.history, logged_commit(self.commit, topic), source=source, at=self.commit.at
        )


def to_message(topic: str, key: str, value: Value, *, source: str, at: datetime, subject: str = "") -> Message:
    """Wrap a contract model that has its own `id` for a topic."""
    return Message(
        topic=topic,
        key=key,
        id=str(value.id),  # type: ignore[attr-defined]  # every contract model on a topic has an id
        type=value.TYPE,  # type: ignore[attr-defined]  # and a CloudEvents type
        source=source,
        time=at,
        value=value.model_dump_json().encode(),
        subject=subject,
    )


class Histories(Generic[StateT, EventT]):
    """The histories that one service writes, with their personal part sealed under the owner's key."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        *,
        events: TypeAdapter[tuple[EventT, ...]],
        empty: Callable[[], StateT],
        fold: Callable[[StateT, EventT], StateT],
    ) -> None:
        """Take the ports, the adapter that reads stored events, and the pure fold from events to a state."""
        self._store = store
        self._vault = vault
        self._snapshots = Snapshots(vault, empty)
        self._events = events
        self._empty = empty
        self._fold = fold

    async def change(
        self,
        history: str,
        *,
        owner: str | None,
        cause: UUID,
        at: datetime,
        decide: Callable[[StateT], Draft[EventT]],
    ) -> tuple[Recorded[EventT], StateT]:
        """Record what `decide` makes of the history's state, or return what this cause recorded before.

        `owner` is the account whose key seals it; None takes the one the history began with, and raises
        `Invalid("unknown_history")` when there is none. Beside the commit comes the state up to and including it,
        so that what follows is a function of the record.
        Raises `Unavailable("contended")` when the race was lost too often.
        """
        for _ in range(ATTEMPTS):
            loaded = await self._store.load(history, cause=cause)
            if loaded.answer is not None:
                return await self._answered(loaded.answer)
            account = owner if owner is not None else await self._owner_of(history, loaded)
            state = await self._state(history, account, loaded)
            draft = decide(state)
            commit = await self._sealed(history, account, cause, at, loaded.version + 1, draft)
            try:
                recorded = await self._store.record(commit)
            except Conflict:
                continue
            if recorded != commit:
                return await self._answered(recorded)
            state = self._folded(state, draft.events)
            if commit.version % SNAPSHOT_EVERY == 0:
                sealed = await self._snapshots.seal(history, account, commit.version, state)
                await self._store.snapshot(history, commit.version, sealed)
            return Recorded(recorded, draft.events), state
        raise Unavailable("contended", "The history changed too often while it was decided.", retry_after=0.1)

    async def after_erasure(
        self, history: str, *, owner: str | None, cause: UUID, at: datetime, draft: Draft[EventT]
    ) -> Recorded[EventT]:
        """Record `draft` in the history of a citizen whose key was destroyed: nothing old is read, nothing sealed.

        Personal parts of its events are dropped. A cause that was recorded before stays as it is, and comes without
        its events. Raises `Unavailable("contended")` when the race was lost too often.
        """
        public, _ = split_personal(draft.events)
        for _attempt in range(ATTEMPTS):
            loaded = await self._store.load(history, cause=cause)
            if loaded.answer is not None:
                return Recorded(loaded.answer, ())
            account = owner if owner is not None else await self._owner_of(history, loaded)
            commit = _commit(history, account, cause, at, loaded.version + 1, draft, public)
            try:
                recorded = await self._store.record(commit)
            except Conflict:
                continue
            return Recorded(recorded, draft.events if recorded == commit else ())
        raise Unavailable("contended", "The history changed too often while it was recorded.", retry_after=0.1)

    async def state(self, history: str) -> StateT:
        """The fold of all commits; raises `Invalid("unknown_history")` for a history that does not exist."""
        loaded = await self._store.load(history)
        return await self._state(history, await self._owner_of(history, loaded), loaded)

    async def record_of(self, history: str) -> tuple[Recorded[EventT], ...]:
        """Every commit with its events readable, oldest first: the whole history (Điều 7)."""
        return tuple([await self._opened(commit) for commit in await self._store.commits(history)])

    async def again(self, commit: Commit) -> tuple[Recorded[EventT], StateT]:
        """A commit with its events readable and the state as it was then: what `change` gave for its cause.

        Raises `Invalid("erased")` for a citizen whose key was destroyed.
        """
        return await self._answered(commit)

    async def _owner_of(self, history: str, loaded: Loaded) -> str:
        commits = loaded.commits or await self._store.commits(history, after=loaded.version - 1)
        if not commits:
            raise Invalid("unknown_history", "Nothing was recorded under this name.")
        return commits[-1].owner

    async def _state(self, history: str, owner: str, loaded: Loaded) -> StateT:
        state, commits = self._empty(), loaded.commits
        if loaded.snapshot is not None:
            found = await self._snapshots.open(history, owner, loaded.snapshot_version, loaded.snapshot)
            if found is None:
                earlier = await self._store.commits(history)
                commits = (*(commit for commit in earlier if commit.version <= loaded.snapshot_version), *commits)
            else:
                state = found
        for commit in commits:
            state = self._folded(state, (await self._opened(commit)).events)
        return state

    def _folded(self, state: StateT, events: tuple[EventT, ...]) -> StateT:
        for event in events:
            state = self._fold(state, event)
        return state

    async def _answered(self, answer: Commit) -> tuple[Recorded[EventT], StateT]:
        """What was recorded before, with the state as it was then: later commits are left out."""
        state = self._empty()
        for commit in await self._store.commits(answer.history):
            if commit.version > answer.version:
                break
            state = self._folded(state, (await self._opened(commit)).events)
        return await self._opened(answer), state

    async def _sealed(
        self, history: str, owner: str, cause: UUID, at: datetime, version: int, draft: Draft[EventT]
    ) -> Commit:
        public, parts = split_personal(draft.events)
        context = f"commit:{history}:{version}"
        sealed = b""
        if parts:
            sealed = await self._vault.seal(owner, json.dumps(parts, ensure_ascii=False).encode(), context=context)
        return _commit(history, owner, cause, at, version, draft, public, sealed)

    async def _opened(self, commit: Commit) -> Recorded[EventT]:
        public = json.loads(commit.events)
        if commit.sealed:
            context = f"commit:{commit.history}:{commit.version}"
            parts = json.loads(await self._vault.open(commit.owner, commit.sealed, context=context))
            public = join_personal(public, parts)
        return Recorded(commit, self._events.validate_python(upcast(commit.history, public)))


def _commit(
    history: str,
    owner: str,
    cause: UUID,
    at: datetime,
    version: int,
    draft: Draft[EventT],
    public: list[dict[str, Any]],
    sealed: bytes = b"",
) -> Commit:
    return Commit(
        cause=cause,
        history=history,
        version=version,
        at=at,
        owner=owner,
        events=json.dumps(public, ensure_ascii=False, separators=(",", ":")).encode(),
        sealed=sealed,
        timers_set=tuple(Timer(history, kind, due) for kind, due in draft.timers_set),
        timers_cancelled=draft.timers_cancelled,
        terms=draft.terms,
    )
