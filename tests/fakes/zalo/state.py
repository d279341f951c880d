"""What the fake Zalo knows: apps and accounts, tokens, citizens, and every message it took for them."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

DAY = 86_400.0
TOKEN_SECONDS = 90_000
CODE_SECONDS = 600
LONGEST_TEXT = 2000


class Trouble(StrEnum):
    """How one request may go wrong beside Zalo's own errors."""

    HANG = "hang"
    DROP = "drop"
    HTTP_500 = "500"
    HTTP_502 = "502"
    HTTP_503 = "503"
    HTML = "html"
    NULLS = "nulls"


Script = int | Trouble
"""An error number of Zalo's, or a trouble."""


@dataclass
class Tokens:
    """What an OA granted: one pair holds at a time; a refresh token is good for one use."""

    access: str
    refresh: str
    expires_at: float
    used: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Taken:
    """A message that was taken for a citizen."""

    oa: str
    recipient: dict[str, str]
    message: dict[str, Any]
    message_id: str
    at: float

    @property
    def kind(self) -> str:
        """What Zalo calls such a message: text, image, gif, file or template."""
        attachment = self.message.get("attachment", {})
        elements = attachment.get("payload", {}).get("elements", [{}])
        return str(elements[0].get("media_type") or attachment.get("type", "text"))

    @property
    def text(self) -> str:
        """Its text; empty for a card without one."""
        return str(self.message.get("text", ""))


@dataclass
class State:
    """The whole of it; `clock` gives seconds since 1970."""

    app_id: str
    app_secret: str
    oas: dict[str, str]
    tokens: dict[str, Tokens]
    clock: Callable[[], float] = time.time
    codes: dict[str, tuple[str, str, float]] = field(default_factory=dict)
    """Code of a consent to its OA, its challenge and its time."""
    interactions: dict[str, float] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)
    media: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    refreshes: int = 0
    refused_refreshes: int = 0
    requests: int = 0
    quota_left: int = 10_000
    expires_in_as_number: bool = False

    def grant(self, oa: str) -> Tokens:
        """A new pair, which ends the one before at once."""
        before = self.tokens.get(oa)
        used = {*before.used, before.refresh} if before else set()
        made = Tokens(secrets.token_urlsafe(24), secrets.token_urlsafe(24), self.clock() + TOKEN_SECONDS, used)
        self.tokens[oa] = made
        return made

    def owner_of(self, access: str) -> tuple[str | None, int]:
        """The OA whose token this is, or None with Zalo's error number."""
        for oa, tokens in self.tokens.items():
            if secrets.compare_digest(tokens.access, access):
                return (oa, 0) if self.clock() < tokens.expires_at else (None, -220)
        return None, -216

    def expire(self, oa: str) -> None:
        """Let the access token's time run out."""
        self.tokens[oa].expires_at = 0.0

    def replies_to(self, user_id: str) -> list[Taken]:
        """What this citizen got, in order."""
        return [one for one in self.taken if one.recipient.get("user_id") == user_id]
