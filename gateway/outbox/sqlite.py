"""The outbox on one machine: one SQLite file, filed by send stages and worked off by one sender per channel."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from gateway.errors import Invalid
from gateway.outbox import sqlite_changes as changes
from gateway.outbox import sqlite_queries as queries
from gateway.outbox import sqlite_whole as whole
from gateway.outbox.names import storable
from gateway.outbox.port import ECHO, Act, Ending, Part, PartState, Tenure
from gateway.outbox.reply import Filed
from gateway.outbox.sqlite_schema import SCHEMA
from gateway.sqlite.reader import Reader
from gateway.sqlite.writer import Writer
from gateway.store.rows import MICROSECOND, micros


def utc_now() -> datetime:
    """The machine's clock, by which echoes are dated."""
    return datetime.now(UTC)


class SqliteOutbox:
    """`gateway.outbox.port.Outbox` on one file, shared by any number of processes of one machine."""

    def __init__(self, path: Path, *, echo: timedelta = ECHO, clock: Callable[[], datetime] = utc_now) -> None:
        """Open or create the file; raises `Unavailable`. `clock` gives aware times."""
        self._echo = echo // MICROSECOND
        self._clock = clock
        self._writer = Writer(path, schema=SCHEMA)
        self._reader = Reader(path)
        self._changed: dict[str, asyncio.Event] = {}

    async def file(self, parts: Sequence[Part]) -> bool:
        """Keep all parts of one reply, waiting; raises `Invalid("parts_incomplete")` or `Invalid("naive_time")`."""
        names = {(part.reply_id, part.channel, part.account, part.count) for part in parts}
        if len(names) != 1 or [part.number for part in parts] != list(range(parts[0].count)):
            raise Invalid("parts_incomplete", "All parts of one reply are filed at once, in order.")
        filed = await self._writer.run(partial(changes.file, parts=parts))
        self._wake(parts[0].channel if filed else None)
        return filed

    async def changed(self, channel: str, *, within: float) -> None:
        """Return when this process changed something; what changed since the last call counts."""
        event = self._changed.setdefault(channel, asyncio.Event())
        with suppress(TimeoutError):
            # `wait_for` would lose a cancellation that comes at the moment of a change.
            async with asyncio.timeout(within):
                await event.wait()
        event.clear()

    async def due(self, channel: str, now: datetime, *, limit: int) -> Sequence[Part]:
        """Parts that may be handed over now, one per account at most."""
        work = partial(queries.due, channel=channel, now=micros(now), limit=max(limit, 0))
        return await self._reader.run(work)

    async def take_over(self, channel: str, now: datetime) -> Tenure:
        """Become the channel's only sender."""
        tenure = await self._writer.run(partial(changes.take_over, channel=channel, now=micros(now), echo=self._echo))
        self._wake(channel if tenure.interrupted else None)
        return tenure

    async def begin(self, part: Part, now: datetime, *, epoch: int = 0) -> bool:
        """Turn a waiting part into `sending`; raises `Conflict("sender_replaced")`."""
        micros(now)
        return await self._writer.run(partial(changes.begin, waiting=part, epoch=epoch))

    async def sent(self, reply_id: UUID, number: int, *, remote_id: str | None, now: datetime) -> None:
        """The platform took it."""
        work = partial(changes.sent, reply=reply_id, number=number, remote_id=remote_id, now=micros(now))
        self._wake(await self._writer.run(work))

    async def failed(self, reply_id: UUID, number: int, *, reason: str, now: datetime) -> None:
        """It never will be, nor will the reply's later parts."""
        work = partial(changes.failed, reply=reply_id, number=number, reason=reason, now=micros(now))
        self._wake(await self._writer.run(work))

    async def put_off(self, reply_id: UUID, number: int, *, reason: str, until: datetime) -> None:
        """Nothing was taken; it waits again until then."""
        work = partial(changes.put_off, reply=reply_id, number=number, reason=reason, until=micros(until))
        await self._writer.run(work)

    async def unknown(self, reply_id: UUID, number: int, *, reason: str, now: datetime) -> None:
        """It may have been taken."""
        self._wake(
            await self._writer.run(
                partial(changes.unknown, reply=reply_id, number=number, reason=reason, now=micros(now), echo=self._echo)
            )
        )

    async def settle(self, reply_id: UUID, number: int, *, sent: bool, by: str, now: datetime) -> bool:
        """An operator says how an unknown part ended."""
        work = partial(changes.settle, reply=reply_id, number=number, sent=sent, by=by, now=micros(now))
        return self._wake(await self._writer.run(work))

    async def repeat(self, reply_id: UUID, number: int, *, by: str, now: datetime) -> bool:
        """An operator has a failed or unknown part handed over again."""
        work = partial(changes.repeat, reply=reply_id, number=number, by=by, now=micros(now))
        return self._wake(await self._writer.run(work))

    async def acts(self, reply_id: UUID) -> Sequence[Act]:
        """What operators did about a reply, in order."""
        return await self._reader.run(partial(queries.acts, reply=reply_id))

    async def echoed(
        self, channel: str, *, token: str | None = None, remote_id: str | None = None, account: str | None = None
    ) -> Part | None:
        """The part that an echo is of, now `sent`; an echo of nothing of ours costs a look-up only."""
        known = remote_id if remote_id is None or storable(remote_id) else None
        looked_up = partial(queries.echoing, channel=channel, token=token, remote_id=known, account=account)
        found = await self._reader.run(looked_up)
        if found is None:
            return None
        work = partial(changes.echoed, found=found, remote_id=known, now=micros(self._clock()))
        part = await self._writer.run(work)
        self._wake(channel)
        return part

    async def unproven(self, channel: str, account: str) -> Sequence[Part]:
        """An account's parts that were begun and whose end is not known."""
        return await self._reader.run(partial(queries.unproven, channel=channel, account=account))

    async def part(self, reply_id: UUID, number: int) -> Part | None:
        """One part, or None."""
        return await self._reader.run(partial(queries.part, reply=reply_id, number=number))

    async def parts(self, reply_id: UUID) -> Sequence[Part]:
        """All parts of a reply, in order."""
        return await self._reader.run(partial(queries.parts, reply=reply_id))

    async def endings(self, channel: str, *, limit: int) -> Sequence[Ending]:
        """Replies that ended and were not told yet, oldest first."""
        return await self._reader.run(partial(queries.endings, channel=channel, limit=max(limit, 0)))

    async def told(self, ending: Ending) -> None:
        """This ending has been published durably."""
        await self._writer.run(partial(changes.told, ending=ending))

    async def open_parts(self, channel: str, state: PartState, *, limit: int) -> Sequence[Part]:
        """Parts in a state, oldest first."""
        work = partial(queries.open_parts, channel=channel, state=state, limit=max(limit, 0))
        return await self._reader.run(work)

    async def counts(self, channel: str) -> Mapping[PartState, int]:
        """How many parts are in each state."""
        return await self._reader.run(partial(queries.counts, channel=channel))

    async def trim(self, before: datetime, *, limit: int = 500) -> int:
        """Forget the parts of replies that ended before this instant; raises `Invalid("naive_time")`."""
        return await self._writer.run(partial(changes.trim, before=micros(before), limit=max(limit, 0)))

    async def replies(self, *, after: Filed | None = None, limit: int = 500) -> Sequence[Filed]:
        """Every reply that has parts, in the order of filing, after one of them."""
        place = 0 if after is None else after.place
        return await self._reader.run(partial(whole.replies, after=place, limit=max(limit, 0)))

    async def forgotten(self, *, after: UUID | None = None, limit: int = 500) -> Sequence[UUID]:
        """Every reply that was trimmed, by id, after an id."""
        name = b"" if after is None else after.bytes
        return await self._reader.run(partial(whole.forgotten, after=name, limit=max(limit, 0)))

    async def adopt(self, *, replies: Sequence[Filed] = (), forgotten: Sequence[UUID] = ()) -> None:
        """Keep replies as they stand in another outbox, and that others were filed there once."""
        await self._writer.run(partial(whole.adopt, filed=replies, trimmed=forgotten))

    async def close(self) -> None:
        """Finish what is under way and close the file."""
        await self._writer.close()
        await self._reader.close()

    def _wake(self, channel: str | None) -> bool:
        """Wake whoever waits for changes of a channel; whether there was one."""
        if channel is None:
            return False
        self._changed.setdefault(channel, asyncio.Event()).set()
        return True
