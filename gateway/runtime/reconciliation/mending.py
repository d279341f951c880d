"""Publishes again what a search misses, once each, under a lease; downstream everything is taken once by its cause."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.bus.port import Bus
from gateway.domain.tracing import entering
from gateway.errors import GatewayError, Invalid
from gateway.runtime.deployment import Deployment
from gateway.runtime.reconciliation.finding import GRACE, REST, Missed, Search, Writer
from gateway.store.port import Store
from schemas.envelope import Message

log = logging.getLogger(__name__)

RECONCILIATION_STAGE = "reconciliation"
"""A producer of its own: where a bus publishes an id once, the first record may be the one that was passed by."""

EVERY_SECONDS = 3600.0
FIRST_SECONDS = 60.0

PERIOD = timedelta(hours=25)
"""How far back each round looks: a day, and the hour between two rounds."""

LEASE = timedelta(minutes=5)

NOTHING = b"nothing"
"""Stands, in the claim that a commit was seen to, for one of which nothing can be published: its citizen was erased."""


@dataclass(frozen=True, slots=True)
class Mended:
    """What of a missed commit was published again; `messages` is empty for one that cannot be, with the reason."""

    missed: Missed
    messages: tuple[Message, ...]
    reason: str = ""


async def keep_reconciled(deployment: Deployment, writer: Writer) -> None:
    """Look once an hour until cancelled, if nobody else does."""
    owner = f"{deployment.process}/{secrets.token_hex(8)}".encode()
    deployment.metrics.reconciled.labels(writer.stage)  # seen to be none, from the start
    await asyncio.sleep(FIRST_SECONDS)
    while True:
        try:
            await reconcile_once(deployment, writer, owner)
        except GatewayError as error:
            log.warning("reconciliation_waits", extra={"stage": writer.stage, "reason": error.reason})
        await asyncio.sleep(EVERY_SECONDS)


async def reconcile_once(
    deployment: Deployment, writer: Writer, owner: bytes, *, grace: timedelta = GRACE
) -> Sequence[Mended]:
    """One round: publish again, once ever, what is missed of the last day; nothing while another holds the lease.

    What was published again before and is missed all the same needs a person: it is logged and left alone.
    """
    store = deployment.store
    done: list[Mended] = []
    if not await _leased(store, writer, owner, deployment.clock()):
        return done
    async for missed in search(deployment, writer, grace=grace).missed(deployment.clock() - PERIOD):
        if not await _leased(store, writer, owner, deployment.clock()):
            break
        commit = missed.commit
        named = {"stage": writer.stage, "history": commit.history, "version": commit.version, "topic": missed.topic}
        key = f"reconciled/{missed.topic}/{commit.history}/{commit.version}"
        before = await store.holder(key)
        if before is not None:
            if before != NOTHING:
                log.error("still_missing", extra=named)
            continue
        mended = await mend(deployment.bus(RECONCILIATION_STAGE), writer, missed)
        # Claimed after it is durable: a crash in between publishes the same once more, which does no harm.
        await store.claim(key, deployment.clock().isoformat().encode() if mended.messages else NOTHING)
        if mended.messages:
            deployment.metrics.reconciled.labels(writer.stage).inc()
            log.error("reconciled", extra={**named, "messages": len(mended.messages)})
        else:
            log.warning("not_reconciled", extra={**named, "reason": mended.reason})
        done.append(mended)
    await store.release(_lease_key(writer), owner)
    return done


def search(deployment: Deployment, writer: Writer, *, grace: timedelta = GRACE, rest: float = REST) -> Search:
    """A search on a deployment's ports."""
    return Search(
        writer,
        store=deployment.store,
        bus=deployment.bus(RECONCILIATION_STAGE),
        outbox=deployment.outbox,
        clock=deployment.clock,
        grace=grace,
        rest=rest,
    )


async def mend(bus: Bus | None, writer: Writer, missed: Missed) -> Mended:
    """Publish again what is missed of a commit; without a bus only say what that would be. Raises `Unavailable`.

    Of a commit that is not even on its log everything is published, else what the one topic lacks.
    """
    try:
        messages = await writer.again(missed.commit)
    except Invalid as error:
        return Mended(missed, (), error.reason)
    lost = tuple(entering(message) for message in messages if missed.topic in (writer.log, message.topic))
    if bus is not None:
        await bus.publish(*lost)
    return Mended(missed, lost)


async def looked_through(
    deployment: Deployment, writer: Writer, since: datetime, *, grace: timedelta, dry_run: bool
) -> AsyncIterator[Mended]:
    """For operators: what is missed since an instant, published again unless it is a dry run."""
    async for missed in search(deployment, writer, grace=grace, rest=0.0).missed(since):
        yield await mend(None if dry_run else deployment.bus(RECONCILIATION_STAGE), writer, missed)


def _lease_key(writer: Writer) -> str:
    return f"lease/reconciliation/{writer.stage}"


async def _leased(store: Store, writer: Writer, owner: bytes, now: datetime) -> bool:
    return await store.claim(_lease_key(writer), owner, until=now + LEASE) == owner
