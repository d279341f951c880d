"""Waits until nothing is under way: every stage has read everything that the stages before it published."""

import asyncio
import time
from datetime import UTC, datetime

from gateway.bus.opening import open_bus
from gateway.bus.port import Bus
from gateway.outbox.opening import open_outbox
from gateway.outbox.port import Outbox, PartState
from gateway.projections.sqlite import SqliteDocuments
from gateway.runtime.data_folder import DataFolder
from services.email_ingest.configuration import TRIAL_ADDRESS
from services.email_ingest.cursor import FolderCursor

READERS = (
    ("web_ingest.read", "raw.web"),
    ("zalo_ingest.read", "raw.zalo"),
    ("facebook_ingest.read", "raw.facebook"),
    ("email_ingest.read", "raw.email"),
    ("normalizer", "inbound"),
    ("normalizer", "media"),
    ("normalizer", "timers"),
    ("normalizer", "submission.commands"),
    ("dispatcher", "tickets"),
    ("dispatcher", "ticket.commands"),
    ("dispatcher", "timers"),
    ("web_ingest.send", "replies.web"),
    ("zalo_ingest.send", "replies.zalo"),
    ("facebook_ingest.send", "replies.facebook"),
    ("email_ingest.send", "replies.email"),
    ("normalizer", "reply.events"),
    ("dispatcher", "reply.events"),
    ("projections", "conversation.log"),
    ("projections", "ticket.log"),
)
"""Stage and topic in the order of the flow: output and progress are one, so what left one lies before the next."""

CARRIED = ("zalo", "facebook", "email")
UNDER_WAY = (PartState.WAITING, PartState.SENDING, PartState.UNKNOWN)
LOOK_SECONDS = 0.1


async def drained(folder: DataFolder, seconds: float, *, mails: int = 0, replies: bool = True) -> None:
    """Return when nothing is left, of so many mails in the mailbox too; raises `TimeoutError` naming what still is.

    Without `replies` those that lie in the outbox may stay there.
    """
    url = f"sqlite:///{folder.bus}"
    buses = {stage: open_bus(url, stage, clock=lambda: datetime.now(UTC)) for stage in {stage for stage, _ in READERS}}
    outbox = open_outbox(f"sqlite:///{folder.outbox}")
    documents = SqliteDocuments(folder.documents)
    cursor = FolderCursor(documents, TRIAL_ADDRESS, "INBOX")
    until = time.monotonic() + seconds
    try:
        while left := await _unfetched(cursor, mails) or await _left(buses) or (replies and await _unsent(outbox)):
            if time.monotonic() > until:
                raise TimeoutError(f"still under way: {left}")
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await documents.close()
        await outbox.close()
        for bus in buses.values():
            await bus.close()


async def _unfetched(cursor: FolderCursor, mails: int) -> dict[str, int]:
    """Mails that lie in the mailbox still; in a new one they are numbered from 1."""
    if not mails:
        return {}
    at = await cursor.load()
    left = mails - (0 if at is None else at.uid)
    return {"mailbox": left} if left > 0 else {}


async def _left(buses: dict[str, Bus]) -> dict[str, int]:
    """What is left in two passes one after the other: the flow runs in a circle, from replies back into histories."""
    left: dict[str, int] = {}
    for _ in range(2):
        for stage, topic in READERS:
            lag = await buses[stage].lag(topic, group=stage)
            if lag.messages:
                left[f"{stage} {topic}"] = lag.messages
    return left


async def _unsent(outbox: Outbox) -> dict[str, int]:
    """Replies whose ending is open, or was not told yet."""
    left: dict[str, int] = {}
    for channel in CARRIED:
        counts = await outbox.counts(channel)
        left.update({f"{channel} {state}": counts[state] for state in UNDER_WAY if counts[state]})
        untold = await outbox.endings(channel, limit=1)
        left.update({f"{channel} untold": len(untold)} if untold else {})
    return left
