"""The outbox as send stages and senders see it: parts of replies with their state, durable before and after a call."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from schemas.vocabulary import ReplyKind

if TYPE_CHECKING:
    from gateway.outbox.reply import Filed

ECHO = timedelta(seconds=120)
"""How long a citizen's next part waits for the echo of an unknown one before it goes on."""

INTERRUPTED = "interrupted"
"""Why a part is unknown whose sender was gone before it could say how handing it over ended."""

EARLIER_PART_FAILED = "earlier_part_failed"
"""Why a part was not even tried: half a reply, without its beginning, helps nobody."""

BY_OPERATOR = "by_operator"
"""Why a part failed of which an operator said so."""


TOKEN = re.compile(r"([0-9a-f]{32})\.([0-9]{1,6})", re.ASCII)


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

    `history` is told how the reply ended. `sealed` is what it says (`gateway.outbox.payload`) under the account's key,
    context `outbox:<reply_id>:<number>`. Times are aware UTC; `due_at` is when it may next be handed over, of an
    unknown one until when it holds up the citizen's next one.
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
    by: str | None = None
    """Code of the operator who settled it; None when the channel did."""


@dataclass(frozen=True, slots=True)
class Tenure:
    """A sender's time in charge of a channel; a later tenure has a greater `epoch`, and ends the earlier ones.

    `interrupted` is how many parts the sender before it left behind in the middle of handing over.
    """

    epoch: int
    interrupted: int


class ActKind(StrEnum):
    """What an operator can do about a part."""

    SETTLED_AS_SENT = "settled_as_sent"
    SETTLED_AS_FAILED = "settled_as_failed"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class Act:
    """What an operator did about one part: who (a code), what, when (aware UTC)."""

    reply_id: UUID
    number: int
    by: str
    kind: ActKind
    at: datetime


class Outbox(Protocol):
    """Parts of replies by channel. Every change is durable on return.

    `sent` is final: whatever is said of such a part afterwards changes nothing.
    """

    async def file(self, parts: Sequence[Part]) -> bool:
        """Keep all parts of one reply, waiting; False, and nothing changes, when that reply is known already.

        Raises `Invalid("parts_incomplete")` unless they are all parts of one reply, in order.
        """

    async def changed(self, channel: str, *, within: float) -> None:
        """Return when this process changed what is due or has ended, at the latest after `within` seconds."""

    async def due(self, channel: str, now: datetime, *, limit: int) -> Sequence[Part]:
        """Parts that may be handed over now: of each account only the first that has not ended, oldest first.

        An account whose first open part waits for later, or of which any part is `sending` or became `unknown` within
        the channel's time for an echo, gives none: order per citizen.
        """

    async def take_over(self, channel: str, now: datetime) -> Tenure:
        """Become the channel's only sender: what another was handing over is `unknown` now, for that one is gone."""

    async def begin(self, part: Part, now: datetime, *, epoch: int = 0) -> bool:
        """Turn a waiting part into `sending`, counting the attempt; False when it is not waiting any more.

        False also while another part of its account is `sending`. Raises `Conflict("sender_replaced")` for the epoch
        of an earlier tenure; 0 comes before all of them.
        """

    async def sent(self, reply_id: UUID, number: int, *, remote_id: str | None, now: datetime) -> None:
        """The platform took it. Also ends an `unknown` one."""

    async def failed(self, reply_id: UUID, number: int, *, reason: str, now: datetime) -> None:
        """It never will be; the reply's later parts are not sent either."""

    async def put_off(self, reply_id: UUID, number: int, *, reason: str, until: datetime) -> None:
        """Nothing was taken; it waits again until then. Changes only a part that is `sending`."""

    async def unknown(self, reply_id: UUID, number: int, *, reason: str, now: datetime) -> None:
        """It may have been taken; only an echo or an operator says more. Changes only a part that is `sending`."""

    async def settle(self, reply_id: UUID, number: int, *, sent: bool, by: str, now: datetime) -> bool:
        """An operator says how an unknown part ended, which is recorded; False for one in another state."""

    async def repeat(self, reply_id: UUID, number: int, *, by: str, now: datetime) -> bool:
        """An operator has a failed or unknown part handed over again; False for one in another state.

        Later parts that failed only because of it wait again too. It is recorded.
        """

    async def acts(self, reply_id: UUID) -> Sequence[Act]:
        """What operators did about a reply, in order."""

    async def echoed(
        self, channel: str, *, token: str | None = None, remote_id: str | None = None, account: str | None = None
    ) -> Part | None:
        """The part that an echo is of, by our token, else by the platform's id; now `sent`. None for none of ours.

        With `account`, a part of another account is none of ours: tokens and ids come from outside.
        """

    async def unproven(self, channel: str, account: str) -> Sequence[Part]:
        """An account's `sending` and `unknown` parts, oldest first.

        For a channel whose echoes carry neither token nor a known id: it compares texts and says `sent`.
        """

    async def part(self, reply_id: UUID, number: int) -> Part | None:
        """One part, or None."""

    async def parts(self, reply_id: UUID) -> Sequence[Part]:
        """All parts of a reply, in order; none for an unknown reply."""

    async def endings(self, channel: str, *, limit: int) -> Sequence[Ending]:
        """Replies that ended and were not told yet, oldest first.

        A reply ends when none of its parts waits or is under way: `failed` if any failed, else `unknown` if any is,
        else `sent`. One that ends otherwise later, or is repeated, ends again.
        """

    async def told(self, ending: Ending) -> None:
        """This ending has been published durably."""

    async def open_parts(self, channel: str, state: PartState, *, limit: int) -> Sequence[Part]:
        """Parts in a state, oldest first: what operators look at."""

    async def counts(self, channel: str) -> Mapping[PartState, int]:
        """How many parts are in each state; states without any are there with 0."""

    async def trim(self, before: datetime, *, limit: int = 500) -> int:
        """Forget the parts and acts of replies that ended before this instant; returns of how many replies.

        Only of replies whose parts are all `sent` or `failed` and whose last ending was told; at most `limit` of them,
        those that ended first. The reply itself stays known for ever: filing it again changes nothing, so that a
        replayed topic never sends it twice. It has no parts then, is in no count, and no echo is of it.
        """

    async def replies(self, *, after: "Filed | None" = None, limit: int = 500) -> "Sequence[Filed]":
        """Every reply that has parts, in the order of filing, after one of them."""

    async def forgotten(self, *, after: UUID | None = None, limit: int = 500) -> Sequence[UUID]:
        """Every reply that was trimmed, by id, after an id."""

    async def adopt(self, *, replies: "Sequence[Filed]" = (), forgotten: Sequence[UUID] = ()) -> None:
        """Keep replies as they stand in another outbox, at their places, and that others were filed there once.

        For an outbox that nobody uses yet; adopted again, a reply stands as it is given then. A part that is under way
        there becomes unknown as soon as anybody takes over its channel here. Durable on return.
        """

    async def close(self) -> None:
        """Finish what is under way and release everything."""


def context_of(reply_id: UUID, number: int) -> str:
    """Binds a part's sealed payload to its place."""
    return f"outbox:{reply_id}:{number}"


def token_of(reply_id: UUID, number: int) -> str:
    """What a channel carries with a part so that its echo is known: names nobody, the same at every attempt."""
    return f"{reply_id.hex}.{number}"


def named_by(token: str) -> tuple[UUID, int] | None:
    """The part that a token names; None for what is no token of ours, since echoes come from outside."""
    found = TOKEN.fullmatch(token)
    return None if found is None else (UUID(hex=found[1]), int(found[2]))
