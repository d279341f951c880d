"""What one event of Facebook's leads to: the record it becomes, and what must be noted or told beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.domain.channel_messages import Said
from gateway.domain.identity import Identity
from schemas.inbound import Ignored
from schemas.raw import Raw
from services.facebook_ingest.items import Item
from services.facebook_ingest.members import instant
from services.facebook_ingest.page import CHANNEL, Page
from services.facebook_ingest.reasons import OF_A_CITIZEN, Skipped


@dataclass(frozen=True, slots=True)
class Known:
    """What was known before a request is read.

    `threads` gives the account whose submission we last wrote about to a person (by their page-scoped id): a private
    reply to a comment is answered in the inbox. `owners` gives the account of each comment and post seen before.
    """

    threads: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    """What the carrier must know of an account later; `place` is a comment or post that a reply may answer."""

    account: str
    at: datetime
    known: Mapping[str, Any] = field(default_factory=dict, repr=False)
    place: Mapping[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Echo:
    """A message that our app sent came back: by its token, else by Facebook's id; `user` received it."""

    token: str | None
    remote_id: str
    user: str
    account: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Effect:
    """One event's record, with the account whose key seals its original, and what goes with it."""

    said: Said
    owner: str | None = None
    note: Note | None = None
    echo: Echo | None = None
    object: str | None = None
    """Comment or post that `owner` wrote: its removal often names nobody."""

    original: bytes = field(default=b"", repr=False)
    """This event's part of the request, to be filed under `owner`."""

    alarm: bool = False

    def accounts(self) -> frozenset[str]:
        """Everybody whose key what follows from the event is sealed under, or in whose conversation it stands."""
        noted = self.note.account if self.note is not None else None
        echoed = self.echo.account if self.echo is not None else None
        return frozenset(one for one in (self.said.account, self.owner, noted, echoed) if one is not None)


@dataclass(frozen=True, slots=True)
class Context:
    """What reading an event depends on beside the event."""

    raw: Raw
    page: Page
    identity: Identity
    known: Known

    def account(self, user: str) -> str:
        """The account of a person, by their page-scoped id."""
        return self.identity.account(CHANNEL, self.page.person(user))

    def id(self, account: str, external: str) -> UUID:
        """The id of a message of this account."""
        return self.identity.inbound_id(CHANNEL, account, external)

    def at(self, told: object) -> datetime:
        """Facebook's own time of an event."""
        return instant(told, self.raw.received_at)

    def ignored(self, item: Item, reason: Skipped, account: str | None = None) -> Ignored:
        """The record of an event that is no citizen's message, named by its content."""
        return Ignored(
            id=self.identity.inbound_id(CHANNEL, self.page.id, f"event:{item.digest}"),
            channel=CHANNEL,
            account=account,
            reason=reason.value,
            received_at=self.raw.received_at,
            sent_by_citizen=account is not None and reason in OF_A_CITIZEN,
            trial=self.raw.trial,
        )
