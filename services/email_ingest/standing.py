"""How a folder stands, kept where another process can see it: `gateway channels` does not run in the gateway."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from gateway.projections.port import Document, Documents
from gateway.store.rows import micros

KIND = "mail_standing"
RENEWED_AFTER = timedelta(seconds=60)


class Standing:
    """Whether a folder is watched, why not, and when its server last answered; not a projection."""

    def __init__(self, documents: Documents, mailbox: str, folder: str, *, clock: Callable[[], datetime]) -> None:
        """Take where it lies, whose it is, and a clock of aware UTC."""
        self._documents = documents
        self._key = f"{mailbox}/{folder}"
        self._clock = clock
        self._reason: str | None = ""
        self._said_at: datetime | None = None

    async def say(self, reason: str | None) -> bool:
        """Keep why it is not watched (a code), None while it is; written when it changes and once a minute.

        Returns whether it changed. Raises `Unavailable`.
        """
        now = self._clock()
        changed = reason != self._reason
        if changed or self._said_at is None or not timedelta(0) <= now - self._said_at < RENEWED_AFTER:
            known = await self.known()
            contact = now.isoformat() if reason is None else known["contact_at"]
            body = {"connected": reason is None, "reason": reason, "contact_at": contact, "at": now.isoformat()}
            await self._documents.put(Document(KIND, self._key, micros(now), body))
            self._reason, self._said_at = reason, now
        return changed

    async def known(self) -> Mapping[str, Any]:
        """What was last said: connected, reason, contact_at and at (ISO times in UTC, or None)."""
        document = await self._documents.get(KIND, self._key)
        nothing = {"connected": False, "reason": "never_started", "contact_at": None, "at": None}
        return nothing if document is None else document.body
