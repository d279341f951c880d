"""Chooses how a reply reaches somebody: in the inbox, as the private reply to their comment, or not at all. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from schemas.vocabulary import ReplyKind

WINDOW = timedelta(hours=24)
"""How long after a citizen's last word the page may write (Messenger Platform, "24-hour messaging window")."""

HUMAN_WINDOW = timedelta(days=7)
"""The same for what a person wrote, with the tag HUMAN_AGENT, and for the private reply to a comment or post."""

BY_PERSONS = frozenset({ReplyKind.RESULT})
"""Kinds of reply that a person wrote."""


@dataclass(frozen=True, slots=True)
class Place:
    """A comment or post that can be answered; `by` is how Facebook wants it named, `at` when it was written."""

    id: str = field(repr=False)
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Inbox:
    """Into the conversation with a person; `tagged` as a human agent's answer."""

    user: str = field(repr=False)
    tagged: bool


@dataclass(frozen=True, slots=True)
class PrivateReply:
    """The one private message that a comment or post may be answered by."""

    place: Place


@dataclass(frozen=True, slots=True)
class Nowhere:
    """There is no way; at `pointed_at`, if there is one, the author can be told in public that an answer waits."""

    reason: str
    pointed_at: Place | None = None


Route = Inbox | PrivateReply | Nowhere


@dataclass(frozen=True, slots=True)
class Situation:
    """What the choice depends on.

    `place` is where the submission was made, None for a private message; `used` says that its private reply was
    given to another message. `user` is the person's page-scoped id, where known, and `last_word` when they last did
    something in the inbox.
    """

    kind: ReplyKind
    now: datetime
    place: Place | None = None
    used: bool = False
    user: str | None = field(default=None, repr=False)
    last_word: datetime | None = None
    human_agent: bool = False


def route_of(situation: Situation) -> Route:
    """The way of one message, at this moment."""
    place = situation.place
    if place is not None and not situation.used and situation.now - place.at < HUMAN_WINDOW:
        return PrivateReply(place)
    inbox = _inbox(situation)
    if inbox is not None:
        return inbox
    if place is not None:
        pointed_at = place if situation.kind in BY_PERSONS else None
        return Nowhere("private_reply_used" if situation.used else "window_closed", pointed_at)
    return Nowhere("window_closed" if situation.user else "unknown_correspondent")


def place_of(known: Mapping[str, Any], code: str | None) -> Place | None:
    """Where the submission under a receipt code was made, if it was a comment or post."""
    found = known.get("places", {}).get(code)
    return None if found is None else Place(found["id"], found["by"], datetime.fromisoformat(found["at"]))


def _inbox(situation: Situation) -> Inbox | None:
    if situation.user is None or situation.last_word is None:
        return None
    since = situation.now - situation.last_word
    if since < WINDOW:
        return Inbox(situation.user, tagged=False)
    if situation.human_agent and situation.kind in BY_PERSONS and since < HUMAN_WINDOW:
        return Inbox(situation.user, tagged=True)
    return None
