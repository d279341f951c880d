"""The outbox for many machines: a reply with its parts is one document in one MongoDB database."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from gateway.errors import Invalid
from gateway.mongo.connection import Connection
from gateway.mongo.errors import as_ours
from gateway.outbox import mongo_queries as queries
from gateway.outbox import mongo_replies, mongo_tenure, mongo_whole, reply
from gateway.outbox.mongo_turns import Turns
from gateway.outbox.names import storable
from gateway.outbox.port import Act, Ending, Part, PartState, Tenure
from gateway.outbox.reply import Change, Filed, Reply
from gateway.store.rows import micros


class MongoOutbox:
    """`gateway.outbox.port.Outbox` on one database, shared by any number of processes on any number of machines."""

    def __init__(self, url: str, *, echo: timedelta, clock: Callable[[], datetime]) -> None:
        """Make the indexes; raises `Unavailable`. `clock` gives aware times."""
        self._echo = echo
        self._clock = clock
        self._connection = Connection(url, mongo_replies.INDEXES)
        self._changed: dict[str, asyncio.Event] = {}
        self._filed = 0
        self._turns = Turns()

    async def file(self, parts: Sequence[Part]) -> bool:
        """Keep all parts of one reply, waiting; raises `Invalid("parts_incomplete")` or `Invalid("naive_time")`."""
        names = {(part.reply_id, part.channel, part.account, part.count) for part in parts}
        if len(names) != 1 or [part.number for part in parts] != list(range(parts[0].count)):
            raise Invalid("parts_incomplete", "All parts of one reply are filed at once, in order.")
        self._filed = max(self._filed + 1, time.time_ns() // 1000)
        with as_ours():
            filed = await mongo_replies.insert(self._connection, reply.filed(tuple(parts)), self._filed)
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
        """Parts that may be handed over now, one per account at most.

        What a sender left under way that was replaced while it began becomes unknown here.
        """
        micros(now)
        if limit <= 0:
            return []
        with as_ours():
            async with self._turns.alone():
                if await mongo_tenure.interrupt_replaced(self._connection, channel, now, self._echo):
                    self._wake(channel)
                return await queries.due(self._connection, channel, now, limit)

    async def take_over(self, channel: str, now: datetime) -> Tenure:
        """Become the channel's only sender."""
        micros(now)
        with as_ours():
            tenure = await mongo_tenure.take_over(self._connection, channel, now, self._echo)
        self._wake(channel if tenure.interrupted else None)
        return tenure

    async def begin(self, part: Part, now: datetime, *, epoch: int = 0) -> bool:
        """Turn a waiting part into `sending`; raises `Conflict("sender_replaced")`.

        After `Unavailable` it may be `sending`, which only the next tenure ends: nothing is handed over twice.
        """
        micros(now)
        with as_ours():
            async with self._turns.changing():
                return await mongo_tenure.begin(self._connection, part, epoch)

    async def sent(self, reply_id: UUID, number: int, *, remote_id: str | None, now: datetime) -> None:
        """The platform took it."""
        await self._change(reply_id, partial(reply.sent, number=number, remote_id=remote_id, now=now))

    async def failed(self, reply_id: UUID, number: int, *, reason: str, now: datetime) -> None:
        """It never will be, nor will the reply's later parts."""
        await self._change(reply_id, partial(reply.failed, number=number, reason=reason, now=now))

    async def put_off(self, reply_id: UUID, number: int, *, reason: str, until: datetime) -> None:
        """Nothing was taken; it waits again until then."""
        how = partial(reply.put_off, number=number, reason=reason, until=until)
        await self._change(reply_id, how, wake=False)

    async def unknown(self, reply_id: UUID, number: int, *, reason: str, now: datetime) -> None:
        """It may have been taken."""
        await self._change(reply_id, partial(reply.doubted, number=number, reason=reason, now=now, echo=self._echo))

    async def settle(self, reply_id: UUID, number: int, *, sent: bool, by: str, now: datetime) -> bool:
        """An operator says how an unknown part ended."""
        how = partial(reply.settled, number=number, taken=sent, by=by, now=now)
        return await self._change(reply_id, how) is not None

    async def repeat(self, reply_id: UUID, number: int, *, by: str, now: datetime) -> bool:
        """An operator has a failed or unknown part handed over again."""
        return await self._change(reply_id, partial(reply.repeated, number=number, by=by, now=now)) is not None

    async def acts(self, reply_id: UUID) -> Sequence[Act]:
        """What operators did about a reply, in order."""
        with as_ours():
            kept = await mongo_replies.find(self._connection, reply_id)
        return [] if kept is None else list(kept.reply.acts)

    async def echoed(
        self, channel: str, *, token: str | None = None, remote_id: str | None = None, account: str | None = None
    ) -> Part | None:
        """The part that an echo is of, now `sent`; an echo of nothing of ours costs a look-up only."""
        known = remote_id if remote_id is None or storable(remote_id) else None
        with as_ours():
            found = await queries.echoing(self._connection, channel, token, known, account)
        if found is None:
            return None
        name = found.remote_id or known
        after = await self._change(
            found.reply_id, partial(reply.sent, number=found.number, remote_id=name, now=self._clock())
        )
        return None if after is None else after.parts[found.number]

    async def unproven(self, channel: str, account: str) -> Sequence[Part]:
        """An account's parts that were begun and whose end is not known."""
        with as_ours():
            return await queries.unproven(self._connection, channel, account)

    async def part(self, reply_id: UUID, number: int) -> Part | None:
        """One part, or None."""
        with as_ours():
            return await queries.part(self._connection, reply_id, number)

    async def parts(self, reply_id: UUID) -> Sequence[Part]:
        """All parts of a reply, in order."""
        with as_ours():
            kept = await mongo_replies.find(self._connection, reply_id)
        return [] if kept is None else list(kept.reply.parts)

    async def endings(self, channel: str, *, limit: int) -> Sequence[Ending]:
        """Replies that ended and were not told yet, oldest first."""
        with as_ours():
            return await queries.endings(self._connection, channel, limit) if limit > 0 else []

    async def told(self, ending: Ending) -> None:
        """This ending has been published durably."""
        await self._change(ending.reply_id, partial(reply.told, revision=ending.revision), wake=False)

    async def open_parts(self, channel: str, state: PartState, *, limit: int) -> Sequence[Part]:
        """Parts in a state, oldest first."""
        with as_ours():
            return await queries.open_parts(self._connection, channel, state, limit) if limit > 0 else []

    async def counts(self, channel: str) -> Mapping[PartState, int]:
        """How many parts are in each state."""
        with as_ours():
            return await queries.counts(self._connection, channel)

    async def trim(self, before: datetime, *, limit: int = 500) -> int:
        """Forget the parts of replies that ended before this instant; raises `Invalid("naive_time")`."""
        wanted = {"forgettable": mongo_replies.FORGETTABLE, "ended_at": {"$lt": micros(before)}}
        if limit <= 0:
            return 0
        with as_ours():
            found = mongo_replies.select(self._connection, wanted, limit, ("ended_at", "place"))
            names = [kept.reply.parts[0].reply_id async for kept in found]
            return sum([await mongo_replies.forget(self._connection, name) for name in names])

    async def replies(self, *, after: Filed | None = None, limit: int = 500) -> Sequence[Filed]:
        """Every reply that has parts, in the order of filing, after one of them."""
        with as_ours():
            return await mongo_whole.replies(self._connection, after, limit) if limit > 0 else []

    async def forgotten(self, *, after: UUID | None = None, limit: int = 500) -> Sequence[UUID]:
        """Every reply that was trimmed, by id, after an id."""
        with as_ours():
            return await mongo_whole.forgotten(self._connection, after, limit) if limit > 0 else []

    async def adopt(self, *, replies: Sequence[Filed] = (), forgotten: Sequence[UUID] = ()) -> None:
        """Keep replies as they stand in another outbox, and that others were filed there once."""
        with as_ours():
            await mongo_whole.adopt(self._connection, replies, forgotten)

    async def close(self) -> None:
        """Give up the connection."""
        await self._connection.close()

    async def _change(self, reply_id: UUID, how: Change, *, wake: bool = True) -> Reply | None:
        """Change one reply, not while this process looks for what is due; None where it does not apply."""
        with as_ours():
            async with self._turns.changing():
                after = await mongo_replies.change(self._connection, reply_id, how)
        self._wake(after.parts[0].channel if after is not None and wake else None)
        return after

    def _wake(self, channel: str | None) -> None:
        """Wake whoever waits for changes of a channel."""
        if channel is not None:
            self._changed.setdefault(channel, asyncio.Event()).set()
