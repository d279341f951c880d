"""The one place of the channel that publishes: a mail is filed, its record published, and then the cursor moves.

Killed anywhere between these, the gateway does the rest again: the same source is the same file, the same mail the
same record id, and later stages take it once.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice

from gateway.bus.port import Bus
from gateway.domain.channel_messages import raw_message
from gateway.domain.identity import Identity
from gateway.errors import Unavailable
from gateway.files.port import Files
from gateway.runtime.metrics import Metrics
from gateway.runtime.successors import Successors
from schemas.files import FileRef
from schemas.raw import Raw
from schemas.vocabulary import Intake
from services.email_ingest.cursor import Cursor, FolderCursor
from services.email_ingest.imap import FETCH_REFUSED, MOST_AT_ONCE, ImapConnection
from services.email_ingest.raw import CHANNEL, SOURCE_TYPE, kept, raw_of, sender_of
from services.email_ingest.responses import Listed, Selected

log = logging.getLogger(__name__)

PIECE = 1_048_576
"""Bytes of one mail that are asked for at once."""

PATIENCE = 5
"""How often a mail is asked for that the server lists and does not give."""


@dataclass(frozen=True)
class Intaking:
    """What taking mails in works with; `bus` is the one of the stage `email_ingest.receive`, `clock` gives aware UTC.

    `check_room` raises `Unavailable("disk_full")` when nothing more may be taken.
    """

    mailbox: str
    bus: Bus
    files: Files
    identity: Identity
    successors: Successors
    clock: Callable[[], datetime]
    metrics: Metrics
    check_room: Callable[[], None]
    max_bytes: int
    from_beginning: bool
    trial: bool


class Receive:
    """Takes in what is new in one folder."""

    def __init__(self, intaking: Intaking, cursor: FolderCursor) -> None:
        """Take what it works with and how far the folder was read."""
        self._with = intaking
        self._durable = cursor
        self._cursor = Cursor(0, 0)
        self._refused: dict[int, int] = {}
        self._received = intaking.metrics.received.labels(CHANNEL, Intake.EMAIL)
        for outcome in ("gone", "left_alone", "cut", "unfetchable", "erased"):
            intaking.metrics.mails.labels(outcome)

    async def begin(self, connection: ImapConnection, found: Selected) -> None:
        """Find the place to go on from in a folder that was just opened; raises `Unavailable` or `Conflict`."""
        if found.uidvalidity is None:
            raise Unavailable("no_uidvalidity", "The mail server keeps no UIDs, so that nothing could be found again.")
        known = await self._durable.load()
        if known is None:
            known = await self._first_start(connection, found.uidvalidity)
        elif known.uidvalidity != found.uidvalidity:
            log.warning("mailbox_renumbered", extra={"channel": CHANNEL, "count": found.exists})
            known = known.renumbered(found.uidvalidity)
            await self._durable.move(known)
        self._cursor = known

    async def catch_up(self, connection: ImapConnection) -> int:
        """Take everything after the cursor; returns how many mails. Raises `Unavailable` or `Conflict`."""
        count = 0
        while uids := await connection.uids(self._cursor.uid + 1):
            for some in _in_pieces(uids, MOST_AT_ONCE):
                count += await self._take(connection, some)
        return count

    async def _first_start(self, connection: ImapConnection, uidvalidity: int) -> Cursor:
        there = () if self._with.from_beginning else await connection.uids(1)
        if there:
            newest = (await connection.listed(there[-1:])).get(there[-1])
            first = Cursor(uidvalidity, there[-1], newest.arrived_at if newest else None)
            log.warning("older_mail_left_alone", extra={"channel": CHANNEL, "count": len(there)})
        else:
            first = Cursor(uidvalidity, 0)
        await self._durable.move(first)
        return first

    async def _take(self, connection: ImapConnection, uids: Sequence[int]) -> int:
        """Take these in, in order, and move the cursor behind each group that is durable."""
        listing = await connection.listed(uids)
        self._count("gone", len(uids) - len(listing))
        wanted = [uid for uid in uids if uid in listing and not self._cursor.left_alone(listing[uid].arrived_at)]
        self._count("left_alone", len(listing) - len(wanted))
        count = 0
        for group in _groups(wanted, listing):
            count += await self._take_group(connection, group, listing)
            await self._moved_to(group[-1])
        await self._moved_to(uids[-1])
        return count

    async def _take_group(self, connection: ImapConnection, group: Sequence[int], listing: dict[int, Listed]) -> int:
        """Fetch, file and publish some mails; those that others removed since they were listed are counted."""
        self._with.check_room()
        begun = await self._begun(connection, group)
        sources: list[tuple[bytes, int]] = []
        for uid in [uid for uid in group if uid in begun]:
            source = await self._whole(connection, uid, begun.pop(uid))
            if source is not None:
                sources.append((source, listing[uid].size))
        filed = await asyncio.gather(*(self._filed(source, size) for source, size in sources))
        raws = [raw for raw in filed if raw is not None]
        if raws:
            await self._with.bus.publish(*(raw_message(raw) for raw in raws))
        self._received.inc(len(raws))
        return len(raws)

    async def _begun(self, connection: ImapConnection, group: Sequence[int]) -> dict[int, bytes]:
        """The first piece of each mail; when the server refuses to give all, each is asked for alone."""
        try:
            begun = await connection.bodies(group, begin=0, length=PIECE)
        except Unavailable as error:
            if error.reason != FETCH_REFUSED:
                raise
            begun = {}
            for uid in group:
                begun.update(await self._alone(connection, uid))
        self._count("gone", sum(uid not in begun and self._refused.get(uid, 0) < PATIENCE for uid in group))
        return begun

    async def _alone(self, connection: ImapConnection, uid: int) -> dict[int, bytes]:
        """One mail that the server may be unable to give: after some attempts the others no longer wait for it."""
        try:
            return await connection.bodies([uid], begin=0, length=PIECE)
        except Unavailable as error:
            if error.reason != FETCH_REFUSED:
                raise
            self._refused[uid] = self._refused.get(uid, 0) + 1
            if self._refused[uid] < PATIENCE:
                raise
        log.error("mail_unfetchable", extra={"channel": CHANNEL, "reason": FETCH_REFUSED, "uid": uid})
        self._count("unfetchable", 1)
        return {}

    async def _whole(self, connection: ImapConnection, uid: int, begun: bytes) -> bytes | None:
        """The rest of a mail that is longer than one piece, up to the limit; None when it was removed meanwhile.

        The listed size is an estimate on some servers: the end is where less comes than was asked for.
        """
        if len(begun) < PIECE:
            return begun
        limit = self._with.max_bytes
        pieces, length = [begun], len(begun)
        while length <= limit and length % PIECE == 0:
            more = (await connection.bodies([uid], begin=length, length=PIECE)).get(uid)
            if more is None and uid not in await connection.listed([uid]):
                self._count("gone", 1)
                return None
            if not more:
                break
            pieces.append(more)
            length += len(more)
        if length > limit:
            self._count("cut", 1)
            pieces[-1] = pieces[-1][: limit - length]
        return b"".join(pieces)

    async def _filed(self, source: bytes, size: int) -> Raw | None:
        """The record of a mail whose source is filed; None for one that was taken before its sender was erased."""
        given = self._with
        sender = await given.successors.heard(
            partial(sender_of, mailbox=given.mailbox, source=source), lambda found: found
        )
        if sender is None:
            self._count("erased", 1)
            return None
        file = await self._put(sender[0], source)
        return raw_of(
            given.identity,
            mailbox=given.mailbox,
            source=source,
            file=file,
            received_at=given.clock(),
            # What a server lists is often an estimate: it counts only where a mail was cut.
            size=size if len(source) >= given.max_bytes else None,
            trial=given.trial,
        )

    async def _put(self, owner: str, source: bytes) -> FileRef:
        return await self._with.files.put(owner, kept(source), media_type=SOURCE_TYPE)

    async def _moved_to(self, uid: int) -> None:
        if uid > self._cursor.uid:
            moved = Cursor(self._cursor.uidvalidity, uid, self._cursor.since)
            await self._durable.move(moved)
            self._cursor = moved

    def _count(self, outcome: str, count: int) -> None:
        if count:
            self._with.metrics.mails.labels(outcome).inc(count)


def _in_pieces(uids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    left = iter(uids)
    while some := list(islice(left, size)):
        yield some


def _groups(uids: Sequence[int], listing: dict[int, Listed]) -> Iterator[Sequence[int]]:
    """Consecutive mails that are fetched at once because together they are small; a large one is alone."""
    group: list[int] = []
    total = 0
    for uid in uids:
        size = listing[uid].size
        if group and total + size > PIECE:
            yield group
            group, total = [], 0
        group.append(uid)
        total += size
    if group:
        yield group
