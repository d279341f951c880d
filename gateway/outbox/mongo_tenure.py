"""One sender a channel and one part a citizen at a time, without a transaction: look, change, and look again.

Whoever begins a part looks after its change whether it was still entitled to it, and takes the change back if not,
before anything is handed over. Taking over counts the tenure first and looks for parts under way then. So of a change
and a tenure, or of two changes, at least one sees the other, and none returns as begun what another may begin.
"""

from datetime import datetime, timedelta
from functools import partial

from pymongo.errors import DuplicateKeyError

from gateway.errors import Conflict
from gateway.mongo.connection import Connection
from gateway.outbox import mongo_replies, reply
from gateway.outbox.mongo_replies import lane
from gateway.outbox.port import Part, PartState, Tenure

TENURES = "outbox_tenures"


async def present(connection: Connection, channel: str) -> int:
    """The epoch of the tenure that holds; 0 before the first one."""
    doc = await connection[TENURES].find_one({"_id": channel})
    return 0 if doc is None else int(doc["epoch"])


async def take_over(connection: Connection, channel: str, now: datetime, echo: timedelta) -> Tenure:
    """Begin a new tenure, then make unknown what earlier ones have under way."""
    epoch = await _next(connection, channel)
    return Tenure(epoch, await interrupt(connection, channel, epoch, now, echo))


async def interrupt_replaced(connection: Connection, channel: str, now: datetime, echo: timedelta) -> int:
    """Do so for whoever was replaced while it began; who holds the channel is asked only if anything is under way."""
    under_way = mongo_replies.select(connection, {PartState.SENDING.value: channel}, 1)
    if not [kept async for kept in under_way]:
        return 0
    return await interrupt(connection, channel, await present(connection, channel), now, echo)


async def interrupt(connection: Connection, channel: str, epoch: int, now: datetime, echo: timedelta) -> int:
    """Make unknown what was begun in a tenure before this one; returns how many parts that were."""
    done = 0
    wanted = {PartState.SENDING.value: channel}
    for kept in [one async for one in mongo_replies.select(connection, wanted)]:
        if kept.reply.epoch < epoch:
            how = partial(_interrupted, epoch=epoch, now=now, echo=echo)
            done += await mongo_replies.change(connection, kept.reply.parts[0].reply_id, how) is not None
    return done


async def begin(connection: Connection, part: Part, epoch: int) -> bool:
    """Turn a waiting part into `sending`; raises `Conflict("sender_replaced")`."""
    await _refuse_replaced(connection, part.channel, epoch)
    if await _others(connection, part):
        return False
    how = partial(reply.begun, number=part.number, epoch=epoch)
    if await mongo_replies.change(connection, part.reply_id, how) is None:
        return False
    try:
        await _refuse_replaced(connection, part.channel, epoch)
        entitled = not await _others(connection, part)
    except Conflict:
        await _withdraw(connection, part, epoch)
        raise
    if not entitled:
        await _withdraw(connection, part, epoch)
    return entitled


def _interrupted(one: reply.Reply, *, epoch: int, now: datetime, echo: timedelta) -> reply.Reply | None:
    return reply.interrupted(one, now, echo) if one.epoch < epoch else None


async def _next(connection: Connection, channel: str) -> int:
    while True:
        epoch = await present(connection, channel)
        try:
            if epoch == 0:
                await connection[TENURES].insert_one({"_id": channel, "epoch": 1})
                return 1
            held = {"_id": channel, "epoch": epoch}
            if (await connection[TENURES].update_one(held, {"$set": {"epoch": epoch + 1}})).matched_count:
                return epoch + 1
        except DuplicateKeyError:
            continue  # Another sender was first, and is replaced in the next round.


async def _refuse_replaced(connection: Connection, channel: str, epoch: int) -> None:
    if await present(connection, channel) > epoch:
        raise Conflict("sender_replaced", "Another sender is in charge of the channel now.")


async def _others(connection: Connection, part: Part) -> bool:
    """Whether another reply of the account has a part under way."""
    wanted = {"lane": lane(part.channel, part.account), PartState.SENDING.value: part.channel}
    found = [one.reply.parts[0].reply_id async for one in mongo_replies.select(connection, wanted)]
    return any(reply_id != part.reply_id for reply_id in found)


async def _withdraw(connection: Connection, part: Part, epoch: int) -> None:
    how = partial(reply.withdrawn, number=part.number, epoch=epoch)
    await mongo_replies.change(connection, part.reply_id, how)
