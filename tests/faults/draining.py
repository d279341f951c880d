"""Waits until nothing is under way: every stage has read everything that the stages before it published."""

import asyncio
import time
from datetime import UTC, datetime

from gateway.bus.port import Bus
from gateway.errors import Unavailable
from gateway.outbox.port import Outbox, PartState
from gateway.runtime.spool.backlog import Backlog
from gateway.store.port import Store
from services.email_ingest.configuration import TRIAL_ADDRESS
from services.email_ingest.cursor import FolderCursor
from tests.faults.places import Places

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

REST = 4.0
MOST_REST_SECONDS = 3.0
"""Pauses are this much longer than a look, which in a cluster is many questions: it must not slow what it waits for."""


async def drained(places: Places, seconds: float, *, mails: int = 0, replies: bool = True) -> None:
    """Return when nothing is left, of so many mails in the mailbox too; raises `TimeoutError` naming what still is.

    Without `replies` those that lie in the outbox may stay there.
    """
    stages = {stage for stage, _ in READERS}
    # In a data folder each stage has its own file, in which its progress lies too.
    one = places.bus("checker") if places.clustered else None
    buses = {stage: one or places.bus(stage) for stage in stages}
    outbox, documents, store = places.outbox(), places.documents(), places.store()
    cursor = FolderCursor(documents, TRIAL_ADDRESS, "INBOX")
    until = time.monotonic() + seconds

    async def look() -> dict[str, int]:
        try:
            return (
                await _unfetched(cursor, mails)
                or await _spooled(places)
                or await _due(store)
                or await _left(buses)
                or (await _unsent(outbox) if replies else {})
            )
        except Unavailable as error:
            # A server that has just come up again may not answer everything yet.
            return {error.reason: 1}

    try:
        while True:
            began = time.monotonic()
            left = await look()
            if not left:
                break
            if time.monotonic() > until:
                raise TimeoutError(f"still under way: {left}")
            await asyncio.sleep(min(max(LOOK_SECONDS, REST * (time.monotonic() - began)), MOST_REST_SECONDS))
    finally:
        await store.close()
        await documents.close()
        await outbox.close()
        for bus in set(buses.values()):
            await bus.close()


async def _spooled(places: Places) -> dict[str, int]:
    """What waits on this machine for the broker."""
    left: dict[str, int] = {}
    for folder in places.data.spool.glob("*"):
        backlog = Backlog(folder, "checker", lambda: datetime.now(UTC))
        size = await backlog.size()
        await backlog.close()
        left.update({f"spool {folder.name}": size.messages} if size.messages else {})
    return left


async def _due(store: Store) -> dict[str, int]:
    """Timers whose time has come and that did not fire yet."""
    due = await store.due(datetime.now(UTC))
    return {"timers": len(due)} if due else {}


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
