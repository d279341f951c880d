"""A reply with all its parts as one value, and what may become of it; pure, for adapters that keep it in one place.

Each change gives the reply as it is afterwards, the same one where nothing changes, or None where it does not apply.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.outbox.endings import ending_of
from gateway.outbox.port import (
    BY_OPERATOR,
    EARLIER_PART_FAILED,
    INTERRUPTED,
    Act,
    ActKind,
    Ending,
    Part,
    PartState,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """All parts of a reply in order, how it stands, and what operators did about it.

    `epoch` is the tenure in which its part under way was begun, `ended_at` when `state` last changed.
    """

    parts: tuple[Part, ...]
    state: PartState | None = None
    reason: str | None = None
    by: str | None = None
    ended_at: datetime | None = None
    revision: int = 0
    told: int = 0
    epoch: int = 0
    acts: tuple[Act, ...] = ()

    @property
    def ending(self) -> Ending | None:
        """Its ending that was not told yet."""
        if self.state is None or self.told >= self.revision:
            return None
        one = self.parts[0]
        return Ending(
            one.reply_id, one.channel, one.account, one.history, self.state, self.reason, self.revision, self.by
        )

    @property
    def done_with(self) -> bool:
        """Whether nothing more is to come: every part is sent or failed, and the ending was told."""
        ended = all(part.state in (PartState.SENT, PartState.FAILED) for part in self.parts)
        return ended and self.state is not None and self.told >= self.revision

    def has(self, state: PartState) -> bool:
        """Whether any part is in a state."""
        return any(part.state is state for part in self.parts)


@dataclass(frozen=True, slots=True)
class Filed:
    """A reply at its place in the order of filing; later ones come after every place that is taken."""

    place: int
    reply: Reply


Change = Callable[[Reply], Reply | None]


def filed(parts: tuple[Part, ...]) -> Reply:
    """A new reply, every part of which waits."""
    return Reply(tuple(replace(one, state=PartState.WAITING, attempts=0, reason=None, remote_id=None) for one in parts))


def begun(reply: Reply, number: int, epoch: int) -> Reply | None:
    """Waiting becomes sending, unless another part of the reply is."""
    part = _part(reply, number)
    if part is None or part.state is not PartState.WAITING or reply.has(PartState.SENDING):
        return None
    return replace(_with(reply, replace(part, state=PartState.SENDING, attempts=part.attempts + 1)), epoch=epoch)


def withdrawn(reply: Reply, number: int, epoch: int) -> Reply | None:
    """A part that was begun waits as if it had not been; only whoever began it, and handed nothing over, may say so."""
    part = _part(reply, number)
    if part is None or part.state is not PartState.SENDING or reply.epoch != epoch:
        return None
    return _with(reply, replace(part, state=PartState.WAITING, attempts=part.attempts - 1))


def interrupted(reply: Reply, now: datetime, echo: timedelta) -> Reply | None:
    """What was under way is unknown now; None where nothing was."""
    for part in reply.parts:
        if part.state is PartState.SENDING:
            gone = replace(part, state=PartState.UNKNOWN, reason=INTERRUPTED, due_at=now + echo)
            return _ended(_with(reply, gone), now)
    return None


def sent(reply: Reply, number: int, remote_id: str | None, now: datetime) -> Reply | None:
    """The platform took it, whatever was thought before."""
    part = _part(reply, number)
    if part is None:
        return None
    taken = replace(part, state=PartState.SENT, reason=None, remote_id=remote_id or part.remote_id)
    return _ended(_with(reply, taken), now)


def failed(reply: Reply, number: int, reason: str, now: datetime, by: str | None = None) -> Reply | None:
    """It never will be taken, and what was to follow it is not tried."""
    part = _part(reply, number)
    if part is None or part.state is PartState.SENT:
        return None
    without = _with(reply, replace(part, state=PartState.FAILED, reason=reason))
    rest = tuple(
        replace(one, state=PartState.FAILED, reason=EARLIER_PART_FAILED)
        if one.number > number and one.state is PartState.WAITING
        else one
        for one in without.parts
    )
    return _ended(replace(without, parts=rest), now, by)


def put_off(reply: Reply, number: int, reason: str, until: datetime) -> Reply | None:
    """Sending becomes waiting again."""
    part = _part(reply, number)
    if part is None or part.state is not PartState.SENDING:
        return None
    return _with(reply, replace(part, state=PartState.WAITING, reason=reason, due_at=until))


def doubted(reply: Reply, number: int, reason: str, now: datetime, echo: timedelta) -> Reply | None:
    """Sending becomes unknown and holds up the account's next part for the echo's time."""
    part = _part(reply, number)
    if part is None or part.state is not PartState.SENDING:
        return None
    unknown = replace(part, state=PartState.UNKNOWN, reason=reason, due_at=now + echo)
    return _ended(_with(reply, unknown), now)


def settled(reply: Reply, number: int, *, taken: bool, by: str, now: datetime) -> Reply | None:
    """An operator ends an unknown part."""
    part = _part(reply, number)
    if part is None or part.state is not PartState.UNKNOWN:
        return None
    if taken:
        after = _ended(_with(reply, replace(part, state=PartState.SENT, reason=None)), now, by)
        return _noted(after, number, by, ActKind.SETTLED_AS_SENT, now)
    ended = failed(reply, number, BY_OPERATOR, now, by)
    return None if ended is None else _noted(ended, number, by, ActKind.SETTLED_AS_FAILED, now)


def repeated(reply: Reply, number: int, by: str, now: datetime) -> Reply | None:
    """A failed or unknown part waits again, with those that failed because of it."""
    part = _part(reply, number)
    if part is None or part.state not in (PartState.FAILED, PartState.UNKNOWN):
        return None
    again = _with(reply, replace(part, state=PartState.WAITING, due_at=now))
    rest = tuple(
        replace(one, state=PartState.WAITING, reason=None, due_at=now)
        if one.number > number and one.state is PartState.FAILED and one.reason == EARLIER_PART_FAILED
        else one
        for one in again.parts
    )
    return _noted(_ended(replace(again, parts=rest), now), number, by, ActKind.REPEATED, now)


def told(reply: Reply, revision: int) -> Reply:
    """This ending, and any before it, need not be told any more."""
    return replace(reply, told=max(reply.told, revision))


def _part(reply: Reply, number: int) -> Part | None:
    return reply.parts[number] if 0 <= number < len(reply.parts) else None


def _with(reply: Reply, part: Part) -> Reply:
    return replace(reply, parts=(*reply.parts[: part.number], part, *reply.parts[part.number + 1 :]))


def _ended(reply: Reply, now: datetime, by: str | None = None) -> Reply:
    """Bring the reply's own state in line with its parts; another state than before is a new ending."""
    state, reason = ending_of([(part.state, part.reason) for part in reply.parts]) or (None, None)
    if state is reply.state:
        return reply
    revision = reply.revision + (state is not None)
    return replace(reply, state=state, reason=reason, by=by, ended_at=now, revision=revision)


def _noted(reply: Reply, number: int, by: str, kind: ActKind, now: datetime) -> Reply:
    act = Act(reply.parts[0].reply_id, number, by, kind, now)
    return replace(reply, acts=(*reply.acts, act))
