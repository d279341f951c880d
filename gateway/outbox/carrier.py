"""What a channel must be able to do for the outbox: cut a reply into messages and hand over one of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from schemas.vocabulary import ReplyKind


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message to hand over.

    `number` counts the parts of a reply from 0, `count` is how many there are. `token` is the same whenever this
    part is handed over again and names nobody: a channel that can carry it finds its own echo by it.
    `correspondent` is what the channel's reader last noted about the account (`gateway.runtime.correspondents`), empty
    when nothing was. All times are aware UTC.
    """

    reply_id: UUID
    number: int
    count: int
    token: str
    account: str
    kind: ReplyKind
    code: str | None
    filed_at: datetime
    text: str = field(repr=False)
    correspondent: dict[str, Any] = field(repr=False, default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivered:
    """The platform took it; `remote_id` is its own name for the message, where it gave one."""

    remote_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never be taken in this way: not tried again, told to operators. `reason` is a snake_case code."""

    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing was taken, and it may be in `seconds`.

    `whole_channel` says that it concerns everybody (a rate limit, a dead token, an outage) and not this citizen only:
    the channel pauses. `alarm` says that a person must act before it can go on.
    """

    reason: str
    seconds: float
    whole_channel: bool = False
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class Unclear:
    """It may or may not have been taken, such as after a lost answer: never repeated blindly."""

    reason: str


Handover = Delivered | Refused | Later | Unclear
"""How handing over one parcel ended."""


class Carrier(Protocol):
    """A channel's way out. It raises nothing for what the platform or the network does: that is a `Handover`."""

    @property
    def channel(self) -> str:
        """The channel's code."""

    def split(self, text: str) -> Sequence[str]:
        """The messages that a reply's text becomes, in order; at least one, each within the channel's limit."""

    async def hand_over(self, parcel: Parcel) -> Handover:
        """Hand over one message; bounded in time by the carrier itself."""
