"""The outbox as send stages and senders see it: parts of replies with their state, durable before and after a call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from schemas.vocabulary import ReplyKind


class PartState(StrEnum):
    """`sending` is durable before the platform is called; a part found in it after a crash is `unknown`."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a reply; `(reply_id, number)` names it, `number` counts from 0 to `count - 1`.

    `history` is told how the reply ended. `sealed` is the text under the account's key, context
    `outbox:<reply_id>:<number>`. Times are aware UTC; `due_at` is when it may next be handed over.
    """

    reply_id: UUID
    number: int
    count: int
    channel: str
    account: str
    history: str
    kind: ReplyKind
    code: str | None
    filed_at: datetime
    due_at: datetime
    sealed: bytes
    state: PartState = PartState.WAITING
    attempts: int = 0
    reason: str | None = None
    remote_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """A reply that ended and whose ending has not been told yet: `sent` only when every part was."""

    reply_id: UUID
    channel: str
    account: str
    history: str
    state: PartState
    reason: str | None
    revision: int
    """Counts the endings of one reply: an unknown one may later turn out as sent or failed."""


class Outbox(Protocol):
    """Parts of replies by channel. Every change is durable on return."""

    async def file(self, parts: Sequence[Part]) -> bool:
        """Keep all parts of one reply, waiting; False, and nothing changes, when that reply is known already."""

    async def due(self, channel: str, now: datetime, *, limit: int) -> Sequence[Part]:
        """Parts that may be handed over now: of each account only the first that has not ended, oldest first.

        An account whose first open part is `sending`, waits for later, or became `unknown` within the channel's time
        for an echo, gives none: order per citizen.
        """

    async def begin(self, part: Part, now: datetime) -> bool:
        """Turn a waiting part into `sending`, counting the attempt; False when it is not waiting any more."""

    async def sent(self, reply_id: UUID, number: int, *, remote_id: str | None, now: datetime) -> None:
        """The platform took it. Also ends an `unknown` one."""

    async def failed(self, reply_id: UUID, number: int, *, reason: str, now: datetime) -> None:
        """It never will be; the reply's later parts are not sent either."""

    async def put_off(self, reply_id: UUID, number: int, *, reason: str, until: datetime) -> None:
        """Nothing was taken; it waits again until then."""

    async def unknown(self, reply_id: UUID, number: int, *, reason: str, now: datetime) -> None:
        """It may have been taken; only an echo or an operator says more."""

    async def repeat(self, reply_id: UUID, number: int, *, now: datetime) -> bool:
        """An operator has a failed or unknown part handed over again; False for one in another state."""

    async def interrupted(self, channel: str, now: datetime) -> int:
        """Turn every `sending` part into `unknown`: whoever was handing it over is gone. Returns how many."""

    async def echoed(
        self, channel: str, *, token: str | None = None, remote_id: str | None = None, account: str | None = None
    ) -> Part | None:
        """The part that an echo is of, by our token, else by the platform's id; now `sent`. None for none of ours."""

    async def part(self, reply_id: UUID, number: int) -> Part | None:
        """One part, or None."""

    async def endings(self, channel: str, *, limit: int) -> Sequence[Ending]:
        """Replies that ended and were not told yet, oldest first."""

    async def told(self, ending: Ending) -> None:
        """This ending has been published durably."""

    async def open_parts(self, channel: str, state: PartState, *, limit: int) -> Sequence[Part]:
        """Parts in a state, oldest first: what operators look at."""

    async def counts(self, channel: str) -> Mapping[PartState, int]:
        """How many parts are in each state."""

    async def close(self) -> None:
        """Finish what is under way and release everything."""


def token_of(reply_id: UUID, number: int) -> str:
    """What a channel carries with a part so that its echo is known: names nobody, the same at every attempt."""
    return f"{reply_id.hex}.{number}"
