"""What a channel must be able to do for the outbox: cut a reply into messages and hand over one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from schemas.vocabulary import ReplyKind


@dataclass(frozen=True, slots=True)
class FilesTaken:
    """Which files a channel carries: the most bytes of one by media type; any other is had at the lookup page.

    `with_words`: in the message that holds the words, else each in a message of its own behind them.
    """

    most: Mapping[str, int]
    with_words: bool = False


NO_FILES = FilesTaken({})


@dataclass(frozen=True, slots=True, repr=False)
class Enclosure:
    """A file as the citizen gets it: a picture is a copy without what the camera wrote beside it."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message to hand over.

    `number` counts the parts of a reply from 0, `count` is how many there are. `token` is the same whenever this
    part is handed over again and names nobody: a channel that can carry it finds its own echo by it.
    `correspondent` is what the channel's reader last noted about the account (`gateway.runtime.correspondents`), empty
    when nothing was. All times are aware UTC. With `files` the parcel has no `text`, unless the channel takes both in
    one message; `instead` is what the citizen is told where the platform does not take a file.
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
    files: tuple[Enclosure, ...] = field(repr=False, default=())
    instead: str = field(repr=False, default="")


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

    @property
    def takes(self) -> FilesTaken:
        """Which files it can hand over."""

    def split(self, text: str) -> Sequence[str]:
        """The messages that a reply's text becomes, in order; at least one, each within the channel's limit."""

    async def hand_over(self, parcel: Parcel) -> Handover:
        """Hand over one message; bounded in time by the carrier itself."""
