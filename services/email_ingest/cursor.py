"""How far a folder has been read: a place by UIDVALIDITY and UID, moved only after what lies before it is durable."""

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.errors import Conflict
from gateway.projections.port import Document, Documents

KIND = "mail_cursor"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everything up to `uid` has been taken, as long as the folder's UIDs are those of `uidvalidity`.

    `since` is when the newest mail arrived that the first start left alone (the server's clock): what arrived before
    is left alone also when all UIDs change. None where everything is taken.
    """

    uidvalidity: int
    uid: int
    since: datetime | None = None

    def renumbered(self, uidvalidity: int) -> "Cursor":
        """From the beginning under new UIDs: nothing of the old ones tells what was read (RFC 3501, 2.3.1.1)."""
        return replace(self, uidvalidity=uidvalidity, uid=0)

    def left_alone(self, arrived_at: datetime | None) -> bool:
        """Whether a mail lay there before the first start."""
        return self.since is not None and arrived_at is not None and arrived_at < self.since


class FolderCursor:
    """The durable cursor of one folder; not a projection, so a rebuild leaves it alone."""

    def __init__(self, documents: Documents, mailbox: str, folder: str) -> None:
        """Take where it lies and whose it is."""
        self._documents = documents
        self._key = f"{mailbox}/{folder}"
        self._version = 0

    async def load(self) -> Cursor | None:
        """Where to go on; None before the first start. Raises `Unavailable`."""
        document = await self._documents.get(KIND, self._key)
        if document is None:
            self._version = 0
            return None
        self._version = document.version
        since = document.body["since"]
        return Cursor(
            document.body["uidvalidity"],
            document.body["uid"],
            None if since is None else datetime.fromisoformat(since),
        )

    async def move(self, cursor: Cursor) -> None:
        """Keep it; raises `Conflict("cursor_moved")` when another receiver moved it since, and `Unavailable`."""
        body = {
            "uidvalidity": cursor.uidvalidity,
            "uid": cursor.uid,
            "since": None if cursor.since is None else cursor.since.isoformat(),
        }
        if not await self._documents.put(Document(KIND, self._key, self._version + 1, body)):
            raise Conflict("cursor_moved", "Another receiver reads this folder.")
        self._version += 1
