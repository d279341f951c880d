"""What the fake Facebook knows: a page with its app and tokens, citizens, and everything that was said to them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

DAY = 86_400.0
FIELDS = ("messages", "message_echoes", "messaging_postbacks", "message_edits", "standby", "feed", "mention")


class Trouble(StrEnum):
    """How one request may go wrong beside Facebook's own errors."""

    HANG = "hang"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    HTML_502 = "html_502"
    NOT_JSON = "not_json"
    NEW_USAGE_MEMBER = "new_usage_member"
    REDIRECT = "redirect"


@dataclass(frozen=True)
class GraphError:
    """An error of the Graph API; `regain_minutes` goes into the usage header."""

    code: int
    subcode: int = 0
    transient: bool | None = None
    regain_minutes: int = 0


Script = GraphError | Trouble


@dataclass(frozen=True)
class Sent:
    """A message that was taken for a citizen; `recipient` as it was named, `user` who got it."""

    recipient: dict[str, str]
    user: str
    text: str
    metadata: str
    tag: str
    message_id: str
    at: float
    file: bytes | None = None


@dataclass(frozen=True)
class PublicReply:
    """A comment of the page under a comment or post."""

    under: str
    text: str
    comment_id: str


@dataclass
class State:
    """The whole of it; `clock` gives seconds since 1970."""

    page: str
    app: str
    app_secret: str
    tokens: set[str]
    clock: Callable[[], float] = time.time
    human_agent: bool = False
    subscribed: set[str] = field(default_factory=lambda: set(FIELDS))
    last_words: dict[str, float] = field(default_factory=dict)
    authors: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Comment or post to the page-scoped id of its author in the inbox, and when it was written."""

    privately_answered: set[str] = field(default_factory=set)
    names: dict[str, tuple[str, str] | None] = field(default_factory=dict)
    """Last and first name by person; None for somebody without a profile."""

    sent: list[Sent] = field(default_factory=list)
    public: list[PublicReply] = field(default_factory=list)
    threads: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """The inbox: messages of each conversation as the Conversations API shows them, oldest first."""

    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What stands on the page, by id, with every field that the Graph API could show."""

    comments: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What was written under each post, oldest first, with every field; an answer to a comment has a `parent`."""

    photos: dict[str, tuple[bytes, str, float]] = field(default_factory=dict)
    """Media by name: bytes, type, and when the link ends."""

    uploads: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Kind and bytes of uploaded attachments that were not sent yet, by the name that they were given."""

    refused: list[int] = field(default_factory=list)
    """Codes of the errors that were answered."""

    requests: list[str] = field(default_factory=list)
    """Method and path of every request to the Graph API."""

    numbers: int = 0

    def number(self) -> int:
        """A number that was not used before."""
        self.numbers += 1
        return self.numbers

    def sent_to(self, user: str) -> list[str]:
        """The texts that a person got in the inbox, in order."""
        return [one.text for one in self.sent if one.user == user]

    def keep(self, user: str, mid: str, sender: str, text: str, attachments: list[dict[str, Any]]) -> None:
        """Put a message into the inbox, as the Conversations API shows it."""
        created = time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(self.clock()))
        shown: dict[str, Any] = {"id": mid, "message": text, "from": {"id": sender}, "created_time": created}
        if attachments:
            data = [{"image_data": {"url": one["payload"]["url"]}} for one in attachments]
            shown["attachments"] = {"data": data}
        self.threads.setdefault(user, []).append(shown)
